package deploy

import (
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

const root = "../.."

var images = []string{"board", "media", "web"}

// dockerfile is one read as BuildKit reads it.
type dockerfile struct {
	stages []instructions.Stage
	args   map[string]string
}

func readDockerfile(t *testing.T, image string) dockerfile {
	t.Helper()
	f, err := os.Open(filepath.Join(root, "deploy/images", image, "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	parsed, err := parser.Parse(f)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range parsed.Warnings {
		t.Errorf("%s: %s", image, w.Short)
	}
	stages, args, err := instructions.Parse(parsed.AST, nil)
	if err != nil {
		t.Fatal(err)
	}
	d := dockerfile{stages: stages, args: map[string]string{}}
	for _, a := range args {
		for _, kv := range a.Args {
			d.args[kv.Key] = kv.ValueString()
		}
	}
	return d
}

func (d dockerfile) last() instructions.Stage { return d.stages[len(d.stages)-1] }

func (d dockerfile) base(s instructions.Stage) string {
	return regexp.MustCompile(`\$\{(\w+)\}`).ReplaceAllStringFunc(s.BaseName, func(v string) string { return d.args[strings.Trim(v, "${}")] })
}

// one gives the only instruction of a type in the last stage.
func one[T instructions.Command](t *testing.T, s instructions.Stage) T {
	t.Helper()
	var found []T
	for _, c := range s.Commands {
		if v, ok := c.(T); ok {
			found = append(found, v)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d of %T", len(found), *new(T))
	}
	return found[0]
}

func TestImagesArePinnedAndRunAsNobody(t *testing.T) {
	pinned := regexp.MustCompile(`^[a-z0-9./-]+:\d+\.\d+[\w.-]*(@sha256:[0-9a-f]{64})?$`)
	for _, image := range images {
		t.Run(image, func(t *testing.T) {
			d := readDockerfile(t, image)
			for _, s := range d.stages {
				if base := d.base(s); base != "scratch" && !pinned.MatchString(base) {
					t.Errorf("stage %s is built on %q: say which version", s.Name, base)
				}
			}
			if got := d.base(d.last()); (got == "scratch") != (image != "media") {
				t.Errorf("the image is built on %q", got)
			}
			if user := one[*instructions.UserCommand](t, d.last()).User; user != "10001:10001" {
				t.Errorf("runs as %q: not a number that Kubernetes can see is not root's", user)
			}
			if h := one[*instructions.HealthCheckCommand](t, d.last()).Health; h.Test[0] != "CMD" || !slices.Contains(h.Test, "health") {
				t.Errorf("health is asked by %v: there is no shell", h.Test)
			}
			if e := one[*instructions.EntrypointCommand](t, d.last()); e.PrependShell {
				t.Errorf("the entry point needs a shell: %v", e.CmdLine)
			}
			labels := one[*instructions.LabelCommand](t, d.last())
			for _, want := range []string{"title", "description", "version"} {
				if !slices.ContainsFunc(labels.Labels, func(kv instructions.KeyValuePair) bool { return kv.Key == "org.opencontainers.image."+want }) {
					t.Errorf("no label %s", want)
				}
			}
		})
	}
}

func TestImagesAreMadeByTheScriptThatIsTested(t *testing.T) {
	for _, image := range images {
		called := false
		for _, s := range readDockerfile(t, image).stages {
			for _, c := range s.Commands {
				switch c := c.(type) {
				case *instructions.RunCommand:
					called = called || strings.Contains(strings.Join(c.CmdLine, " "), "deploy/images/build.sh "+image+" ")
				case *instructions.CopyCommand:
					for _, path := range c.SourcePaths {
						if c.From != "" {
							continue
						}
						if _, err := os.Stat(filepath.Join(root, path)); err != nil {
							t.Errorf("%s copies what is not there: %v", image, err)
						}
					}
				}
			}
		}
		if !called {
			t.Errorf("%s is not built by build.sh", image)
		}
	}
}

func TestTheProgramsAreStatic(t *testing.T) {
	for _, image := range images {
		f, err := elf.Open(built(t, image))
		if err != nil {
			t.Fatal(err)
		}
		if libraries, err := f.ImportedLibraries(); err != nil || len(libraries) > 0 {
			t.Errorf("%s needs %v, %v", image, libraries, err)
		}
		for _, p := range f.Progs {
			if p.Type == elf.PT_INTERP {
				t.Errorf("%s needs a dynamic linker", image)
			}
		}
		_ = f.Close()
	}
}

func TestImagesCarryTheLicencesOfWhatIsInThem(t *testing.T) {
	has := map[string]string{"board": "go.mongodb.org/mongo-driver/v2", "media": "github.com/tus/tusd/v2", "web": "github.com/gofiber/fiber/v2", "npm": "prosemirror-model"}
	for of, part := range has {
		file := filepath.Join(t.TempDir(), "licenses.txt")
		if out, err := exec.Command(filepath.Join(root, "deploy/images/licenses.sh"), of, file).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", of, err, out)
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, its, found := strings.Cut(string(text), "==== "+part+" ")
		if its, _, _ = strings.Cut(its, "\n==== "); !found || len(its) < 500 {
			t.Errorf("%s: of %s there is %q", of, part, its)
		}
	}
	for _, image := range images {
		copied := 0
		for _, c := range readDockerfile(t, image).last().Commands {
			if c, ok := c.(*instructions.CopyCommand); ok && strings.Contains(c.String(), "/out/licenses/") {
				copied++
			}
		}
		if copied != 1 {
			t.Errorf("%s has them %d times", image, copied)
		}
	}
}
