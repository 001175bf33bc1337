// Package apiserver gives every manifest to a real Kubernetes API server, which
// defaults, validates and admits it. It is a module of its own: Kubernetes is
// large, and nothing else needs it. `make test-apiserver` builds the server and
// etcd, and says where they and the manifests are.
package apiserver

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
)

const namespace = "fresque"

// cluster is an API server; no more of Kubernetes runs, so nothing becomes a
// running pod.
type cluster struct {
	t      *testing.T
	client *dynamic.DynamicClient
	config *rest.Config
	said   *bytes.Buffer
	mapper meta.RESTMapper
}

func ports(t *testing.T, n int) []int {
	t.Helper()
	var out []int
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = l.Close() }()
		out = append(out, l.Addr().(*net.TCPAddr).Port)
	}
	return out
}

// run starts a program of the test's, until its end.
func run(t *testing.T, said *bytes.Buffer, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(filepath.Join(os.Getenv("CLUSTER_BIN"), name), args...)
	cmd.Stdout, cmd.Stderr = said, said
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
}

func write(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func start(t *testing.T) *cluster {
	t.Helper()
	dir, p := t.TempDir(), ports(t, 3)
	client, peer := fmt.Sprintf("http://127.0.0.1:%d", p[0]), fmt.Sprintf("http://127.0.0.1:%d", p[1])
	run(t, new(bytes.Buffer), "etcd", "--data-dir", dir+"/etcd", "--listen-client-urls", client, "--advertise-client-urls", client,
		"--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", "default="+peer, "--unsafe-no-fsync", "--log-level", "error")
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	account := write(t, dir+"/account.pem", string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})))
	token := rand.Text()
	tokens := write(t, dir+"/tokens.csv", token+`,admin,admin,"system:masters"`+"\n")
	c := &cluster{t: t, said: new(bytes.Buffer)}
	run(t, c.said, "kube-apiserver", "--etcd-servers", client, "--secure-port", fmt.Sprint(p[2]), "--bind-address", "127.0.0.1", "--cert-dir", dir+"/certs",
		"--service-account-key-file", account, "--service-account-signing-key-file", account, "--service-account-issuer", "https://kubernetes.default.svc",
		"--token-auth-file", tokens, "--authorization-mode", "RBAC", "--service-cluster-ip-range", "10.96.0.0/16")
	c.config = &rest.Config{Host: fmt.Sprintf("https://127.0.0.1:%d", p[2]), BearerToken: token, QPS: 100, Burst: 200, TLSClientConfig: rest.TLSClientConfig{Insecure: true}}
	if c.client, err = dynamic.NewForConfig(c.config); err != nil {
		t.Fatal(err)
	}
	c.until("the API server", func(ctx context.Context) error {
		_, err := c.client.Resource(schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}).Get(ctx, "default", metav1.GetOptions{})
		return err
	})
	return c
}

func (c *cluster) until(what string, done func(context.Context) error) {
	c.t.Helper()
	var err error
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		if err = done(c.t.Context()); err == nil {
			return
		}
	}
	c.t.Fatalf("%s: %v\n%s", what, err, c.said)
}

func decode(t *testing.T, path string) []*unstructured.Unstructured {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var out []*unstructured.Unstructured
	for d := yaml.NewYAMLOrJSONDecoder(f, 4096); ; {
		o := &unstructured.Unstructured{}
		if err := d.Decode(o); err != nil {
			return out
		}
		if len(o.Object) > 0 {
			out = append(out, o)
		}
	}
}

// apply sends an object as `kubectl apply --server-side` does; a field that is not
// known is an error. What the server warns of fails the test.
func (c *cluster) apply(o *unstructured.Unstructured, dry bool) error {
	mapping, err := c.mapper.RESTMapping(o.GroupVersionKind().GroupKind(), o.GroupVersionKind().Version)
	if err != nil {
		return err
	}
	var to dynamic.ResourceInterface = c.client.Resource(mapping.Resource)
	if mapping.Scope.Name() == meta.RESTScopeNameNamespace {
		to = c.client.Resource(mapping.Resource).Namespace(o.GetNamespace())
	}
	opts := metav1.PatchOptions{FieldManager: "test", FieldValidation: "Strict"}
	if dry {
		opts.DryRun = []string{metav1.DryRunAll}
	}
	data, err := o.MarshalJSON()
	if err != nil {
		return err
	}
	_, err = to.Patch(c.t.Context(), o.GetName(), "application/apply-patch+yaml", data, opts)
	return err
}

func (c *cluster) discover() error {
	d, err := discovery.NewDiscoveryClientForConfig(c.config)
	if err != nil {
		return err
	}
	groups, err := restmapper.GetAPIGroupResources(d)
	c.mapper = restmapper.NewDiscoveryRESTMapper(groups)
	return err
}

