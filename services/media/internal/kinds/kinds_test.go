package kinds_test

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"

	"fresque.dev/services/media/internal/kind"
	"fresque.dev/services/media/internal/kinds"
	"fresque.dev/services/media/internal/media"
	"fresque.dev/services/media/internal/sample"
)

const (
	pdf  = "application/pdf"
	docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	odt  = "application/vnd.oasis.opendocument.text"
)

// seen tells what a file passes as, when it is announced so.
func seen(t *testing.T, body []byte, declared string) string {
	t.Helper()
	u := media.Upload{Size: int64(len(body)), Declared: declared, Kinds: []media.Kind{media.Document}}
	switch declared, _, _ := strings.Cut(declared, "/"); declared {
	case "image":
		u.Kinds = []media.Kind{media.Picture}
	case "audio":
		u.Kinds = []media.Kind{media.Audio, media.Video}
	case "video":
		u.Kinds = []media.Kind{media.Video, media.Audio}
	}
	_, found, _, err := kinds.Recognise(bytes.NewReader(body), u)
	if err != nil {
		t.Fatal(err)
	}
	if found.Refusal != "" {
		return string(found.Refusal)
	}
	return string(found.Kind) + " " + found.Type
}

func box(name string, body []byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(8+len(body)))
	return append(append(out, name...), body...)
}

func mp4(brand string) []byte {
	return append(append(box("ftyp", []byte(brand+"\x00\x00\x00\x00")), box("moov", nil)...), box("mdat", make([]byte, 100))...)
}

func webm(size byte) []byte {
	head := append([]byte("\x1a\x45\xdf\xa3"), 0x87, 0x42, 0x82, 0x84)
	head = append(head, "webm"...)
	return append(append(head, "\x18\x53\x80\x67"...), append([]byte{size}, make([]byte, 40)...)...)
}

func wav(claims uint32) []byte {
	return append(append(append([]byte("RIFF"), binary.LittleEndian.AppendUint32(nil, claims)...), "WAVEfmt "...), make([]byte, 92)...)
}

func cut(b []byte) []byte { return b[:len(b)*2/3] }

func with(parts ...any) []byte {
	var out []byte
	for _, p := range parts {
		switch p := p.(type) {
		case []byte:
			out = append(out, p...)
		case string:
			out = append(out, p...)
		}
	}
	return out
}

// bomb is an archive that is a document, with an entry of nothing but zeros.
func bomb() []byte {
	return sample.DOCX("x", sample.Entry{Name: "word/a", Body: strings.Repeat("\x00", 8<<20)})
}

// overlapping is an archive whose table of contents says of one entry that it
// is many.
func overlapping() []byte {
	b := sample.Zip(sample.Entry{Name: "a", Body: strings.Repeat("noise 1234567890", 400), Stored: true})
	end := bytes.LastIndex(b, []byte("PK\x05\x06"))
	at := bytes.Index(b, []byte("PK\x01\x02"))
	entry, body := b[at:end], b[:at]
	out := bytes.Clone(body)
	const copies = 20
	for n := range copies {
		one := bytes.Clone(entry)
		one[46] = byte('a' + n)
		out = append(out, one...)
	}
	tail := bytes.Clone(b[end:])
	binary.LittleEndian.PutUint16(tail[8:], copies)
	binary.LittleEndian.PutUint16(tail[10:], copies)
	binary.LittleEndian.PutUint32(tail[12:], uint32(copies*len(entry)))
	return append(out, tail...)
}

