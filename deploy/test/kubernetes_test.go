package deploy

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/yannh/kubeconform/pkg/validator"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

// overlays are what operators start from.
var overlays = []string{"kind", "production"}

// object is a manifest, as far as the tests look into it.
type object struct {
	Kind     string
	Metadata struct {
		Name, Namespace string
		Labels          map[string]string
	}
	Data map[string]string
	Spec struct {
		Replicas        *int
		MinReplicas     *int
		MinReadySeconds int
		Strategy        struct{ RollingUpdate map[string]int }
		Template        *podTemplate
		Selector        any
		PodSelector     *labels
		PolicyTypes     []string
		ScaleTargetRef  struct{ Name string }
		Metrics         []struct {
			Type string
			Pods struct{ Metric struct{ Name string } }
		}
		VolumeClaimTemplates    []struct{ Metadata struct{ Name string } }
		TTLSecondsAfterFinished *int
	}
}

type labels struct{ MatchLabels map[string]string }

// match tells whether a selector chooses a pod.
func (l labels) match(pod map[string]string) bool {
	for name, value := range l.MatchLabels {
		if pod[name] != value {
			return false
		}
	}
	return true
}

type podTemplate struct {
	Metadata struct{ Labels map[string]string }
	Spec     podSpec
}

type podSpec struct {
	AutomountServiceAccountToken  *bool
	ServiceAccountName            string
	TerminationGracePeriodSeconds int
	HostNetwork, HostPID, HostIPC bool
	SecurityContext               struct {
		RunAsNonRoot   bool
		RunAsUser      int
		SeccompProfile struct{ Type string }
	}
	TopologySpreadConstraints []struct {
		TopologyKey   string
		LabelSelector labels
	}
	Containers, InitContainers []oneContainer
	Volumes                    []struct {
		Name      string
		EmptyDir  *struct{ SizeLimit string }
		ConfigMap *struct{ Name string }
		Secret    *struct{ SecretName string }
		HostPath  any
	}
}

type oneContainer struct {
	Name, Image     string
	SecurityContext struct {
		AllowPrivilegeEscalation, Privileged *bool
		ReadOnlyRootFilesystem               bool
		Capabilities                         struct{ Drop, Add []string }
	}
	Resources                                   struct{ Requests, Limits map[string]any }
	ReadinessProbe, LivenessProbe, StartupProbe any
	Lifecycle                                   struct {
		PreStop struct{ Sleep struct{ Seconds int } }
	}
	EnvFrom []struct{ ConfigMapRef struct{ Name string } }
	Env     []struct {
		Name, Value string
		ValueFrom   struct{ SecretKeyRef struct{ Name, Key string } }
	}
	VolumeMounts []struct{ Name, MountPath string }
}

func (o object) is(kinds ...string) bool {
	for _, k := range kinds {
		if o.Kind == k {
			return true
		}
	}
	return false
}

var rendered sync.Map // of func() ([]byte, error), by overlay

// render builds an overlay as `kubectl apply -k` does, secrets made beside it as
// its script makes them.
func render(t testing.TB, overlay string) ([]byte, []object) {
	t.Helper()
	once, _ := rendered.LoadOrStore(overlay, sync.OnceValues(func() ([]byte, error) { return build(overlay) }))
	text, err := once.(func() ([]byte, error))()
	if err != nil {
		t.Fatal(err)
	}
	var objects []object
	for doc := range bytes.SplitSeq(text, []byte("\n---\n")) {
		var o object
		if err := yaml.Unmarshal(doc, &o); err != nil {
			t.Fatalf("%v in\n%s", err, doc)
		}
		objects = append(objects, o)
	}
	return text, objects
}

func build(overlay string) ([]byte, error) {
	dir := filepath.Join(bin, "deploy-"+overlay, "k8s")
	for _, part := range []string{"k8s", "observability"} {
		if err := os.CopyFS(filepath.Join(filepath.Dir(dir), part), os.DirFS(filepath.Join(root, "deploy", part))); err != nil {
			return nil, err
		}
	}
	if script := filepath.Join(dir, "overlays", overlay, "secrets.sh"); exists(script) {
		if err := exec.Command("sh", script).Run(); err != nil {
			return nil, err
		}
	}
	m, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), filepath.Join(dir, "overlays", overlay))
	if err != nil {
		return nil, err
	}
	return m.AsYaml()
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func eachOverlay(t *testing.T, test func(t *testing.T, text []byte, objects []object)) {
	for _, o := range overlays {
		t.Run(o, func(t *testing.T) {
			text, objects := render(t, o)
			test(t, text, objects)
		})
	}
}