// warnings keeps what the server warns of.
type warnings struct{ said []string }

// HandleWarningHeader notes one.
func (w *warnings) HandleWarningHeader(code int, _ string, text string) {
	if code == 299 {
		w.said = append(w.said, text)
	}
}

func TestARealServerTakesEveryManifest(t *testing.T) {
	if os.Getenv("CLUSTER_BIN") == "" {
		t.Skip("needs kube-apiserver and etcd: run make test-apiserver")
	}
	c := start(t)
	if err := c.discover(); err != nil {
		t.Fatal(err)
	}
	crds, err := filepath.Glob(filepath.Join(os.Getenv("CLUSTER_CRDS"), "*.yaml"))
	if err != nil || len(crds) == 0 {
		t.Fatalf("no CRDs: %v", err)
	}
	for _, path := range crds {
		for _, o := range decode(t, path) {
			if o.GetKind() != "CustomResourceDefinition" {
				continue
			}
			if err := c.apply(o, false); err != nil {
				t.Fatalf("%s: %v", path, err)
			}
		}
	}
	c.until("the Gateway API", func(context.Context) error {
		if err := c.discover(); err != nil {
			return err
		}
		_, err := c.mapper.RESTMapping(schema.GroupKind{Group: "gateway.networking.k8s.io", Kind: "HTTPRoute"}, "v1")
		return err
	})
	heard := &warnings{}
	c.config.WarningHandler = heard
	if c.client, err = dynamic.NewForConfig(c.config); err != nil {
		t.Fatal(err)
	}
	overlays, err := filepath.Glob(filepath.Join(os.Getenv("CLUSTER_MANIFESTS"), "*.yaml"))
	if err != nil || len(overlays) < 2 {
		t.Fatalf("manifests: %v, %v", overlays, err)
	}
	for _, path := range overlays {
		t.Run(filepath.Base(path), func(t *testing.T) {
			objects := decode(t, path)
			// The namespace is there for the others, as its first apply makes it.
			slices.SortStableFunc(objects, func(a, b *unstructured.Unstructured) int {
				return strings.Compare(fmt.Sprint(a.GetKind() != "Namespace"), fmt.Sprint(b.GetKind() != "Namespace"))
			})
			for _, o := range objects {
				if err := c.apply(o, o.GetKind() != "Namespace"); err != nil {
					t.Errorf("%s %s: %v", o.GetKind(), o.GetName(), err)
				}
				if o.GetKind() == "ServiceAccount" {
					_ = c.apply(o, false) // its pods below need it
				}
			}
			for _, o := range objects {
				c.admits(t, o)
			}
			for _, said := range heard.said {
				t.Errorf("the server warns: %s", said)
			}
			heard.said = nil
		})
	}
	t.Run("the check itself", func(t *testing.T) {
		pod := &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "v1", "kind": "Pod", "metadata": map[string]any{"name": "root", "namespace": namespace},
			"spec": map[string]any{"serviceAccountName": "web", "containers": []any{map[string]any{"name": "x", "image": "x:1"}}},
		}}
		if err := c.apply(pod, true); !apierrors.IsForbidden(err) || !strings.Contains(err.Error(), "PodSecurity") {
			t.Errorf("a pod that runs as root: %v", err)
		}
	})
}

// admits makes the pod of a workload, dry: no controller runs that would, and pod
// security refuses pods, not what makes them.
func (c *cluster) admits(t *testing.T, o *unstructured.Unstructured) {
	template, found, err := unstructured.NestedMap(o.Object, "spec", "template")
	if err != nil || !found {
		return
	}
	claims, _, _ := unstructured.NestedSlice(o.Object, "spec", "volumeClaimTemplates")
	volumes, _, _ := unstructured.NestedSlice(template, "spec", "volumes")
	for _, claim := range claims {
		name, _, _ := unstructured.NestedString(claim.(map[string]any), "metadata", "name")
		volumes = append(volumes, map[string]any{"name": name, "persistentVolumeClaim": map[string]any{"claimName": name}})
	}
	if len(volumes) > 0 {
		_ = unstructured.SetNestedSlice(template, volumes, "spec", "volumes")
	}
	pod := &unstructured.Unstructured{Object: template}
	pod.SetAPIVersion("v1")
	pod.SetKind("Pod")
	pod.SetName(o.GetName() + "-0")
	pod.SetNamespace(o.GetNamespace())
	if err := c.apply(pod, true); err != nil {
		t.Errorf("a pod of %s %s: %v", o.GetKind(), o.GetName(), err)
	}
}
