package deploy

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
)

// composed reads the file as `docker compose config` does, secrets made beside it.
func composed(t *testing.T) *types.Project {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "deploy"), os.DirFS(filepath.Join(root, "deploy"))); err != nil {
		t.Fatal(err)
	}
	compose := filepath.Join(dir, "deploy/compose")
	up := exec.Command("sh", filepath.Join(compose, "up"))
	up.Env = append(os.Environ(), "SECRETS_ONLY=yes")
	if out, err := up.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	p, err := loader.LoadWithContext(t.Context(), types.ConfigDetails{
		WorkingDir: compose, ConfigFiles: []types.ConfigFile{{Filename: filepath.Join(compose, "compose.yaml")}},
	}, func(o *loader.Options) { o.SetProjectName("fresque", true); o.Profiles = []string{"*"} })
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestComposeHasEverything(t *testing.T) {
	p := composed(t)
	for _, name := range []string{"ingress", "board-1", "board-2", "media-1", "media-2", "web", "mongodb-0", "mongodb-1", "mongodb-2", "mongodb-init", "nats", "s3", "clamav", "prometheus", "grafana"} {
		if _, ok := p.Services[name]; !ok {
			t.Errorf("no service %s", name)
		}
	}
	for name, s := range p.Services {
		if _, tag, found := strings.Cut(s.Image, ":"); !found || tag == "latest" {
			t.Errorf("%s: image %q says no version", name, s.Image)
		}
		if s.MemLimit == 0 {
			t.Errorf("%s may take all memory", name)
		}
		for _, port := range s.Ports {
			if name != "ingress" && port.HostIP != "127.0.0.1" {
				t.Errorf("%s is open to the world", name)
			}
		}
		if s.Build != nil && (!s.ReadOnly || !slices.Contains(s.CapDrop, "ALL")) {
			t.Errorf("%s may write to its root, or do more than it must", name)
		}
		for _, v := range s.Volumes {
			if v.Type == types.VolumeTypeBind && !exists(v.Source) {
				t.Errorf("%s mounts %s, which is not there", name, v.Source)
			}
		}
		for _, secret := range s.Secrets {
			if file := p.Secrets[secret.Source].File; !exists(file) {
				t.Errorf("%s: up does not make %s", name, file)
			}
		}
		if s.Build != nil && !exists(filepath.Join(root, s.Build.Dockerfile)) {
			t.Errorf("%s is built from %s", name, s.Build.Dockerfile)
		}
	}
}

func TestTheServicesOfComposeTakeTheirSettings(t *testing.T) {
	p := composed(t)
	for service, program := range map[string]string{"board-1": "board", "board-2": "board", "media-1": "media", "web": "web"} {
		env := map[string]string{}
		for name, value := range p.Services[service].Environment {
			if strings.HasPrefix(name, "FRESQUE_") && value != nil {
				env[name] = *value
			}
		}
		if program == "media" {
			env["FRESQUE_MEDIA_DIR"] = "/var/lib/fresque" // of the image
		}
		read := func(key string) string {
			data, err := os.ReadFile(p.Secrets[key].File)
			if err != nil {
				t.Fatal(err)
			}
			return string(data)
		}
		if out := complaint(t, program, env, t.TempDir(), "/run/secrets", read); out != "" {
			t.Errorf("%s: %s", service, out)
		}
	}
}

func TestEnginesAreOfOneVersionEverywhere(t *testing.T) {
	p := composed(t)
	text, _ := render(t, "production")
	kind, _ := render(t, "kind")
	for _, name := range []string{"mongodb-0", "nats", "s3", "clamav"} {
		if image := p.Services[name].Image; !strings.Contains(string(text)+string(kind), "image: "+image+"\n") {
			t.Errorf("compose runs %s, Kubernetes another", image)
		}
	}
}
