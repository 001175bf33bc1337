package paper_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html/template"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/carlos7ags/folio/core"
	"github.com/carlos7ags/folio/reader"

	"fresque.dev/services/board/internal/archive"
	"fresque.dev/services/board/internal/paper"
	"fresque.dev/services/internal/fault"
)

// shelf has files by path.
type shelf map[string][]byte

func (s shelf) Open(_ context.Context, path string, _ int64) (io.ReadCloser, error) {
	raw, ok := s[path]
	if !ok {
		return nil, errors.New("not there")
	}
	return io.NopCloser(bytes.NewReader(raw)), nil
}

// opener is told of each file that is asked for, and has none.
type opener func()

func (o opener) Open(context.Context, string, int64) (io.ReadCloser, error) {
	o()
	return nil, errors.New("not there")
}

func picture(t testing.TB, encode func(io.Writer, image.Image) error) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 64, 40))
	for x := range 64 {
		img.Set(x, x/2, color.RGBA{200, uint8(x), 20, 255})
	}
	var raw bytes.Buffer
	if err := encode(&raw, img); err != nil {
		t.Fatal(err)
	}
	return raw.Bytes()
}

func aJPEG(w io.Writer, m image.Image) error { return jpeg.Encode(w, m, nil) }

var day = time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)

func pageOf(posts ...archive.Post) archive.Page {
	for i := range posts {
		posts[i].At, posts[i].State = day, "published"
	}
	return archive.Page{Language: "fr", Title: "Volcans", SavedAt: day, Sections: []archive.Section{{Posts: posts}}}
}

type printed struct {
	*reader.PdfReader
	text string
	refs int
}

