// Package security holds the repository to what docs/security.md says of it.
package security

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const root = "../.."

// files are those of the repository, by their paths.
func files(t *testing.T) map[string][]byte {
	t.Helper()
	list, err := exec.CommandContext(t.Context(), "git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard").Output()
	if err != nil {
		t.Fatalf("list the repository: %v", err)
	}
	out := make(map[string][]byte)
	for name := range strings.SplitSeq(strings.TrimSuffix(string(list), "\x00"), "\x00") {
		data, err := os.ReadFile(filepath.Join(root, name))
		if os.IsNotExist(err) {
			continue // deleted, and not yet committed
		}
		if err != nil {
			t.Fatal(err)
		}
		out[name] = data
	}
	if len(out) < 500 {
		t.Fatalf("the repository has %d files only", len(out))
	}
	return out
}

// TestEveryThreatHasItsTest: each row of the threat model names tests, and each of
// them is there.
func TestEveryThreatHasItsTest(t *testing.T) {
	all := files(t)
	known, declared := make(map[string]bool), regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	for name, data := range all {
		if base := filepath.Base(name); strings.HasSuffix(base, ".test.mjs") {
			known[base] = true
		}
		if strings.HasSuffix(name, "_test.go") {
			for _, m := range declared.FindAllSubmatch(data, -1) {
				known[string(m[1])] = true
			}
		}
	}
	named, rows := regexp.MustCompile("`([^`]+)`"), 0
	for line := range strings.Lines(string(all["docs/security.md"])) {
		cells := strings.Split(strings.TrimSpace(line), " | ")
		if len(cells) != 4 || !regexp.MustCompile(`^\| [STRIDE]$`).MatchString(cells[0]) {
			continue
		}
		rows++
		tests := named.FindAllStringSubmatch(cells[3], -1)
		if len(tests) == 0 {
			t.Errorf("no test is named: %s", line)
		}
		for _, test := range tests {
			if !known[test[1]] {
				t.Errorf("there is no %s: %s", test[1], line)
			}
		}
	}
	if rows < 40 {
		t.Errorf("%d threats were read only", rows)
	}
}

// keys are what key material looks like; those of tests are made as they run.
var keys = map[string]*regexp.Regexp{
	"a private key":            regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/=]{40}`),
	"a seed of NATS":           regexp.MustCompile(`\bS[UAOC][A-Z2-7]{56}\b`),
	"a key of AWS":             regexp.MustCompile(`\bAKIA[0-9A-Z]{16}\b`),
	"a token of a forge":       regexp.MustCompile(`\b(ghp|gho|ghs|github_pat|glpat)[_-][A-Za-z0-9_-]{20,}`),
	"a key of Google":          regexp.MustCompile(`\bAIza[0-9A-Za-z_-]{35}\b`),
	"a token of Slack":         regexp.MustCompile(`\bxox[abps]-[0-9A-Za-z-]{10,}`),
	"a token of npm":           regexp.MustCompile(`\bnpm_[A-Za-z0-9]{36}\b`),
	"a private key, JSON":      regexp.MustCompile(`"d"\s*:\s*"[A-Za-z0-9_-]{40,}"`),
	"a password in an address": regexp.MustCompile(`\b(mongodb(\+srv)?|nats|tls|https?)://[A-Za-z0-9_.-]+:[A-Za-z0-9+/=_-]{16,}@`),
}

// TestNoKeyIsInTheRepository, nor a file whose name is that of one.
func TestNoKeyIsInTheRepository(t *testing.T) {
	names := regexp.MustCompile(`\.(pem|key|p12|pfx|jks|creds|nk)$|(^|/)(\.env|id_(rsa|ed25519))$`)
	for name, data := range files(t) {
		if names.MatchString(name) {
			t.Errorf("%s is called like a key", name)
		}
		if bytes.IndexByte(data[:min(len(data), 8000)], 0) >= 0 {
			continue // no text
		}
		for what, form := range keys {
			if found := form.Find(data); found != nil {
				t.Errorf("%s has %s: %.20s…", name, what, found)
			}
		}
	}
	// What is looked for would be found.
	for what, sample := range map[string]string{
		"a private key":  "-----BEGIN EC " + "PRIVATE KEY-----\n" + strings.Repeat("A", 48),
		"a seed of NATS": "SU" + strings.Repeat("A", 56), "a key of AWS": "AKI" + "A" + strings.Repeat("B", 16),
	} {
		if !keys[what].MatchString(sample) {
			t.Errorf("%s is not found", what)
		}
	}
}

// TestDependenciesArePinned: each module has its sums, each package of npm its lock,
// and nothing is fetched in whatever version there is.
func TestDependenciesArePinned(t *testing.T) {
	all := files(t)
	for name, data := range all {
		dir := filepath.Dir(name)
		beside := func(other string) bool { _, there := all[filepath.Join(dir, other)]; return there }
		switch filepath.Base(name) {
		case "go.mod":
			if bytes.Contains(data, []byte("require")) && !beside("go.sum") && !bytes.Contains(data, []byte("fresque.dev/services/web")) {
				t.Errorf("%s has no go.sum", name)
			}
		case "package.json":
			if bytes.Contains(data, []byte(`"dependencies"`)) || bytes.Contains(data, []byte(`"devDependencies"`)) {
				if !beside("package-lock.json") {
					t.Errorf("%s has no package-lock.json", name)
				}
			}
		case "package-lock.json":
			for _, m := range regexp.MustCompile(`"resolved": "([^"]+)"`).FindAllSubmatch(data, -1) {
				if !bytes.HasPrefix(m[1], []byte("https://registry.npmjs.org/")) {
					t.Errorf("%s takes %s", name, m[1])
				}
			}
			if n, sums := bytes.Count(data, []byte(`"resolved":`)), bytes.Count(data, []byte(`"integrity":`)); sums < n {
				t.Errorf("%s: %d packages have no digest", name, n-sums)
			}
		}
	}
	loose := regexp.MustCompile(`@latest\b|npm install\b|npx -y|go get `)
	for _, name := range []string{"Makefile", "test/security/scan.sh", "deploy/images/build.sh"} {
		if found := loose.Find(all[name]); found != nil {
			t.Errorf("%s has %s", name, found)
		}
	}
}
