package board_test

import (
	"testing"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/fault"
)

func TestCaptionsGoWithASoundOrAVideoOfTheSamePost(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	ada := f.as(2, board.RoleWriter)
	// A wall for videos takes their captions, and no other file.
	if _, err := f.EditBoard(ctx, f.as(1, board.RoleModerator), f.board, 0, board.BoardEdit{SettingsEdit: board.SettingsEdit{Kinds: &[]board.ContentKind{board.ContentVideo}}}); err != nil {
		t.Fatal(err)
	}
	begin := func(n int, mediaType, name string) board.ID {
		t.Helper()
		m, err := f.BeginMedia(ctx, ada, f.board, board.NewMedia{ID: testID(n), Size: 10, Type: mediaType, Name: name})
		if err != nil {
			t.Fatal(err)
		}
		return m.ID
	}
	_, err := f.BeginMedia(ctx, ada, f.board, board.NewMedia{Size: 10, Type: "text/plain", Name: "a.txt"})
	wantCode(t, err, fault.Invalid, "kind_not_allowed")
	video := board.Attachment{ID: testID(70), Type: board.AttachmentMedia, Media: begin(60, "video/mp4", "a.mp4")}
	words := board.Attachment{ID: testID(71), Type: board.AttachmentMedia, Media: begin(61, "", "a.srt"), CaptionsOf: video.ID, Language: "fr"}
	other := board.Attachment{ID: testID(72), Type: board.AttachmentMedia, Media: begin(62, "video/mp4", "b.mp4"), CaptionsOf: video.ID, Language: "en"}

	with := func(change func(*board.Attachment)) board.Attachment {
		a := words
		change(&a)
		return a
	}
	for name, c := range map[string]struct {
		attachments []board.Attachment
		code        string
	}{
		"of nothing":         {[]board.Attachment{words}, "captions_of_nothing"},
		"of themselves":      {[]board.Attachment{video, with(func(a *board.Attachment) { a.CaptionsOf = a.ID })}, "captions_of_nothing"},
		"a link":             {[]board.Attachment{video, with(func(a *board.Attachment) { a.Type, a.URL = board.AttachmentLink, "https://example.org/" })}, "captions_of_nothing"},
		"in no language":     {[]board.Attachment{video, with(func(a *board.Attachment) { a.Language = "" })}, "language_unknown"},
		"in what is no code": {[]board.Attachment{video, with(func(a *board.Attachment) { a.Language = "fr\" onload=x" })}, "language_unknown"},
		"what is a video":    {[]board.Attachment{video, other}, "captions_expected"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := f.CreatePost(ctx, ada, f.board, board.NewPost{Attachments: c.attachments})
			wantCode(t, err, fault.Invalid, c.code)
		})
	}
	post, err := f.CreatePost(ctx, ada, f.board, board.NewPost{Attachments: []board.Attachment{video, words}})
	if err != nil {
		t.Fatalf("%+v", err)
	}
	if got := post.Attachments[1]; got.CaptionsOf != video.ID || got.Language != "fr" {
		t.Fatalf("captions: %+v", got)
	}
}
