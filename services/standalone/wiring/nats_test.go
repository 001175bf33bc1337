package wiring

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/nats-io/nats-server/v2/server"

	"fresque.dev/proto/subject"
	"fresque.dev/services/internal/natsrights"
)

const deploy = "../../../deploy/"

// TestNATSReadsItsFiles: each user is there with its password, and each service
// with the rights of this release and no others.
func TestNATSReadsItsFiles(t *testing.T) {
	t.Setenv("POD_NAME", "nats-0")
	secrets := map[string]string{"board": "n1e5", "media": "n2", natsrights.Administrator: "n3", natsrights.System: "n4"}
	for user, secret := range secrets {
		t.Setenv(natsrights.Variable(user), secret)
	}
	for conf, accounts := range map[string]string{
		"compose/nats.conf":             "nats/accounts-make.conf",
		"k8s/components/nats/nats.conf": "k8s/components/nats/accounts.conf",
	} {
		o, err := server.ProcessConfigFile(mounted(t, conf, accounts))
		if err != nil {
			t.Fatalf("%s: %v", conf, err)
		}
		if !o.JetStream || o.StoreDir != "/data" || o.SystemAccount != "SYS" || len(o.Users) != len(secrets) {
			t.Errorf("%s: JetStream %v in %s, system account %s, %d users", conf, o.JetStream, o.StoreDir, o.SystemAccount, len(o.Users))
		}
		for _, u := range o.Users {
			if u.Password != secrets[u.Username] {
				t.Errorf("%s: the password of %s is %q", conf, u.Username, u.Password)
			}
			want := subject.RightsOf(subject.Service(u.Username), true)
			if len(want.Publish) == 0 {
				continue // no service
			}
			if p := u.Permissions; p == nil || !slices.Equal(p.Publish.Allow, want.Publish) || !slices.Equal(p.Subscribe.Allow, want.Subscribe) {
				t.Errorf("%s: %s may %+v", conf, u.Username, p)
			}
		}
	}
}

// mounted puts files side by side, as the container sees them.
func mounted(t *testing.T, conf, accounts string) string {
	t.Helper()
	dir := t.TempDir()
	for name, from := range map[string]string{"nats.conf": conf, "accounts.conf": accounts} {
		raw, err := os.ReadFile(deploy + from)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "nats.conf")
}
