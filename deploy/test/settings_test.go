package deploy

import (
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// variables are those of a container, as Kubernetes would give them; a secret's
// value comes from the overlay, or else from samples.
func variables(objects []object, c oneContainer) map[string]string {
	env := map[string]string{}
	for _, from := range c.EnvFrom {
		for _, o := range objects {
			if o.is("ConfigMap") && o.Metadata.Name == from.ConfigMapRef.Name {
				for name, value := range o.Data {
					env[name] = value
				}
			}
		}
	}
	for _, e := range c.Env {
		env[e.Name] = e.Value
		if ref := e.ValueFrom.SecretKeyRef; ref.Key != "" {
			env[e.Name] = secret(objects, ref.Name, ref.Key)
		}
	}
	return env
}

var samples = map[string]string{
	"master-key": masterKey, "operator-key": "an-operator-key-for-the-tests", "store": "mongodb://fresque:x@mongodb/fresque",
	"nats-password": "n", "s3-access-key": "access", "s3-secret-key": "secret",
}

func secret(objects []object, name, key string) string {
	for _, o := range objects {
		if o.is("Secret") && o.Metadata.Name == name {
			value, _ := base64.StdEncoding.DecodeString(o.Data[key])
			return string(value)
		}
	}
	return samples[key]
}

func drain(objects []object, c oneContainer) int {
	for name, value := range variables(objects, c) {
		if strings.HasSuffix(name, "_DRAIN_SECONDS") {
			n, _ := strconv.Atoi(value)
			return n
		}
	}
	return 0
}

// TestTheServicesTakeTheirSettings runs each program with the settings that a pod
// would give it: what it does not know, or finds wrong, it tells. `health` reads
// them all, then finds that nobody listens.
func TestTheServicesTakeTheirSettings(t *testing.T) {
	eachOverlay(t, func(t *testing.T, _ []byte, objects []object) {
		seen := 0
		for _, o := range objects {
			if o.Spec.Template == nil {
				continue
			}
			for _, c := range o.Spec.Template.Spec.Containers {
				if !ours(c) {
					continue
				}
				seen++
				env := variables(objects, c)
				if out := complaint(t, c.Name, env, t.TempDir(), "/run/secrets/fresque", func(key string) string { return secret(objects, "fresque-"+c.Name, key) }); out != "" {
					t.Errorf("%s: %s", c.Name, out)
				}
			}
		}
		if seen != 3 {
			t.Errorf("%d services of ours", seen)
		}
	})
}

// complaint is what a program says of its settings; files of secrets are made in a
// folder, which stands for where the container has them.
func complaint(t *testing.T, program string, env map[string]string, dir, secrets string, value func(key string) string) string {
	t.Helper()
	env["FRESQUE_"+strings.ToUpper(program)+"_ADDR"] = freeAddr(t)
	var list []string
	for name, v := range env {
		if key, found := strings.CutPrefix(v, secrets+"/"); found {
			v = filepath.Join(dir, key)
			if err := os.WriteFile(v, []byte(value(key)), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		list = append(list, name+"="+v)
	}
	cmd := exec.Command(built(t, program), "health")
	cmd.Env = list
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "connection refused") {
		return fmt.Sprintf("%s (%v)", out, err)
	}
	return ""
}
