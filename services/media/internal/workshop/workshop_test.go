package workshop_test

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fresque.dev/services/media/internal/confine"
	"fresque.dev/services/media/internal/media"
	"fresque.dev/services/media/internal/sample"
	"fresque.dev/services/media/internal/worker"
	"fresque.dev/services/media/internal/workshop"
)

func TestMain(m *testing.M) {
	worker.RunIfAsked(os.Args)
	confine.RunIfAsked(os.Args)
	os.Exit(m.Run())
}

type bench struct {
	t    *testing.T
	shop *workshop.Workshop
	dir  string
}

func newBench(t *testing.T, without ...string) *bench {
	t.Helper()
	dir := t.TempDir()
	pool, err := worker.NewPool(worker.Config{Dir: dir, Concurrency: 2, Memory: 1 << 30, Timeout: 5 * time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	return &bench{t, workshop.New(workshop.Config{Pool: pool, Dir: dir, Without: without, Long: 300}), dir}
}

// needs skips where a tool is not installed. `make test` installs all but
// LibreOffice, which is heavy.
func (b *bench) needs(tools ...string) {
	b.t.Helper()
	for _, name := range tools {
		if b.shop.Tool(name) == "" {
			b.t.Skipf("%s is not installed", name)
		}
	}
}

// make makes a file ready, and looks that nothing is left when it is closed.
func (b *bench) make(body []byte, declared, name string) *media.Made {
	b.t.Helper()
	path := filepath.Join(b.t.TempDir(), "upload")
	if err := os.WriteFile(path, body, 0o600); err != nil {
		b.t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { _ = f.Close() })
	u := media.Upload{Size: int64(len(body)), Declared: declared, Name: name, Kinds: []media.Kind{media.Document}}
	switch major, _, _ := strings.Cut(declared, "/"); major {
	case "audio":
		u.Kinds = []media.Kind{media.Audio, media.Video}
	case "video":
		u.Kinds = []media.Kind{media.Video, media.Audio}
	}
	made, err := b.shop.Make(b.t.Context(), u, f)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() {
		if err := made.Close(); err != nil {
			b.t.Error(err)
		}
		if left, _ := os.ReadDir(b.dir); len(left) > 0 {
			b.t.Errorf("left behind: %v", left)
		}
	})
	return made
}

func content(t *testing.T, f *media.MadeFile) []byte {
	t.Helper()
	if f == nil {
		t.Fatal("no file")
	}
	body, err := io.ReadAll(io.NewSectionReader(f.Body, 0, f.Body.Size()))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// record lets ffmpeg make a sample with everything that a phone adds.
func record(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	given := append([]string{"-v", "error", "-y"}, args...)
	given = append(given, "-metadata", "title=SECRET-TITLE", "-metadata", "comment=SECRET-COMMENT", "-metadata", "location=+48.8584+002.2945/SECRET",
		"-metadata", "artist=SECRET-ARTIST", "-metadata:s", "title=SECRET-STREAM", path)
	if out, err := exec.CommandContext(t.Context(), "ffmpeg", given...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(body, []byte("SECRET")) {
		t.Fatalf("%s has no metadata to begin with", name)
	}
	return body
}

var (
	sight = []string{"-f", "lavfi", "-i", "testsrc=size=320x240:rate=25:duration=2"}
	sound = []string{"-f", "lavfi", "-i", "sine=frequency=440:duration=2"}
)

func args(parts ...[]string) []string {
	var out []string
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

// codecs lists what is in a file.
func codecs(t *testing.T, body []byte, extension string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "made."+extension)
	if err := os.WriteFile(path, body, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "ffprobe", "-v", "error", "-show_entries", "stream=codec_name:format_tags", "-of", "json", path).Output()
	if err != nil {
		t.Fatal(err)
	}
	var told struct {
		Streams []struct {
			Name string `json:"codec_name"`
		}
	}
	if err := json.Unmarshal(out, &told); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(out, []byte("SECRET")) || bytes.Contains(out, []byte("location")) {
		t.Errorf("tags came through: %s", out)
	}
	var names []string
	for _, s := range told.Streams {
		names = append(names, s.Name)
	}
	return strings.Join(names, "+")
}

func TestSoundsAndVideosPlayEverywhereAndTellNothing(t *testing.T) {
	b := newBench(t)
	b.needs("ffmpeg", "ffprobe")
	h264 := args(sight, sound, []string{"-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"})
	for _, c := range []struct {
		name, declared string
		from           []string
		// kind, type, extension and codecs of the file; extension and codecs of
		// the original, empty for none.
		want, original string
	}{
		{"film.mp4", "video/mp4", h264, "video video/mp4 mp4 h264+aac", ""},
		{"film.mov", "video/quicktime", h264, "video video/quicktime mp4 h264+aac", ""},
		{"long.mp4", "video/mp4", args(sight, []string{"-c:v", "mpeg4"}), "video video/mp4 mp4 h264", "mp4 mpeg4"},
		{"phone.mov", "video/quicktime", args(sight, sound, []string{"-c:v", "mjpeg", "-pix_fmt", "yuvj422p", "-c:a", "pcm_s16le"}), "video video/quicktime mp4 h264+aac", "mov mjpeg+pcm_s16le"},
		{"film.webm", "video/webm", args(sight, sound, []string{"-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus"}), "video video/webm webm vp8+opus", ""},
		{"voix.mp4", "video/mp4", args(sound, []string{"-c:a", "aac"}), "audio audio/mp4 m4a aac", ""},
		{"voix.m4a", "audio/mp4", args(sound, []string{"-c:a", "aac"}), "audio audio/mp4 m4a aac", ""},
		{"voix.mp3", "audio/mpeg", args(sound, []string{"-c:a", "libmp3lame"}), "audio audio/mpeg mp3 mp3", ""},
		{"voix.ogg", "audio/ogg", args(sound, []string{"-c:a", "libopus"}), "audio audio/ogg m4a aac", "oga opus"},
		{"voix.webm", "audio/webm", args(sound, []string{"-c:a", "libopus"}), "audio audio/webm m4a aac", "weba opus"},
		{"voix.wav", "audio/wav", args(sound, []string{"-c:a", "pcm_s16le"}), "audio audio/wav m4a aac", "wav pcm_s16le"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := &bench{t, b.shop, b.dir}
			made := b.make(record(t, c.name, c.from...), c.declared, c.name)
			if made.Refusal != "" {
				t.Fatal(made.Refusal)
			}
			body := content(t, made.File)
			got := strings.Join([]string{string(made.Kind), made.Type, made.File.Extension, codecs(t, body, made.File.Extension)}, " ")
			if got != c.want || made.Duration < 1.9 || made.Duration > 2.2 {
				t.Errorf("%s, %g s, want %s", got, made.Duration, c.want)
			}
			original := ""
			if made.Original != nil {
				kept := content(t, made.Original)
				body = append(body, kept...)
				original = made.Original.Extension + " " + codecs(t, kept, made.Original.Extension)
			}
			if original != c.original {
				t.Errorf("original %q, want %q", original, c.original)
			}
			if bytes.Contains(body, []byte("SECRET")) || bytes.Contains(body, []byte("+48.8584")) {
				t.Error("metadata came through")
			}
			if isVideo := made.Kind == media.Video; isVideo != (made.Image != nil) {
				t.Errorf("poster %+v", made.Image)
			} else if isVideo && (made.Image.Width != 320 || made.Image.Height != 240 || len(made.Variants) != 2) {
				t.Errorf("poster %+v of %d variants", made.Image, len(made.Variants))
			}
		})
	}
}

func TestBrokenSoundsAndVideosAreRefused(t *testing.T) {
	b := newBench(t)
	b.needs("ffmpeg", "ffprobe")
	film := record(t, "film.mp4", args(sight, []string{"-c:v", "libx264", "-preset", "ultrafast", "-movflags", "+faststart"})...)
	live := record(t, "film.webm", args(sight, []string{"-c:v", "libvpx", "-deadline", "realtime", "-live", "1"})...)
	box := []byte("\x00\x00\x00\x10ftypisom\x00\x00\x00\x00\x00\x00\x00\x0cmoov\xff\xff\xff\xff")
	for name, c := range map[string]struct {
		body     []byte
		declared string
	}{
		"cut off": {film[:len(film)/2], "video/mp4"}, "noise in boxes": {box, "video/mp4"}, "noise as a sound": {append([]byte("ID3"), make([]byte, 4000)...), "audio/mpeg"},
		"a live recording cut to its head": {live[:300], "video/webm"},
	} {
		t.Run(name, func(t *testing.T) {
			b := &bench{t, b.shop, b.dir}
			if made := b.make(c.body, c.declared, "x"); made.Refusal != media.Damaged {
				t.Errorf("%+v", made)
			}
		})
	}
	u := record(t, "clip.mp4", args(sight, []string{"-c:v", "libx264", "-preset", "ultrafast"})...)
	if made := b.make(u, "audio/mp4", "son.m4a"); made.Kind != media.Video || made.Image == nil {
		t.Errorf("a video that was announced as a sound, where both are taken: %+v", made)
	}
}

func TestWithoutFFmpegFilesAreServedAsTheyAre(t *testing.T) {
	b := newBench(t)
	b.needs("ffmpeg", "ffprobe")
	film := record(t, "film.mp4", args(sight, []string{"-c:v", "libx264", "-preset", "ultrafast"})...)
	bare := newBench(t, "ffmpeg", "ffprobe")
	if made := bare.make(film, "video/mp4", "film.mp4"); !bytes.Equal(content(t, made.File), film) || made.Image != nil || made.Kind != media.Video {
		t.Errorf("%+v", made)
	}
	mov := record(t, "film.mov", args(sight, []string{"-c:v", "libx264", "-preset", "ultrafast"})...)
	if made := bare.make(mov, "video/quicktime", "film.mov"); made.Refusal != media.NotPlayable {
		t.Errorf("%+v", made)
	}
}

func TestDocuments(t *testing.T) {
	b := newBench(t)
	b.needs("pdftoppm", "pdfinfo")
	pdf := sample.PDF(3)
	made := b.make(pdf, "application/pdf", "bilan.pdf")
	if made.Kind != media.Document || made.Pages != 3 || made.Image == nil || made.Image.Width != 1200 || made.Image.Height != 1600 || len(made.Variants) < 3 {
		t.Fatalf("%+v %+v", made, made.Image)
	}
	if !bytes.Equal(content(t, made.File), pdf) || made.File.Extension != "pdf" {
		t.Error("the PDF is not what was sent")
	}
	bare := newBench(t, "pdftoppm", "pdfinfo")
	if made := bare.make(pdf, "application/pdf", "bilan.pdf"); made.Image != nil || made.Pages != 0 || !bytes.Equal(content(t, made.File), pdf) {
		t.Errorf("without tools: %+v", made)
	}
	// Its pages cannot be drawn; it can be downloaded.
	odd := []byte("%PDF-1.7\n1 0 obj << /Encrypt 2 0 R >> endobj\ntrailer << >>\n%%EOF\n")
	if made := b.make(odd, "application/pdf", "odd.pdf"); made.Refusal != "" || made.Image != nil || made.File == nil {
		t.Errorf("a PDF with a password: %+v", made)
	}
}

func TestTextsBecomeUTF8(t *testing.T) {
	b := newBench(t)
	for name, c := range map[string]struct{ declared, body, want string }{
		"as it is":          {"text/plain", "Voilà\r\n", "Voilà\r\n"},
		"a table as it is":  {"text/csv", "nom;âge\n", "nom;âge\n"},
		"Windows-1252":      {"text/plain", "\xc0 bient\xf4t \x80", "À bientôt €"},
		"a Windows table":   {"text/csv", "nom;\xe2ge\n", "\ufeffnom;âge\n"},
		"a UTF-16 table":    {"text/csv", "\xff\xfea\x00;\x00\xe9\x00", "\ufeffa;é"},
		"UTF-16 big-endian": {"text/plain", "\xfe\xff\x00a\x20\xac", "a€"},
	} {
		t.Run(name, func(t *testing.T) {
			b := &bench{t, b.shop, b.dir}
			made := b.make([]byte(c.body), c.declared, "x")
			if got := string(content(t, made.File)); got != c.want || made.Kind != media.Document || made.Image != nil {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func TestOfficeDocumentsShowTheirFirstPage(t *testing.T) {
	b := newBench(t)
	b.needs("soffice", "pdftoppm", "pdfinfo")
	for name, c := range map[string]struct {
		body     []byte
		declared string
	}{
		"lettre.docx": {sample.DOCX("Bonjour à tous"), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
		"lettre.odt":  {sample.ODT("Bonjour à tous"), "application/vnd.oasis.opendocument.text"},
	} {
		t.Run(name, func(t *testing.T) {
			b := &bench{t, b.shop, b.dir}
			made := b.make(c.body, c.declared, name)
			if made.Image == nil || made.Pages != 1 || made.Image.Height < 1500 {
				t.Fatalf("%+v", made)
			}
			if !bytes.Equal(content(t, made.File), c.body) {
				t.Error("the document is not what was sent")
			}
		})
	}
}

// TestAVideoHeldUprightStaysUpright: phones store it sideways, with a note.
func TestAVideoHeldUprightStaysUpright(t *testing.T) {
	b := newBench(t)
	b.needs("ffmpeg", "ffprobe")
	for name, codec := range map[string][]string{
		"copied": {"-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"}, "converted": {"-c:v", "mpeg4"},
	} {
		t.Run(name, func(t *testing.T) {
			b := &bench{t, b.shop, b.dir}
			lying := filepath.Join(t.TempDir(), "lying.mp4")
			if err := os.WriteFile(lying, record(t, "film.mp4", args(sight, codec)...), 0o600); err != nil {
				t.Fatal(err)
			}
			upright := record(t, "upright.mp4", "-i", lying, "-c", "copy", "-metadata:s:v", "rotate=90")
			made := b.make(upright, "video/mp4", "x.mp4")
			if made.Image == nil || made.Image.Width != 240 || made.Image.Height != 320 {
				t.Fatalf("poster %+v", made.Image)
			}
			path := filepath.Join(t.TempDir(), "made.mp4")
			if err := os.WriteFile(path, content(t, made.File), 0o600); err != nil {
				t.Fatal(err)
			}
			out, err := exec.CommandContext(t.Context(), "ffmpeg", "-v", "error", "-i", path, "-frames:v", "1", "-f", "image2pipe", "-c:v", "png", "-").Output()
			if err != nil || len(out) < 24 || !bytes.Equal(out[16:24], []byte{0, 0, 0, 240, 0, 0, 1, 64}) {
				t.Fatalf("it plays %x, %v", out[:min(len(out), 24)], err)
			}
		})
	}
}