func TestWhatAFileIs(t *testing.T) {
	page := "<!DOCTYPE html><script>alert(1)</script>"
	gif := with("GIF89a/*", make([]byte, 20), "*/=1;alert(1)")
	for name, c := range map[string]struct {
		body           []byte
		declared, want string
	}{
		"a PDF":                            {sample.PDF(1), pdf, "file " + pdf},
		"a PDF cut off":                    {cut(sample.PDF(3)), pdf, "media_damaged"},
		"a PDF that is a page":             {with("%PDF-1.4\n", page, sample.PDF(1)), pdf, "media_polyglot"},
		"a page that is a PDF":             {with(page, sample.PDF(1)), pdf, "media_type_mismatch"},
		"a PDF that is an archive":         {with(sample.PDF(1), sample.Zip(sample.Entry{Name: "a"})), pdf, "media_polyglot"},
		"a PDF as a text":                  {sample.PDF(1), "text/plain", "media_type_mismatch"},
		"a PDF as a picture":               {sample.PDF(1), "image/png", "media_not_a_picture"},
		"a DOCX":                           {sample.DOCX("texte"), docx, "file " + docx},
		"a DOCX as an XLSX":                {sample.DOCX("texte"), xlsx, "media_type_mismatch"},
		"a DOCX cut off":                   {cut(sample.DOCX("texte")), docx, "media_damaged"},
		"a DOCX with macros":               {sample.DOCX("x", sample.Entry{Name: "word/vbaProject.bin"}), docx, "media_macros"},
		"a DOCM":                           {bytes.Clone(sample.Zip(sample.Entry{Name: "[Content_Types].xml", Body: `<Types><Override PartName="/w" ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/></Types>`})), docx, "media_macros"},
		"a DOCX behind a page":             {with(page, sample.DOCX("x")), docx, "media_type_mismatch"},
		"a DOCX behind another archive":    {with("PK\x03\x04", make([]byte, 60), sample.DOCX("x")), docx, "media_polyglot"},
		"a DOCX before a page":             {with(sample.DOCX("x"), page), docx, "media_polyglot"},
		"an ODT":                           {sample.ODT("texte"), odt, "file " + odt},
		"an ODT with macros":               {sample.ODT("x", sample.Entry{Name: "Basic/Standard/Module1.xml", Body: "x"}), odt, "media_macros"},
		"an archive":                       {sample.Zip(sample.Entry{Name: "a.exe", Body: "x"}), docx, "media_type_unsupported"},
		"an archive that climbs":           {sample.DOCX("x", sample.Entry{Name: "../../etc/passwd"}), docx, "media_type_unsupported"},
		"an archive with twins":            {sample.DOCX("x", sample.Entry{Name: "WORD/document.xml"}), docx, "media_type_unsupported"},
		"a bomb":                           {bomb(), docx, "media_bomb"},
		"a bomb of shared bytes":           {overlapping(), docx, "media_bomb"},
		"a DOC, or a DOCX with a password": {with("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", make([]byte, 100)), docx, "media_locked"},
		"a text":                           {[]byte("Voilà — du texte.\n"), "text/plain", "file text/plain"},
		"a text that begins with BM":       {[]byte("BMW et autres marques"), "text/plain", "file text/plain"},
		"a text in Windows-1252":           {[]byte("Voil\xe0 \x80 \x9c"), "text/plain", "file text/plain"},
		"a text in UTF-16":                 {[]byte("\xff\xfeV\x00o\x00i\x00l\x00\xe0\x00"), "text/csv", "file text/csv"},
		"a text about pages":               {[]byte("On écrit <html> puis <body>."), "text/plain", "file text/plain"},
		"a page as a text":                 {[]byte("\n " + page), "text/plain", "media_type_mismatch"},
		"a page in UTF-16 as a text":       {[]byte("\xff\xfe<\x00h\x00t\x00m\x00l\x00>\x00"), "text/plain", "media_type_mismatch"},
		"SVG as a text":                    {[]byte(`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>`), "text/plain", "media_type_unsupported"},
		"bytes as a text":                  {[]byte("a\x00b"), "text/plain", "media_type_mismatch"},
		"bytes that are no Windows-1252":   {[]byte("\x81\x8d"), "text/csv", "media_type_mismatch"},
		"captions":                         {[]byte("WEBVTT\n\n00:01.000 --> 00:02.000\nBonjour\n"), "text/vtt", "file text/vtt"},
		"captions of SubRip":               {[]byte("1\r\n00:00:01,000 --> 00:00:02,000\r\nBonjour\r\n"), "text/vtt", "file text/vtt"},
		"captions without a cue":           {[]byte("WEBVTT\n\nNOTE rien\n"), "text/vtt", "media_not_captions"},
		"captions longer than any speech":  {with("WEBVTT\n\n00:01.000 --> 00:02.000\n", bytes.Repeat([]byte("a"), 1<<20)), "text/vtt", "media_not_captions"},
		"a page as captions":               {[]byte(page + "\n\n00:01.000 --> 00:02.000\nx\n"), "text/vtt", "media_type_mismatch"},
		"a text as captions":               {[]byte("Bonjour"), "text/vtt", "media_not_captions"},
		"bytes as captions":                {[]byte("WEBVTT\n\n00:01.000 --> 00:02.000\na\x00b\n"), "text/vtt", "media_type_mismatch"},
		"a program as a table":             {with("\x7fELF", make([]byte, 100)), "text/csv", "media_type_mismatch"},
		"SVG":                              {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), "image/png", "media_type_unsupported"},
		"a page as a picture":              {[]byte(page), "image/png", "media_not_a_picture"},
		"a picture as a PDF":               {[]byte("\x89PNG\r\n\x1a\n0000"), pdf, "media_type_mismatch"},
		"a GIF that is a script":           {gif, "text/plain", "media_type_mismatch"},
		"an MP4":                           {mp4("isom"), "video/mp4", "video video/mp4"},
		"an MP4 cut off":                   {cut(mp4("isom")), "video/mp4", "media_damaged"},
		"an MP4 without contents":          {with(box("ftyp", []byte("isom\x00\x00\x00\x00")), box("mdat", nil)), "video/mp4", "media_damaged"},
		"a MOV":                            {mp4("qt  "), "video/quicktime", "video video/quicktime"},
		"an M4A":                           {mp4("M4A "), "audio/mp4", "audio audio/mp4"},
		"a HEIC as a video":                {mp4("heic"), "video/mp4", "media_type_unsupported"},
		"a WebM":                           {webm(0x80 | 40), "video/webm", "video video/webm"},
		"a WebM recorded live":             {webm(0xff), "audio/webm", "audio audio/webm"},
		"a WebM cut off":                   {webm(0x80 | 90), "video/webm", "media_damaged"},
		"a Matroska":                       {with("\x1a\x45\xdf\xa3\x8b\x42\x82\x88matroska", make([]byte, 60)), "video/webm", "media_type_mismatch"},
		"a WAV":                            {wav(100), "audio/wav", "audio audio/wav"},
		"a WAV cut off":                    {wav(1000), "audio/wav", "media_damaged"},
		"an MP3":                           {with("\xff\xfb\x90\x00", make([]byte, 100)), "audio/mpeg", "audio audio/mpeg"},
		"an MP3 with a title":              {with("ID3\x04", make([]byte, 100)), "audio/mpeg", "audio audio/mpeg"},
		"an AAC":                           {with("\xff\xf1\x50\x80", make([]byte, 100)), "audio/aac", "audio audio/aac"},
		"an Ogg":                           {with("OggS", make([]byte, 100)), "audio/ogg", "audio audio/ogg"},
		"a playlist as a video":            {[]byte("#EXTM3U\nhttp://127.0.0.1/secret\n"), "video/mp4", "media_type_mismatch"},
		"a video as a PDF":                 {mp4("isom"), pdf, "media_type_mismatch"},
		"a single byte":                    {[]byte("P"), pdf, "media_type_mismatch"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := seen(t, c.body, c.declared); got != c.want {
				t.Errorf("%s as %s: %s, want %s", name, c.declared, got, c.want)
			}
		})
	}
}

// FuzzRecognise: whatever comes, it is taken for something or refused.
func FuzzRecognise(f *testing.F) {
	for _, seed := range [][]byte{sample.PDF(1), sample.DOCX("x"), sample.ODT("x"), mp4("isom"), webm(0xff), wav(100), []byte("texte"), overlapping()} {
		for kind := range byte(5) {
			f.Add(seed, kind)
		}
	}
	f.Fuzz(func(t *testing.T, body []byte, n byte) {
		if len(body) == 0 {
			return
		}
		declared := []string{"image/png", "text/csv", "audio/mpeg", "video/mp4", "text/vtt"}[n%5]
		_ = seen(t, body, declared)
	})
}

func TestEveryKindHasAModule(t *testing.T) {
	for _, k := range []media.Kind{media.Picture, media.Document, media.Audio, media.Video} {
		if !k.Known() || kinds.ModuleOf(kind.Found{Kind: k}) == nil {
			t.Errorf("none for %s", k)
		}
	}
}
