package board_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/fault"
)

// of gives the live documents of a kind on a board.
func of[D board.Document](f *fixture, on board.ID, kind board.Kind) []D {
	f.t.Helper()
	docs, err := f.store.List(f.t.Context(), on, kind)
	if err != nil {
		f.t.Fatal(err)
	}
	var out []D
	for _, doc := range docs {
		out = append(out, doc.(D))
	}
	return out
}

func TestEveryTemplateMakesAWallInBothLanguages(t *testing.T) {
	f := newFixture(t)
	a := f.trainer()
	for i, template := range board.Templates() {
		for j, language := range []string{"fr", "en"} {
			words := template.In(language)
			in := board.NewWall{ID: testID(100 + 10*i + j), NewBoard: board.NewBoard{Title: words.Title, Language: language}}
			b, err := f.CreateFromTemplate(t.Context(), a, template.ID, in)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := f.CreateFromTemplate(t.Context(), a, template.ID, in); err != nil {
				t.Fatal(err)
			}
			sections := of[*board.Section](f, b.ID, board.KindSection)
			slices.SortFunc(sections, func(a, b *board.Section) int { return strings.Compare(a.Order, b.Order) })
			if b.Description != words.Description || b.Settings.Layout != template.Settings.Layout || len(sections) != len(words.Sections) || len(template.Colours) != len(sections) {
				t.Fatalf("%s in %s: %+v with %d sections", template.ID, language, b, len(sections))
			}
			for k, sec := range sections {
				if sec.Title != words.Sections[k].Title || sec.Colour != template.Colours[k] || !slices.Contains(sec.ShownTo, board.Members) {
					t.Fatalf("%s in %s: %+v", template.ID, language, sec)
				}
			}
			// What a template says is what a trainer may say.
			owner, err := f.Owner(t.Context(), a, b.ID, "")
			if err != nil {
				t.Fatal(err)
			}
			s := b.Settings.Told()
			if _, err := f.EditBoard(t.Context(), owner, b.ID, 1, board.BoardEdit{SettingsEdit: board.SettingsEdit{Layout: &s.Layout, Anonymity: &s.Anonymity, Required: &s.Required}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	_, err := f.CreateFromTemplate(t.Context(), a, "none", board.NewWall{NewBoard: board.NewBoard{Title: "X"}})
	wantCode(t, err, fault.Invalid, "invalid_input")
}

func TestADuplicateHasThePostsByNameAndNoPeople(t *testing.T) {
	f := newFixture(t)
	a := f.trainer()
	mod := f.as(2, board.RoleModerator)
	ada, bob := f.as(3, board.RoleWriter), f.as(4, board.RoleWriter)
	hidden, err := f.CreateSection(t.Context(), mod, f.board, board.NewSection{SectionEdit: board.SectionEdit{Title: ptr("Coulisses"), Hidden: ptr(true)}})
	if err != nil {
		t.Fatal(err)
	}
	shown, err := f.CreateSection(t.Context(), mod, f.board, board.NewSection{SectionEdit: board.SectionEdit{Title: ptr("Scène"), Colour: ptr(board.Colour("teal"))}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.CreateGroup(t.Context(), mod, f.board, board.NewGroup{GroupEdit: board.GroupEdit{Name: ptr("Rouge")}}); err != nil {
		t.Fatal(err)
	}
	f.post(ada, board.NewPost{Title: "Sur scène", Body: "<p>Un</p>", Section: shown.ID, Attachments: []board.Attachment{{Type: board.AttachmentLink, URL: "https://example.org/"}}})
	f.post(mod, board.NewPost{Title: "En coulisses", Section: hidden.ID})
	gone := f.post(bob, board.NewPost{Title: "Supprimé"})
	if _, err := f.DeletePost(t.Context(), bob, f.board, gone.ID, 0); err != nil {
		t.Fatal(err)
	}
	turned := f.post(bob, board.NewPost{Title: "Refusé"})
	if _, err := f.RejectPost(t.Context(), mod, f.board, turned.ID, "non"); err != nil {
		t.Fatal(err)
	}
	picture, err := f.BeginMedia(t.Context(), bob, f.board, board.NewMedia{Size: 1, Type: "image/png"})
	if err != nil {
		t.Fatal(err)
	}
	f.post(bob, board.NewPost{Attachments: []board.Attachment{{Type: board.AttachmentMedia, Media: picture.ID}}})
	future := f.clock.Now().Add(time.Hour)
	if _, err := f.EditBoard(t.Context(), mod, f.board, 1, board.BoardEdit{SettingsEdit: board.SettingsEdit{Anonymity: ptr(board.AnonymousToAll), FreezeAt: &future, MaxLength: ptr(99)}}); err != nil {
		t.Fatal(err)
	}
	f.post(bob, board.NewPost{Title: "Sans nom"})

	in := board.NewDuplicate{ID: testID(70), Posts: true}
	b, without, err := f.Duplicate(t.Context(), a, f.board, board.Principal{}, in)
	if err != nil {
		t.Fatal(err)
	}
	if b.Title != "Mur (copie)" || b.Settings.MaxLength != 99 || !b.Settings.FreezeAt.IsZero() || without != (board.LeftOut{Pictures: 1, Posts: 1}) {
		t.Fatalf("got %+v without %+v", b, without)
	}
	posts := of[*board.Post](f, b.ID, board.KindPost)
	by := map[string]*board.Post{}
	for _, p := range posts {
		by[p.Title] = p
		if p.Author.ID == ada.Participant || p.Author.ID == bob.Participant {
			t.Fatalf("%s is somebody's own", p.Title)
		}
	}
	// Everybody's name is hidden now, so that no owner learns it by a copy.
	if len(posts) != 3 || by["Sans nom"].Author.Name != "Anonyme" || by["Sur scène"].Author.Name != "Anonyme" || by["En coulisses"].Author.Name != mod.Name {
		t.Fatalf("got %d posts: %v", len(posts), by)
	}
	if !slices.Contains(by["Sur scène"].ShownTo, board.Members) || slices.Contains(by["En coulisses"].ShownTo, board.Members) || len(by["Sur scène"].Attachments) != 1 {
		t.Fatalf("%+v, %+v", by["Sur scène"], by["En coulisses"])
	}
	if len(of[*board.Section](f, b.ID, board.KindSection)) != 2 || len(of[*board.Group](f, b.ID, board.KindGroup)) != 1 || len(of[*board.Participant](f, b.ID, board.KindParticipant)) != 0 {
		t.Fatal("not the same sections and groups, or people have come along")
	}
	again, _, err := f.Duplicate(t.Context(), a, f.board, board.Principal{}, in)
	if err != nil || again.ID != b.ID || len(of[*board.Post](f, b.ID, board.KindPost)) != 3 {
		t.Fatalf("again: %+v, %v", again, err)
	}

	if _, err := f.EditBoard(t.Context(), mod, f.board, 2, board.BoardEdit{SettingsEdit: board.SettingsEdit{Anonymity: ptr(board.Anonymity("named"))}}); err != nil {
		t.Fatal(err)
	}
	b, _, err = f.Duplicate(t.Context(), a, f.board, board.Principal{}, board.NewDuplicate{ID: testID(71), Title: "Avec noms", Posts: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range of[*board.Post](f, b.ID, board.KindPost) {
		if p.Title == "Sur scène" && p.Author.Name != ada.Name || p.Title == "Sans nom" && p.Author.Name != "Anonyme" {
			t.Fatalf("%s by %s", p.Title, p.Author.Name)
		}
	}
	b, _, err = f.Duplicate(t.Context(), a, f.board, board.Principal{}, board.NewDuplicate{ID: testID(72)})
	if err != nil || len(of[*board.Post](f, b.ID, board.KindPost)) != 0 {
		t.Fatalf("without posts: %v", err)
	}
}

func TestWhoMayDuplicate(t *testing.T) {
	f := newFixture(t)
	f.trainer()
	other, err := f.EnsureAccount(t.Context(), board.Identity{Issuer: "i", Subject: "s", Name: "Bob"})
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = f.Duplicate(t.Context(), other, f.board, board.Principal{}, board.NewDuplicate{})
	wantCode(t, err, fault.Forbidden, "forbidden")
	_, _, err = f.Duplicate(t.Context(), other, f.board, f.as(3, board.RoleWriter), board.NewDuplicate{})
	wantCode(t, err, fault.Forbidden, "forbidden")
	b, _, err := f.Duplicate(t.Context(), other, f.board, f.as(3, board.RoleModerator), board.NewDuplicate{Title: "À moi"})
	if err != nil || b.Title != "À moi" {
		t.Fatalf("got %+v, %v", b, err)
	}
	if _, err := f.Owner(t.Context(), other, b.ID, ""); err != nil {
		t.Fatal(err)
	}
}
