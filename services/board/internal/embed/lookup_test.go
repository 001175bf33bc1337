package embed_test

import (
	"net/url"
	"strings"
	"testing"

	"fresque.dev/services/board/internal/board"
)

func TestLookup(t *testing.T) {
	table := newTable(t)
	ask := url.QueryEscape
	for _, c := range []struct {
		name, in string
		want     board.Lookup
	}{
		{"a page", "https://example.org/a?b=c#d", board.Lookup{URL: "https://example.org/a?b=c"}},
		{"Pod", pod + "/ma-chaine/video/0042-x/?start=9", board.Lookup{URL: pod + "/video/0042-x/", OEmbed: pod + "/video/oembed/?format=json&url=" + ask(pod+"/video/0042-x/"), Restrictable: true}},
		{"a page of Pod", pod + "/ma-chaine/", board.Lookup{URL: pod + "/ma-chaine/", Restrictable: true}},
		{"PeerTube", tube + "/videos/embed/" + short + "?start=9", board.Lookup{URL: tube + "/w/" + short, OEmbed: tube + "/services/oembed?format=json&url=" + ask(tube+"/w/"+short)}},
		{"YouTube", "https://youtu.be/dQw4w9WgXcQ?t=42", board.Lookup{URL: "https://www.youtube.com/watch?v=dQw4w9WgXcQ", OEmbed: "https://www.youtube.com/oembed?format=json&url=" + ask("https://www.youtube.com/watch?v=dQw4w9WgXcQ")}},
		{"Vimeo", "https://vimeo.com/76979871", board.Lookup{URL: "https://vimeo.com/76979871", OEmbed: "https://vimeo.com/api/oembed.json?url=" + ask("https://vimeo.com/76979871")}},
		{"Dailymotion", "https://dai.ly/x8abcde", board.Lookup{URL: "https://www.dailymotion.com/video/x8abcde", OEmbed: "https://www.dailymotion.com/services/oembed?format=json&url=" + ask("https://www.dailymotion.com/video/x8abcde")}},
		{"LearningApps", "https://learningapps.org/watch?v=pk7jb5fpj17", board.Lookup{URL: "https://learningapps.org/watch?v=pk7jb5fpj17"}},
	} {
		got, ok := table.Lookup(c.in)
		if !ok || got != c.want {
			t.Errorf("%s: %+v, %v", c.name, got, ok)
		}
	}
}

// No preview is made of an address that is itself what opens the page.
func TestNoLookupOfSecrets(t *testing.T) {
	table := newTable(t)
	for key, list := range vectors {
		for _, v := range list {
			l, ok := table.Lookup(v.in)
			holds := func(secret string) bool { return strings.Contains(v.src, secret) }
			secret := key == "pod" && (holds(podHex) || holds(podUUID)) || key == "vimeo" && holds("2c9cfc5030")
			if ok == secret {
				t.Errorf("%s/%s: %+v, %v", key, v.name, l, ok)
			}
			if l.OEmbed != "" && !strings.HasPrefix(l.OEmbed, "https://") {
				t.Errorf("%s/%s: asked at %s", key, v.name, l.OEmbed)
			}
		}
	}
	for _, in := range []string{pod + "/playlist/12-x/" + podHex + "/", pod + "/video/0042-x/" + podUUID + "/x/", pod + "/video/0042-x/" + strings.ToUpper(podHex) + "/"} {
		if l, ok := table.Lookup(in); ok {
			t.Errorf("%s: %+v", in, l)
		}
	}
}

func TestStarts(t *testing.T) {
	table := newTable(t)
	for in, want := range map[string]int{
		pod + "/video/0042-x/?start=90": 90, pod + "/video/0042-x/": 0, tube + "/w/" + short + "?start=1m30s": 90,
		"https://youtu.be/dQw4w9WgXcQ?t=42": 42, "https://www.youtube.com/watch?v=dQw4w9WgXcQ&start=7": 7,
	} {
		if e, ok := table.Resolve(in); !ok || !e.Starts || e.Start != want {
			t.Errorf("%s: %d, %v", in, e.Start, e.Starts)
		}
	}
	for _, in := range []string{"https://vimeo.com/76979871", pod + "/live/event/0012-direct/?start=9", "https://h5p.org/h5p/embed/617"} {
		if e, ok := table.Resolve(in); !ok || e.Starts || e.Start != 0 {
			t.Errorf("%s: %d, %v", in, e.Start, e.Starts)
		}
	}
}

// Of the code of a player nothing but the frame's address is taken.
func TestSnippets(t *testing.T) {
	table := newTable(t)
	for in, want := range map[string]string{
		`<iframe src="https://podeduc.apps.education.fr/video/0042-x/?is_iframe=true" width="640" onload="alert(1)" allowfullscreen></iframe>`: pod + "/video/0042-x/?is_iframe=true",
		` <div style="x"><p>Un texte</p><IFRAME allow=x SRC='https://example.org/e?a=1&amp;b=2'></IFRAME></div>`:                               "https://example.org/e?a=1&b=2",
		`<iframe src=//example.org/e></iframe>`:                                                "https://example.org/e",
		`<iframe src="https://a.example/"><iframe src="https://b.example/">`:                   "https://a.example/",
		`<!-- <iframe src="https://no.example/"> --><iframe title=x src="https://a.example/">`: "https://a.example/",
		`<iframe src="javascript:alert(1)"></iframe>`:                                          "",
		`<iframe src="data:text/html,x"></iframe>`:                                             "",
		`<iframe srcdoc="<p>x"></iframe>`:                                                      "",
		`<iframe src="https://podeduc.apps.education.fr@evil.example/video/0042-x/"></iframe>`: "",
		`<script src="https://evil.example/"></script>`:                                        "",
		`<embed src="https://evil.example/">`:                                                  "",
		`<iframe src="https://a.example/` + strings.Repeat("a", 16<<10) + `">`:                 "",
	} {
		if got, _ := table.CheckLink(in); got != want {
			t.Errorf("%s: %q", in, got)
		}
	}
}
