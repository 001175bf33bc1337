package embed_test

import (
	"slices"
	"strings"
	"testing"

	"fresque.dev/services/board/internal/embed"
)

func TestNewTakesHosts(t *testing.T) {
	table, err := embed.New(embed.Config{
		PodHosts:      []string{"pod.academie.example"},
		PeerTubeHosts: []string{"tube.academie.example"},
		Self:          []string{"localhost", "127.0.0.1", "::1", "mur.academie.example"},
	})
	if err != nil {
		t.Fatal(err)
	}
	e, ok := table.Resolve("https://pod.academie.example/video/0042-x/")
	if !ok || e.Src != "https://pod.academie.example/video/0042-x/?is_iframe=true" || e.Name != "Pod" {
		t.Errorf("got %q named %q, %v", e.Src, e.Name, ok)
	}
	for _, in := range []string{pod + "/video/0042-x/", tube + "/w/" + short, "https://mur.academie.example/video/0042-x/"} {
		if _, ok := table.Resolve(in); ok {
			t.Errorf("%s is played", in)
		}
	}
	if e, ok := table.Resolve("https://tube.academie.example/w/" + short); !ok || e.Provider != "peertube" {
		t.Errorf("got %q of %q, %v", e.Src, e.Provider, ok)
	}
	if slices.ContainsFunc(table.FrameSources(), func(s string) bool { return strings.Contains(s, "education.fr") }) {
		t.Errorf("sources %q", table.FrameSources())
	}
}

func TestEmptyListsMeanTheDefaults(t *testing.T) {
	for name, cfg := range map[string]embed.Config{
		"nil":   {},
		"empty": {PodHosts: []string{}, PeerTubeHosts: []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			table, err := embed.New(cfg)
			if err != nil {
				t.Fatal(err)
			}
			for _, in := range []string{pod + "/video/0042-x/", tube + "/w/" + short} {
				if _, ok := table.Resolve(in); !ok {
					t.Errorf("%s is not played", in)
				}
			}
		})
	}
}

func TestNewTellsAllFaults(t *testing.T) {
	for _, c := range []struct {
		name string
		cfg  embed.Config
		want []string
	}{
		{"hosts", embed.Config{
			PodHosts: []string{
				"", "POD.example", "pod.example:443", "https://pod.example", "*.example", "10.0.0.1", "[::1]",
				"pod", "pod..example", "-pod.example", "pod_1.example", "pöd.example", "pod.example.", "pod example",
				"pod." + strings.Repeat("a", 64), strings.Repeat("a.", 127) + "example", "pod.0x7f",
			},
			PeerTubeHosts: []string{"tube.example/w", "127.1"},
			H5PHosts:      []string{"h5p.example", "evilh5p.com", "*.h5p.com"},
			Self:          []string{"mur.example:8080", "MUR.example", ""},
		}, []string{
			`POD_HOSTS: "" is empty`,
			`POD_HOSTS: "POD.example" is not in lower case`,
			`POD_HOSTS: "pod.example:443" is more than a host: give it without scheme, port or path`,
			`POD_HOSTS: "https://pod.example" is more than a host: give it without scheme, port or path`,
			`POD_HOSTS: "*.example" has a wildcard: give each host`,
			`POD_HOSTS: "10.0.0.1" is an IP address, where a name is needed`,
			`POD_HOSTS: "[::1]" is more than a host: give it without scheme, port or path`,
			`POD_HOSTS: "pod" has no domain`,
			`POD_HOSTS: "pod..example" is no DNS name`,
			`POD_HOSTS: "-pod.example" is no DNS name`,
			`POD_HOSTS: "pod_1.example" is no DNS name`,
			`POD_HOSTS: "pöd.example" is no DNS name`,
			`POD_HOSTS: "pod.example." is no DNS name`,
			`POD_HOSTS: "pod example" is no DNS name`,
			`POD_HOSTS: "pod.` + strings.Repeat("a", 64) + `" is no DNS name`,
			`POD_HOSTS: "` + strings.Repeat("a.", 127) + `example" is too long`,
			`POD_HOSTS: "pod.0x7f" is an IP address, where a name is needed`,
			`PEERTUBE_HOSTS: "tube.example/w" is more than a host: give it without scheme, port or path`,
			`PEERTUBE_HOSTS: "127.1" is an IP address, where a name is needed`,
			`H5P_HOSTS: "h5p.example" is no host of h5p.com`,
			`H5P_HOSTS: "evilh5p.com" is no host of h5p.com`,
			`H5P_HOSTS: "*.h5p.com" has a wildcard: give each host`,
			`Self: "mur.example:8080" is more than a host: give it without scheme, port or path`,
			`Self: "MUR.example" is not in lower case`,
			`Self: "" is empty`,
		}},
		{"one host for two rows", embed.Config{
			PodHosts:      []string{"video.example", "player.vimeo.com"},
			PeerTubeHosts: []string{"video.example"},
		}, []string{
			`"video.example" is a host of both pod and peertube`,
			`"player.vimeo.com" is a host of both pod and vimeo`,
		}},
		{"own host", embed.Config{
			PodHosts: []string{"mur.example"},
			Self:     []string{"mur.example", "youtu.be"},
		}, []string{
			`own host "mur.example" is a host of the provider pod`,
			`own host "youtu.be" is a host of the provider youtube`,
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			table, err := embed.New(c.cfg)
			if err == nil || table != nil {
				t.Fatalf("got %v, %v", table, err)
			}
			if got := strings.Split(err.Error(), "\n"); !slices.Equal(got, c.want) {
				t.Errorf("got\n%s\nwant\n%s", err, strings.Join(c.want, "\n"))
			}
		})
	}
}