func TestManifestsFollowTheirSchemas(t *testing.T) {
	v, err := validator.New([]string{"schemas/{{.ResourceKind}}{{.KindSuffix}}.json"}, validator.Opts{Strict: true})
	if err != nil {
		t.Fatal(err)
	}
	eachOverlay(t, func(t *testing.T, text []byte, objects []object) {
		checked := 0
		for _, r := range v.Validate("overlay", io.NopCloser(bytes.NewReader(text))) {
			if r.Status == validator.Empty {
				continue
			}
			checked++
			if r.Status != validator.Valid {
				s, _ := r.Resource.Signature()
				t.Errorf("%s %s: %v", s.Kind, s.Name, r.Err)
			}
		}
		if checked != len(objects) || checked < 20 {
			t.Errorf("%d of %d objects were checked", checked, len(objects))
		}
	})
	// The check itself: a field misspelt is found.
	wrong := "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: x}\nautomountServiceAccountTokens: false\n"
	for _, r := range v.Validate("wrong", io.NopCloser(strings.NewReader(wrong))) {
		if r.Status != validator.Invalid {
			t.Error("a field that does not exist is taken")
		}
	}
}

func TestEveryPodIsRestricted(t *testing.T) {
	eachOverlay(t, func(t *testing.T, _ []byte, objects []object) {
		for _, o := range objects {
			if o.is("Namespace") && o.Metadata.Labels["pod-security.kubernetes.io/enforce"] != "restricted" {
				t.Error("the namespace takes any pod")
			}
			if o.Spec.Template == nil {
				continue
			}
			p, fault := o.Spec.Template.Spec, func(format string, args ...any) {
				t.Errorf("%s %s: "+format, append([]any{o.Kind, o.Metadata.Name}, args...)...)
			}
			if !p.SecurityContext.RunAsNonRoot || p.SecurityContext.RunAsUser == 0 || p.SecurityContext.SeccompProfile.Type != "RuntimeDefault" {
				fault("security context %+v", p.SecurityContext)
			}
			if p.AutomountServiceAccountToken == nil || *p.AutomountServiceAccountToken || p.ServiceAccountName == "" {
				fault("has a token for the API, or no account of its own")
			}
			if p.HostIPC || p.HostNetwork || p.HostPID {
				fault("shares what is the host's")
			}
			for _, v := range p.Volumes {
				if v.HostPath != nil || v.EmptyDir != nil && v.EmptyDir.SizeLimit == "" {
					fault("volume %s is the host's, or without a limit", v.Name)
				}
			}
			for _, c := range append(p.InitContainers, p.Containers...) {
				s := c.SecurityContext
				if s.AllowPrivilegeEscalation == nil || *s.AllowPrivilegeEscalation || s.Privileged != nil || !s.ReadOnlyRootFilesystem || len(s.Capabilities.Add) > 0 || strings.Join(s.Capabilities.Drop, "") != "ALL" {
					fault("container %s: %+v", c.Name, s)
				}
				for _, of := range []map[string]any{c.Resources.Requests, c.Resources.Limits} {
					if of["cpu"] == nil || of["memory"] == nil {
						fault("container %s: resources %+v", c.Name, c.Resources)
					}
				}
				if _, tag, found := strings.Cut(c.Image[strings.LastIndex(c.Image, "/")+1:], ":"); !found || tag == "latest" {
					fault("image %s says no version", c.Image)
				}
			}
		}
	})
}

