package board_test

import (
	"slices"
	"strings"
	"testing"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/fault"
)

// archived is a school's wall as an archive, whose one upload could be read.
func archived(t *testing.T) (s *school, zoe board.Principal, kept *board.Transfer) {
	t.Helper()
	s, zoe = classroom(t)
	ready := board.MediaProgress{
		Board: s.board, Media: testID(900), State: board.MediaReady, Content: board.ContentFile, Type: "application/pdf",
		File: &board.File{Path: "m/x", Type: "application/pdf", Size: 9},
	}
	if err := s.AdvanceMedia(t.Context(), ready); err != nil {
		t.Fatal(err)
	}
	kept = must(s.ArchivePlatformBoard(t.Context(), s.platform, s.board))(t).Transfer
	for i := range kept.Media {
		kept.Media[i].File, kept.Media[i].Type, kept.Media[i].Size = "media/a.pdf", "application/pdf", 9
	}
	if len(kept.Media) != 1 || kept.Without != 0 {
		t.Fatalf("%+v", kept.Media)
	}
	return s, zoe, kept
}

func TestAnArchiveOfASiteComesBackWithItsPeopleAndWaitsForItsFiles(t *testing.T) {
	s, zoe, kept := archived(t)
	ctx := t.Context()
	back := must(s.ImportPlatformBoard(ctx, s.platform, board.Import{Transfer: kept, Key: "k"}))(t)
	if len(back.Media) != 1 || back.Media[0].State != board.MediaUploading || back.Media[0].File != "media/a.pdf" || back.Media[0].Max != 9 {
		t.Fatalf("%+v", back.Media)
	}
	m := back.Media[0].Media
	posts := of[*board.Post](s.fixture, back.ID, board.KindPost)
	i := slices.IndexFunc(posts, func(p *board.Post) bool { return p.ID == m.Post })
	if post := posts[i]; post.Author.ID != m.Owner || post.Attachments[0].Media != m.ID {
		t.Errorf("%+v is not shown by %+v", m, post)
	}
	if u := must(s.Usage(ctx, s.platform))(t); u.Media < 9 {
		t.Errorf("the site has used %d bytes", u.Media)
	}
	// A file that has come is told when it is asked for again.
	if err := s.AdvanceMedia(ctx, board.MediaProgress{Board: back.ID, Media: m.ID, State: board.MediaReady, File: &board.File{Path: "m/y"}}); err != nil {
		t.Fatal(err)
	}
	again := must(s.ImportPlatformBoard(ctx, s.platform, board.Import{Transfer: kept, Key: "k"}))(t)
	if again.ID != back.ID || again.Media[0].State != board.MediaReady {
		t.Errorf("again it is %+v", again.Media)
	}
	s.done(s.erase("", "ref-zoe")[0])
	s.wantNoTrace(zoe, "Zoé", "ref-zoe", "mirabelle")
}

func TestAnImportWithFilesGoesOnWhereverItIsKilled(t *testing.T) {
	s, _, kept := archived(t)
	ctx := t.Context()
	var back *board.Imported
	s.killedAnywhere(func(n int) (err error) {
		back, err = s.ImportPlatformBoard(ctx, s.platform, board.Import{Transfer: kept, Key: string(testID(2000 + n))})
		return err
	}, func(int) {
		if len(back.Media) != 1 || len(s.said(back.ID)) == 0 {
			t.Errorf("%d files, %v", len(back.Media), s.said(back.ID))
		}
	})
}

// What is kept from the others while its author is long away is not on the wall of
// a copy, which does not know when they come back.
func TestWhatIsWithheldWaitsOnACopy(t *testing.T) {
	s := newSchool(t)
	s.keeps(board.Retention{SuspendAfter: 30})
	zoe, tom := s.returns("ref-zoe", "Zoé"), s.returns("tom", "Tom")
	s.post(zoe, board.NewPost{Title: "mirabelle"})
	s.post(tom, board.NewPost{Title: "du voisin"})
	s.live(20)
	s.returns("tom", "Tom")
	s.live(11)
	kept := must(s.ExportPlatformBoard(t.Context(), s.platform, s.board, true))(t)
	states := map[string]board.PostState{}
	for _, p := range kept.Posts {
		states[p.Title] = p.State
	}
	if len(states) != 2 || states["mirabelle"] != board.StatePending || states["du voisin"] != board.StatePublished {
		t.Errorf("%v", states)
	}
}

// A site that has no room is told before anything is made.
func TestAnImportNeedsRoom(t *testing.T) {
	s, _, kept := archived(t)
	kept.Media[0].Size, kept.Media[0].Name = 50<<20, "a.pdf"
	quotas := s.platform.Quotas
	quotas.MediaMiB = 1
	p := must(s.EditPlatform(t.Context(), s.platform.ID, board.PlatformEdit{Quotas: &quotas}))(t)
	_, err := s.ImportPlatformBoard(t.Context(), p, board.Import{Transfer: kept, Key: "k"})
	wantCode(t, err, fault.TooLarge, "platform_full")
}

// What an import takes to read is bounded before anything is made of it.
func TestAnImportOfTooManyThingsIsRefused(t *testing.T) {
	for text, many := range map[string]bool{
		`{"posts":[` + strings.Repeat("{},", 50_000) + `{}]}`:                                             true,
		`{"posts":[` + strings.Repeat("{},", 49_999) + `{}],"comments":[{}]}`:                             false,
		`{"posts":[{"attachments":[` + strings.Repeat("{},", 10_000) + `{}]}]}`:                           true,
		`{"posts":[` + strings.Repeat(`{"reactions":[`+strings.Repeat("1,", 9_000)+`1]},`, 60) + `{}]}`:   true,
		`{"board":{"title":"\"[` + strings.Repeat(",", 600_000) + `"},"posts":[{},{}]}`:                   false,
		`{"board":{"description":"\\","settings":{"words":[` + strings.Repeat(`"a",`, 10_000) + `"b"]}}}`: true,
	} {
		_, err := board.ReadTransfer([]byte(text))
		if many {
			wantCode(t, err, fault.Invalid, "too_many")
		} else if err != nil {
			t.Error(err)
		}
	}
	s, _, kept := archived(t)
	kept.Posts[0].Attachments = slices.Repeat([]board.TransferAttachment{{Type: board.AttachmentLink, URL: "https://e.org", CaptionsOf: "x"}}, 100_000)
	_, err := s.ImportPlatformBoard(t.Context(), s.platform, board.Import{Transfer: kept, Key: "k"})
	wantCode(t, err, fault.Invalid, "too_many")
}
