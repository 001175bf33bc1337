package board_test

import (
	"slices"
	"strings"
	"testing"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/fault"
)

func TestAnUploadIsOfTheKindThatItsTypeAndNameTell(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	me := f.as(1, board.RoleWriter)
	for _, c := range []struct{ mediaType, name, kind, as, may string }{
		{"image/jpeg", "", "picture", "image/jpeg", "picture"},
		{"image/PNG; x=y", "photo.png", "picture", "image/png", "picture"},
		{"application/pdf", "bilan.pdf", "file", "application/pdf", "file"},
		{"", "Compte rendu.ODT", "file", "application/vnd.oasis.opendocument.text", "file"},
		{"application/vnd.ms-excel", "notes.csv", "file", "text/csv", "file"},
		{"application/octet-stream", "son.mp3", "audio", "audio/mpeg", "audio video"},
		{"audio/webm;codecs=opus", "voix.webm", "audio", "audio/webm", "audio video"},
		{"video/webm", "film.webm", "video", "video/webm", "video audio"},
		{"video/quicktime", "IMG_1.MOV", "video", "video/quicktime", "video audio"},
	} {
		ticket, err := f.BeginMedia(ctx, me, f.board, board.NewMedia{Size: 10, Type: c.mediaType, Name: c.name})
		if err != nil {
			t.Errorf("%s %q: %v", c.mediaType, c.name, err)
			continue
		}
		may := ""
		for _, k := range ticket.Kinds {
			may += " " + string(k)
		}
		if string(ticket.Content) != c.kind || ticket.Type != c.as || strings.TrimSpace(may) != c.may || ticket.Size != 10 || ticket.Max != 10 {
			t.Errorf("%s %q: %+v, may become%s", c.mediaType, c.name, ticket.Media, may)
		}
	}
	for _, c := range []struct{ mediaType, name string }{
		{"image/svg+xml", "a.svg"}, {"text/html", "a.html"}, {"", ""}, {"application/x-msdownload", "a.exe"}, {"application/zip", "a.zip"}, {"", "macros.docm"},
	} {
		_, err := f.BeginMedia(ctx, me, f.board, board.NewMedia{Size: 10, Type: c.mediaType, Name: c.name})
		wantCode(t, err, fault.Invalid, "media_type_unsupported")
	}
}

func TestANameIsOneLineWithoutAPath(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	me := f.as(1, board.RoleWriter)
	long := strings.Repeat("é", 300) + ".pdf"
	for given, want := range map[string]string{
		"C:\\Users\\Ada\\bilan.pdf": "bilan.pdf", "../../etc/passwd.txt": "passwd.txt", "a\r\nb\u202etxt.pdf": "a btxt.pdf",
		long: strings.Repeat("é", 196) + ".pdf",
	} {
		ticket, err := f.BeginMedia(ctx, me, f.board, board.NewMedia{Size: 10, Name: given})
		if err != nil || ticket.Name != want {
			t.Errorf("%q became %q, %v", given, ticket.Name, err)
		}
	}
}

func TestLimitsAreToldBeforeAnythingIsSent(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	me, trainer := f.as(1, board.RoleWriter), f.as(2, board.RoleModerator)
	_, err := f.BeginMedia(ctx, me, f.board, board.NewMedia{Size: 30<<20 + 1, Type: "image/png"})
	wantCode(t, err, fault.TooLarge, "media_too_large")
	for i := range 4 {
		in := board.NewMedia{ID: testID(700 + i), Size: 1 << 30, Type: "video/mp4"}
		if _, err := f.BeginMedia(ctx, me, f.board, in); err != nil {
			t.Fatal(err)
		}
		if _, err := f.BeginMedia(ctx, me, f.board, in); err != nil {
			t.Fatalf("asked for again: %v", err)
		}
	}
	_, err = f.BeginMedia(ctx, me, f.board, board.NewMedia{Size: 1, Type: "image/png"})
	wantCode(t, err, fault.TooLarge, "board_full")
	if err := f.AdvanceMedia(ctx, board.MediaProgress{Board: f.board, Media: testID(700), State: board.MediaRefused, Refusal: "media_damaged"}); err != nil {
		t.Fatal(err)
	}
	if _, err = f.BeginMedia(ctx, me, f.board, board.NewMedia{Size: 1, Type: "image/png"}); err != nil {
		t.Fatalf("what was refused takes room: %v", err)
	}
	if _, err := f.EditBoard(ctx, trainer, f.board, 0, board.BoardEdit{SettingsEdit: board.SettingsEdit{Kinds: &[]board.ContentKind{board.ContentAudio}}}); err != nil {
		t.Fatal(err)
	}
	_, err = f.BeginMedia(ctx, me, f.board, board.NewMedia{Size: 1, Type: "image/png"})
	wantCode(t, err, fault.Invalid, "kind_not_allowed")
	ticket, err := f.BeginMedia(ctx, me, f.board, board.NewMedia{Size: 1, Type: "audio/mpeg"})
	if err != nil || !slices.Equal(ticket.Kinds, []board.ContentKind{board.ContentAudio}) {
		t.Fatalf("a sound may become %v, %v", ticket.Kinds, err)
	}
	if _, err := f.BeginMedia(ctx, trainer, f.board, board.NewMedia{Size: 1, Type: "image/png"}); err != nil {
		t.Fatalf("a trainer is bound: %v", err)
	}
	// Two that came at once have filled the board beyond what it takes.
	late := &board.Media{Owner: testID(9), State: board.MediaUploading, Size: 2 << 30}
	late.ID, late.Board, late.Rev = testID(710), f.board, 1
	f.set(board.SettingsEdit{Kinds: &[]board.ContentKind{}})
	if err := f.store.Insert(ctx, late); err != nil {
		t.Fatal(err)
	}
	if _, err := f.BeginMedia(ctx, me, f.board, board.NewMedia{ID: testID(701), Size: 1 << 30, Type: "video/mp4"}); err != nil {
		t.Fatalf("an upload that is under way may not go on: %v", err)
	}
}