func TestWhateverServesOutlivesANodeAndARollout(t *testing.T) {
	eachOverlay(t, func(t *testing.T, _ []byte, objects []object) {
		for _, o := range objects {
			if !o.is("Deployment", "StatefulSet") {
				continue
			}
			pod, name := o.Spec.Template, o.Metadata.Name
			keys := map[string]bool{}
			for _, c := range pod.Spec.TopologySpreadConstraints {
				keys[c.TopologyKey] = c.LabelSelector.match(pod.Metadata.Labels) && len(c.LabelSelector.MatchLabels) > 0
			}
			if !keys["kubernetes.io/hostname"] || !keys["topology.kubernetes.io/zone"] {
				t.Errorf("%s is not spread: %v", name, keys)
			}
			if !selectedBy(objects, "PodDisruptionBudget", pod.Metadata.Labels) {
				t.Errorf("%s has no disruption budget", name)
			}
			for _, c := range pod.Spec.Containers {
				if c.ReadinessProbe == nil || c.LivenessProbe == nil {
					t.Errorf("%s is not looked after", name)
				}
				if ours(c) && (c.Lifecycle.PreStop.Sleep.Seconds == 0 || pod.Spec.TerminationGracePeriodSeconds <= c.Lifecycle.PreStop.Sleep.Seconds+drain(objects, c)+10) {
					t.Errorf("%s is killed before it has ended: it has %d s", name, pod.Spec.TerminationGracePeriodSeconds)
				}
			}
			if o.is("Deployment") && o.Spec.Strategy.RollingUpdate["maxUnavailable"] != 0 {
				t.Errorf("%s is less while it rolls", name)
			}
		}
		for _, o := range objects {
			if o.is("HorizontalPodAutoscaler") && (o.Spec.ScaleTargetRef.Name != "board" || o.Spec.MinReplicas == nil || *o.Spec.MinReplicas < 2) {
				t.Errorf("scaling of %s from %v", o.Spec.ScaleTargetRef.Name, o.Spec.MinReplicas)
			}
		}
	})
	_, objects := render(t, "production")
	for _, o := range objects {
		if o.is("HorizontalPodAutoscaler") && (len(o.Spec.Metrics) != 2 || o.Spec.Metrics[1].Pods.Metric.Name != "fresque_board_streams") {
			t.Errorf("production scales by %+v", o.Spec.Metrics)
		}
	}
}

// A job cannot be changed: one that stayed would keep the next version of it, and so
// all of an upgrade, from being applied.
func TestJobsMakeWayForTheNext(t *testing.T) {
	eachOverlay(t, func(t *testing.T, _ []byte, objects []object) {
		for _, o := range objects {
			if o.is("Job") && o.Spec.TTLSecondsAfterFinished == nil {
				t.Errorf("%s stays when it is done", o.Metadata.Name)
			}
		}
	})
}

func TestEveryPodHasItsNetworkPolicy(t *testing.T) {
	eachOverlay(t, func(t *testing.T, _ []byte, objects []object) {
		all := false
		for _, o := range objects {
			all = all || o.is("NetworkPolicy") && o.Spec.PodSelector != nil && len(o.Spec.PodSelector.MatchLabels) == 0 && len(o.Spec.PolicyTypes) == 2
		}
		if !all {
			t.Error("what is not named may speak to anything")
		}
		for _, o := range objects {
			if o.Spec.Template != nil && !selectedBy(objects, "NetworkPolicy", o.Spec.Template.Metadata.Labels) {
				t.Errorf("%s has no policy of its own", o.Metadata.Name)
			}
		}
	})
}

func selectedBy(objects []object, kind string, pod map[string]string) bool {
	for _, o := range objects {
		var l labels
		if o.is("NetworkPolicy") && o.Spec.PodSelector != nil {
			l = *o.Spec.PodSelector
		} else if data, err := json.Marshal(o.Spec.Selector); err != nil || json.Unmarshal(data, &l) != nil {
			continue
		}
		if o.is(kind) && len(l.MatchLabels) > 0 && l.match(pod) {
			return true
		}
	}
	return false
}

func ours(c oneContainer) bool { return c.Name == "board" || c.Name == "media" || c.Name == "web" }

func TestNoSecretIsInTheRepository(t *testing.T) {
	text, objects := render(t, "production")
	for _, o := range objects {
		if o.is("Secret") {
			t.Errorf("production makes the secret %s", o.Metadata.Name)
		}
	}
	if bytes.Contains(text, []byte("PRIVATE KEY")) {
		t.Error("a key is in the manifests")
	}
	if out, err := exec.Command("git", "-C", root, "ls-files", "deploy").Output(); err != nil || bytes.Contains(out, []byte("/secrets/")) {
		t.Errorf("secrets are committed: %s, %v", out, err)
	}
}
