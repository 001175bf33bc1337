package document

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"fresque.dev/services/media/internal/kind"
	"fresque.dev/services/media/internal/media"
)

// written collects what a module makes.
type written struct{ bytes.Buffer }

func (w *written) Image(media.Image) {}
func (w *written) Variant(string, string, int, int, func(io.Writer) error) error {
	return nil
}
func (w *written) File(_ string, write func(io.Writer) error) error { return write(&w.Buffer) }

func fileOf(body string) kind.File {
	return kind.File{ReaderAt: strings.NewReader(body), Size: int64(len(body)), Head: []byte(body[:min(len(body), kind.HeadLen)])}
}

func madeOf(t *testing.T, body string) string {
	t.Helper()
	var w written
	if err := writeCaptions(fileOf(body), &w); err != nil {
		t.Fatal(err)
	}
	return w.String()
}

func TestCaptionsAreMadeAnew(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"WebVTT": {
			"WEBVTT - titre\nKind: captions\n\n1\n01:02.5 --> 01:04.000 line:0 align:start\n<v Ada>Bonjour</v> <b>à tous</b>\net &amp; à toutes\n",
			"WEBVTT\n\n00:01:02.500 --> 00:01:04.000\nBonjour à tous\net &amp; à toutes\n",
		},
		"SubRip, in Windows-1252": {
			"1\r\n00:00:01,000 --> 00:00:02,000\r\n{\\an8}<font color=\"red\">Voil\xe0</font>\r\n\r\n\r\n2\r\n01:00:00,010 --> 01:00:01,000\r\nFin\r\n",
			"WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nVoilà\n\n01:00:00.010 --> 01:00:01.000\nFin\n",
		},
		"styles, regions and scripts": {
			"WEBVTT\n\nSTYLE\n::cue{background:url(https://evil.example/x)}\n\nREGION\nid:a\n\nNOTE\n<script>alert(1)</script>\n\n00:01.000 --> 00:02.000 region:a\n<script>alert(1)</script><<b>img src=x onerror=alert(1)>&lt;svg onload=alert(1)&gt;\n",
			"WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nalert(1)&lt;img src=x onerror=alert(1)&gt;&lt;svg onload=alert(1)&gt;\n",
		},
		"an arrow in the words, times that make no sense, and an order": {
			"WEBVTT\n\n00:05.000 --> 00:06.000\nDeux\n\n00:02.000 --> 00:01.000\nJamais\n\n00:01.000 --> 00:02.000\nUn --> deux\n\n99:99.000 --> 99:99.000\nNon\n\n00:07.000 --> 00:08.000\n<i></i>\n",
			"WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nUn --&gt; deux\n\n00:00:05.000 --> 00:00:06.000\nDeux\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := madeOf(t, c.in)
			if got != c.want {
				t.Errorf("made\n%s\nwant\n%s", got, c.want)
			}
			if again := madeOf(t, got); again != got {
				t.Errorf("made again\n%s\nwant\n%s", again, got)
			}
		})
	}
}

func TestCaptionsHaveAnEnd(t *testing.T) {
	many := "WEBVTT\n" + strings.Repeat("\n0:01.0 --> 0:02.0\na\n", maxCues+1)
	if code := checkCaptions(fileOf(many)); code != media.NotCaptions {
		t.Errorf("%d cues: %q", maxCues+1, code)
	}
	if got := madeOf(t, "WEBVTT\n\n00:01.000 --> 00:02.000\n"+strings.Repeat("x\n", 50)); strings.Count(got, "x\n") != maxCueLines {
		t.Errorf("a cue of %d lines", strings.Count(got, "x\n"))
	}
}

// FuzzCaptions: whatever comes, what is made has no tag and is made the same again.
func FuzzCaptions(f *testing.F) {
	f.Add("WEBVTT\n\n00:01.000 --> 00:02.000\n<b>a</b> &lt; {\\an8}\n")
	f.Add("1\r\n00:00:01,000 --> 00:00:02,000\r\nb\r\n")
	f.Fuzz(func(t *testing.T, body string) {
		if body == "" || checkCaptions(fileOf(body)) != "" {
			return
		}
		made := madeOf(t, body)
		for _, block := range strings.Split(made, "\n\n")[1:] {
			_, words, _ := strings.Cut(block, "\n")
			if strings.ContainsAny(words, "<>") {
				t.Fatalf("a tag in %q", made)
			}
		}
		if again := madeOf(t, made); again != made {
			t.Fatalf("%q is made %q again", made, again)
		}
	})
}
