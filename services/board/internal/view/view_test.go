package view_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/board/internal/view"
)

type onePlayer struct{}

func (onePlayer) Resolve(raw string) (view.Embed, bool) {
	return view.Embed{Provider: "pod", Src: raw + "?is_iframe=true"}, strings.HasPrefix(raw, "https://pod.example/")
}

func renderer() *view.Renderer {
	return view.NewRenderer("https://media.example", board.DefaultUploads(), onePlayer{}, board.NewAliasMaker([]byte("key")))
}

func viewer() view.Viewer {
	return view.Viewer{Level: board.LevelModerators, Own: true, Sight: board.NewSight(&board.Board{}, nil, nil, time.Now())}
}

func TestATombstoneShowsNothingOfWhatItWas(t *testing.T) {
	gone := board.Meta{ID: "i", Board: "b", Rev: 3, DeletedAt: time.Now(), DeletedBy: "someone", PurgeAt: time.Now()}
	for _, doc := range []board.Document{
		&board.Post{Meta: gone, Author: board.Author{ID: "secret", Name: "secret"}, Title: "secret", Body: "secret",
			Attachments: []board.Attachment{{URL: "secret"}}},
		&board.Media{Meta: gone, Owner: "secret", Refusal: "secret", Picture: &board.Picture{Placeholder: "secret"}},
		&board.Board{Meta: gone, Title: "secret", Description: "secret", Settings: board.Settings{Words: []string{"secret"}}},
		&board.Section{Meta: gone, Title: "secret", Description: "secret"},
		&board.Section{Meta: board.Meta{ID: "i", Rev: 1}, Title: "secret", RemovedAt: time.Now()},
		&board.Group{Meta: gone, Name: "secret"},
		&board.Participant{Meta: gone, Name: "secret", Link: "secret"},
		&board.Report{Meta: gone, Post: "secret", Reporter: "secret", Reason: "secret"},
	} {
		change, ok := renderer().Change(doc, viewer())
		data, err := json.Marshal(change)
		if !ok || err != nil {
			t.Fatal(ok, err)
		}
		if strings.Contains(string(data), "secret") || strings.Contains(string(data), "someone") || !strings.Contains(string(data), `"deleted":true`) {
			t.Errorf("%s: %s", doc.Kind(), data)
		}
	}
}

func TestALinkHasNoPublicFace(t *testing.T) {
	if _, ok := renderer().Change(&board.Link{}, viewer()); ok {
		t.Fatal("a link was rendered")
	}
}

func TestPlayersAndPictures(t *testing.T) {
	v := renderer()
	post := v.Post(&board.Post{Attachments: []board.Attachment{
		{Type: board.AttachmentLink, URL: "https://pod.example/v"}, {Type: board.AttachmentLink, URL: "https://other.example/v"}, {Type: board.AttachmentMedia, Media: "m"},
	}}, viewer())
	if post.Attachments[0].Embed == nil || post.Attachments[1].Embed != nil || post.Attachments[2].Embed != nil {
		t.Fatalf("players: %+v", post.Attachments)
	}
	for _, path := range []string{"/m/a.webp", "m/a.webp"} {
		media := v.Media(&board.Media{State: board.MediaReady, Picture: &board.Picture{Variants: []board.Variant{{Path: path}}}}, viewer())
		if got := media.Picture.Variants[0].URL; got != "https://media.example/m/a.webp" {
			t.Errorf("%s is at %s", path, got)
		}
	}
}

// TestAWallThatHasEndedIsReadAsArchived: pages know no other phase, and
// are told that it stays so.
func TestAWallThatHasEndedIsReadAsArchived(t *testing.T) {
	b := &board.Board{ArchivedAt: time.Unix(1, 0), EndedAt: time.Unix(2, 0)}
	sight := board.NewSight(b, nil, nil, time.Unix(3, 0))
	if v := renderer().Board(b, view.Viewer{Sight: sight}); v.Phase != "archived" || v.EndedAt == nil {
		t.Errorf("got %+v", v)
	}
}