func write(t *testing.T, files archive.Files, page archive.Page) printed {
	t.Helper()
	var raw bytes.Buffer
	if err := paper.NewPress().Write(t.Context(), &raw, files, page); err != nil {
		t.Fatal(err)
	}
	r, err := reader.Parse(raw.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	out := printed{PdfReader: r}
	for i := range r.PageCount() {
		p, err := r.Page(i)
		if err != nil {
			t.Fatal(err)
		}
		text, err := p.ExtractText()
		if err != nil {
			t.Fatal(err)
		}
		shown, err := p.ImageRefs()
		if err != nil {
			t.Fatal(err)
		}
		out.text, out.refs = out.text+text+"\n", out.refs+len(shown)
	}
	return out
}

func (p printed) has(t *testing.T, all ...string) {
	t.Helper()
	flat := strings.Join(strings.Fields(p.text), "")
	for _, one := range all {
		if !strings.Contains(flat, strings.Join(strings.Fields(one), "")) {
			t.Errorf("no %q in:\n%s", one, p.text)
		}
	}
}

// titles are those of all bookmarks, each below its own.
func (p printed) titles(t *testing.T, of core.PdfObject, depth int) []string {
	t.Helper()
	found, err := p.ResolveObject(of)
	if err != nil {
		t.Fatal(err)
	}
	dict, ok := found.(*core.PdfDictionary)
	if !ok {
		return nil
	}
	var out []string
	for next := dict.Get("First"); next != nil; {
		found, err := p.ResolveObject(next)
		if err != nil {
			t.Fatal(err)
		}
		one := found.(*core.PdfDictionary)
		title := one.Get("Title").(*core.PdfString).Text()
		if wide, ok := strings.CutPrefix(title, "\xfe\xff"); ok {
			title = ""
			for i := 0; i < len(wide); i += 2 {
				title += string(rune(wide[i])<<8 | rune(wide[i+1]))
			}
		}
		out = append(out, strings.Repeat(">", depth)+title)
		out = append(out, p.titles(t, one, depth+1)...)
		next = one.Get("Next")
	}
	return out
}

func TestAWallOnPaper(t *testing.T) {
	files := shelf{"a": picture(t, aJPEG), "b": picture(t, png.Encode)}
	page := pageOf()
	page.Description = "Ce que nous savons : « l’œuvre »"
	page.Sections = []archive.Section{
		{Title: "Ce que je sais", Description: "Une idée", Posts: []archive.Post{{
			Title: "Etna", Author: "Ada & Cie", Group: "Bleus", At: day, State: "pending", Colour: "red",
			Body:  `<p>Un <strong>mot</strong>, <a href="https://example.org/x?a=1&amp;b=2" rel="noopener noreferrer nofollow ugc" target="_blank">un lien</a><br>et <em>la suite</em></p><ul><li>premier<ol><li>dedans</li></ol></li><li><ul><li>seul</li></ul></li></ul>`,
			Scale: "votes", Given: 4,
			Attachments: []archive.Attachment{
				{Kind: "picture", Name: "a.jpg", Poster: "a", Alt: "Un cratère", Caption: "Le sommet"}, {Kind: "picture", Name: "b.png", Poster: "b"},
				{Kind: "picture", Name: "parti.jpg", Poster: "gone"},
				{Kind: "link", URL: "https://example.org/etna", About: "Page de l’Etna"},
				{Kind: "file", Name: "bilan.pdf", Size: 1_540_000}, {Kind: "video", Name: "film.mp4", Missing: true},
			},
			Comments: []archive.Comment{{Author: "Eve", Trainer: true, At: day, State: "published", Body: "<p>Bien vu</p>", Replies: []archive.Comment{{Author: "Max", At: day, State: "rejected", Body: "<p>Merci</p>"}}}},
		}}},
		{Title: "Vide", Hidden: true},
		{Posts: []archive.Post{{Author: "Zoé", At: day, State: "published", Body: "<p>Sans titre</p>"}}},
	}
	got := write(t, files, page)
	got.has(t, "Volcans", "Ce que nous savons : « l’œuvre »", "Copie du 1er novembre 2026", "Ce que je sais", "Une idée", "Etna", "Ada & Cie · 1er novembre 2026 · groupe Bleus · en attente",
		"Un mot, un lien", "et la suite", "• premier", "1. dedans", "• seul", "4 voix", "Le sommet", "Image : parti.jpg. Elle n’est pas dans ce document", "Une image n’y est pas",
		"Page de l’Etna", "example.org/etna", "Fichier : bilan.pdf (1,5 Mo)", "Vidéo : film.mp4. Ce fichier n’était pas disponible", "2 commentaires", "Eve (formation)", "Bien vu", "Max · 1er novembre 2026 · refusée", "Merci",
		"Vide (section masquée)", "Aucune publication", "Sans section", "Sans titre", "1 / 1")
	if got.refs != 2 {
		t.Errorf("%d pictures", got.refs)
	}
	catalog := got.Catalog()
	if lang, _ := catalog.Get("Lang").(*core.PdfString); lang == nil || lang.Text() != "fr" {
		t.Errorf("language %v", catalog.Get("Lang"))
	}
	if title, _, _, _, _ := got.Info(); title != "Volcans" || got.StructureTree() == nil {
		t.Errorf("title %q, tags %v", title, got.StructureTree())
	}
	want := "Volcans|>Ce que je sais|>>Etna|>Vide (section masquée)|>Sans section"
	if titles := strings.Join(got.titles(t, catalog.Get("Outlines"), 0), "|"); titles != want {
		t.Errorf("bookmarks: %s", titles)
	}
	first, err := got.Page(0)
	if err != nil {
		t.Fatal(err)
	}
	var links bytes.Buffer
	annotations, _ := got.ResolveObject(first.Dict().Get("Annots"))
	for _, one := range annotations.(*core.PdfArray).All() {
		a, _ := got.ResolveObject(one)
		action, _ := got.ResolveObject(a.(*core.PdfDictionary).Get("A"))
		fmt.Fprint(&links, action.(*core.PdfDictionary).Get("URI").(*core.PdfString).Text(), " ")
	}
	if s := links.String(); !strings.Contains(s, "https://example.org/x?a=1&b=2 ") || !strings.Contains(s, "https://example.org/etna ") {
		t.Errorf("links: %s", s)
	}
}

// What has a shape is shown, whatever script it is of; what has none is counted.
func TestNoCharacterGoesUnsaid(t *testing.T) {
	all := "Œuvre ÿ, Ελληνικά, Русский, Հայերեն, ≤ √ ½, đ ữ ł ş, 😀 ❤️ 👩‍💻 👍🏽"
	got := write(t, shelf{}, pageOf(archive.Post{Title: "😀", Author: "A", Body: template.HTML("<p>" + all + "</p><p>مرحبا שלום</p>")})) //nolint:gosec // of this test
	got.has(t, "Œuvre ÿ, Ελληνικά, Русский, Հայերեն, ≤ √ ½, đ ữ ł ş, 😀", "❤", "👩", "💻", "👍")
	if strings.Contains(got.text, "□") || strings.Contains(got.text, "pas de dessin") {
		t.Errorf("missing from %s", got.text)
	}
	got = write(t, shelf{}, pageOf(archive.Post{Author: "A", Body: "<p>中文中</p>"}))
	got.has(t, "□□□", "2 caractères différents n’ont pas de dessin ici (□)")
}

func TestPeopleCannotBreakADocument(t *testing.T) {
	nested := strings.Repeat("<ul><li>", 4) + "fin" + strings.Repeat("</li></ul>", 4)
	rows := make([]archive.Attachment, 30)
	for i := range rows {
		rows[i] = archive.Attachment{Kind: "picture", Poster: "a", Caption: strings.Repeat("légende ", 60)}
	}
	var thread []archive.Comment
	for range 60 {
		thread = append(thread, archive.Comment{Author: "B", At: day, State: "published", Body: "<p>dit</p>"})
	}
	for name, post := range map[string]archive.Post{
		"one word":      {Body: template.HTML("<p>" + strings.Repeat("a", 5000) + "</p>")}, //nolint:gosec // of this test
		"one title":     {Title: strings.Repeat("T", 4000)},
		"only emoji":    {Body: template.HTML("<p>" + strings.Repeat("😀", 4000) + "</p>")},               //nolint:gosec // of this test
		"marks":         {Body: template.HTML("<p>e" + strings.Repeat("\u0301", 3000) + "</p>")},         //nolint:gosec // of this test
		"two ways":      {Body: template.HTML("<p>" + strings.Repeat("שלום abc ", 800) + "</p>")},        //nolint:gosec // of this test
		"lines":         {Body: template.HTML("<p>" + strings.Repeat("x<br>", 1000) + "fin</p>")},        //nolint:gosec // of this test
		"lists":         {Body: template.HTML(strings.Repeat(nested, 100))},                              //nolint:gosec // of this test
		"a long item":   {Body: template.HTML("<ul><li>" + strings.Repeat("mot ", 1500) + "</li></ul>")}, //nolint:gosec // of this test
		"many pictures": {Attachments: rows},
		"long captions": {Attachments: []archive.Attachment{{Kind: "link", URL: "https://e.org/" + strings.Repeat("x", 1900)}}},
		"a long thread": {Comments: thread},
		"nothing":       {},
	} {
		t.Run(name, func(t *testing.T) {
			post.Author = "A"
			got := write(t, shelf{"a": picture(t, aJPEG)}, pageOf(post, archive.Post{Author: "B", Body: "<p>Après</p>"}))
			got.has(t, "Après")
		})
	}
}

func TestAWallThatIsTooLongIsRefused(t *testing.T) {
	body := template.HTML("<p>" + strings.Repeat("mot ", 12_000) + "</p>") //nolint:gosec // of this test
	posts := make([]archive.Post, 100)
	for i := range posts {
		posts[i] = archive.Post{Author: "A", Body: body}
	}
	err := paper.NewPress().Write(t.Context(), io.Discard, shelf{}, pageOf(posts...))
	if !errors.Is(err, paper.ErrTooLong) || fault.KindOf(err) != fault.TooLarge {
		t.Errorf("%v", err)
	}
	press, began, end := paper.NewPress(), make(chan struct{}), make(chan struct{})
	first := make(chan error)
	slow := opener(func() { began <- struct{}{}; <-end })
	// Addresses count whole, and are laid out short.
	attachments := []archive.Attachment{{Kind: "picture", Poster: "a"}}
	for range 600 {
		attachments = append(attachments, archive.Attachment{Kind: "link", About: "x", URL: "https://example.org/" + strings.Repeat("x", 1900)})
	}
	large := pageOf(archive.Post{Author: "A", Attachments: attachments})
	go func() { first <- press.Write(t.Context(), io.Discard, slow, large) }()
	<-began
	waiting, leave := context.WithCancel(t.Context())
	second := make(chan error)
	go func() { second <- press.Write(waiting, io.Discard, shelf{}, large) }()
	leave()
	if err := <-second; !errors.Is(err, context.Canceled) {
		t.Errorf("two large ones at once: %v", err)
	}
	end <- struct{}{}
	if err := <-first; err != nil {
		t.Error(err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := paper.NewPress().Write(gone, io.Discard, shelf{}, pageOf(posts[:1]...)); !errors.Is(err, context.Canceled) {
		t.Errorf("whoever has left: %v", err)
	}
}

// Pictures that are broken, huge or none are said to be missing.
func TestAPictureThatIsNoneIsSaid(t *testing.T) {
	huge := picture(t, png.Encode)
	copy(huge[16:24], []byte{0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff}) // its size, as it says
	files := shelf{"text": []byte("<svg>"), "cut": picture(t, aJPEG)[:200], "huge": huge, "fine": picture(t, aJPEG)}
	var all []archive.Attachment
	for _, name := range []string{"text", "cut", "huge", "fine"} {
		all = append(all, archive.Attachment{Kind: "picture", Name: name + ".jpg", Poster: name})
	}
	got := write(t, files, pageOf(archive.Post{Author: "A", Attachments: all}))
	got.has(t, "3 images n’y sont pas", "text.jpg", "cut.jpg", "huge.jpg")
	if got.refs != 1 {
		t.Errorf("%d pictures", got.refs)
	}
}

func BenchmarkAWallOf5000Posts(b *testing.B) {
	posts := make([]archive.Post, 5000)
	for i := range posts {
		posts[i] = archive.Post{
			Title: fmt.Sprint("Publication ", i), Author: "Ada", Body: template.HTML("<p>" + strings.Repeat("Quelques mots pour dire une idée. ", 8) + "</p>"), //nolint:gosec // of this benchmark
			Attachments: []archive.Attachment{{Kind: "picture", Poster: "a", Name: "a.jpg"}},
		}
	}
	files := shelf{"a": picture(b, aJPEG)}
	for b.Loop() {
		if err := paper.NewPress().Write(b.Context(), io.Discard, files, pageOf(posts...)); err != nil {
			b.Fatal(err)
		}
	}
}
