package board_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/fault"
)

// classroom is a school whose three people have done all that can be done.
func classroom(t *testing.T) (s *school, zoe board.Principal) {
	t.Helper()
	s = newSchool(t)
	zoe, tom, eve := s.comes("ref-zoe", "Zoé Marchand", board.RoleWriter), s.comes("tom", "Max", board.RoleWriter), s.comes("eve", "Eve", board.RoleModerator)
	s.leaves(zoe, tom, eve, "mirabelle", 900)
	return s, zoe
}

// said are the texts on a board, in order.
func (s *school) said(on board.ID) []string {
	s.t.Helper()
	out := []string{}
	for _, post := range of[*board.Post](s.fixture, on, board.KindPost) {
		out = append(out, fmt.Sprint("post ", post.Title, post.Body, post.Author.Name))
	}
	for _, c := range of[*board.Comment](s.fixture, on, board.KindComment) {
		out = append(out, fmt.Sprint("comment ", c.Body, c.Author.Name))
	}
	slices.Sort(out)
	return out
}

// killedAnywhere does something again and again, letting one write more through
// each time before it is killed, until nothing kills it; and each time once more
// afterwards, as whoever asked does.
func (s *school) killedAnywhere(do func(n int) error, look func(n int)) {
	s.t.Helper()
	for n := 0; ; n++ {
		s.faults.failWrites(n)
		err := do(n)
		s.faults.failWrites(-1)
		if err == nil {
			if n < 3 {
				s.t.Fatalf("it was killed %d times only", n)
			}
			return
		}
		if !errors.Is(err, errWriteFailed) {
			s.t.Fatal(err)
		}
		if err := do(n); err != nil {
			s.t.Fatalf("again after %d writes: %v", n, err)
		}
		look(n)
	}
}

func TestACloneIsWholeWhereverItIsKilled(t *testing.T) {
	s, _ := classroom(t)
	original, boards := s.said(s.board), 1
	// What was nothing but an upload, or waits, or was rejected, does not come along.
	var made board.ID
	clone := func(n int) error {
		b, _, err := s.ClonePlatformBoard(t.Context(), s.platform, s.board, board.Clone{Key: fmt.Sprint(n), Contributions: true})
		if err == nil {
			made = b.ID
		}
		return err
	}
	s.killedAnywhere(clone, func(int) {
		boards++
		for _, text := range s.said(made) {
			if !slices.Contains(original, text) {
				t.Fatalf("%s is on the copy alone", text)
			}
		}
		if n := len(s.said(made)); n != 4 { // two posts, a comment on each
			t.Fatalf("the copy has %v", s.said(made))
		}
	})
	boards++ // the last one
	if u := must(s.Usage(t.Context(), s.platform))(t); u.Boards != boards {
		t.Fatalf("%d boards are counted, want %d", u.Boards, boards)
	}
}

func TestWhoIsErasedIsErasedFromCopiesToo(t *testing.T) {
	s, zoe := classroom(t)
	ctx := t.Context()
	full, _, err := s.ClonePlatformBoard(ctx, s.platform, s.board, board.Clone{Key: "full", Contributions: true})
	if err != nil {
		t.Fatal(err)
	}
	export := must(s.ExportPlatformBoard(ctx, s.platform, s.board, true))(t)
	back := must(s.ImportPlatformBoard(ctx, s.platform, board.Import{Transfer: export}))(t)
	if left := must(s.UserLeft(ctx, s.platform, "ref-zoe"))(t); len(left.Boards) != 3 {
		t.Fatalf("they are found on %d boards", len(left.Boards))
	}
	s.done(s.erase("", "ref-zoe")[0])
	s.wantNoTrace(zoe, "Zoé", "ref-zoe", "mirabelle")
	for _, on := range []board.ID{full.ID, back.ID} {
		if len(s.said(on)) == 0 {
			t.Error("what others have said went as well")
		}
	}
}

func TestAResetGoesOnWhereverItIsKilled(t *testing.T) {
	s, zoe := classroom(t)
	ctx := t.Context()
	reset := func(int) error {
		done, err := s.ResetBoard(ctx, s.platform, s.board, board.Reset{Contributions: true, Groups: true})
		if err == nil && done.More {
			t.Fatal("time ran out")
		}
		return err
	}
	before := must(s.ReadBoard(ctx, s.as(99, board.RoleModerator), s.board))(t)
	killed := 0
	for ; ; killed++ {
		s.faults.failWrites(killed) // each gets a little further
		err := reset(killed)
		s.faults.failWrites(-1)
		if err == nil {
			break
		}
		if !errors.Is(err, errWriteFailed) || killed > 400 {
			t.Fatal(killed, err)
		}
	}
	if killed < 10 {
		t.Errorf("killed %d times only", killed)
	}
	// Users are known still, by what the platform calls them; of what they did
	// nothing is left, nor of who they were there.
	for where, text := range s.rows() {
		for _, word := range []string{"mirabelle", "voisin", "Groupe"} {
			if strings.Contains(text, word) {
				t.Errorf("%s still has %q: %s", where, word, text)
			}
		}
	}
	s.wantErased(900)
	for _, v := range of[*board.Visit](s.fixture, s.board, board.KindVisit) {
		t.Errorf("it still says that %s came", v.ID)
	}
	after := must(s.ReadBoard(ctx, s.as(99, board.RoleModerator), s.board))(t)
	if after.Rev != before.Rev || after.Title != before.Title {
		t.Error("the board itself was changed")
	}
	if _, err := s.ReadBoard(ctx, zoe, s.board); fault.KindOf(err) != fault.Unauthenticated {
		t.Errorf("who was there before opens it: %v", err)
	}
	again := s.comes("ref-zoe", "Zoé Marchand", board.RoleWriter)
	if again.Participant == zoe.Participant {
		t.Error("who comes back is who they were")
	}
	s.post(again, board.NewPost{Title: "du neuf"})
}

func TestAResetOfGroupsLeavesWhatPeopleSaid(t *testing.T) {
	s, _ := classroom(t)
	before := s.said(s.board)
	done := must(s.ResetBoard(t.Context(), s.platform, s.board, board.Reset{Groups: true}))(t)
	if done.Groups != 1 || done.Posts+done.Comments+done.People != 0 {
		t.Fatalf("%+v", done)
	}
	if now := s.said(s.board); !slices.Equal(now, before) {
		t.Fatalf("%v, was %v", now, before)
	}
	for _, d := range of[*board.Participant](s.fixture, s.board, board.KindParticipant) {
		if d.Group != "" {
			t.Fatalf("%s is in a group that is gone", d.Name)
		}
	}
}

func TestRoomComesBackWithWhatIsDeleted(t *testing.T) {
	s, zoe := classroom(t)
	ctx := t.Context()
	const mib = 1 << 20
	p := must(s.EditPlatform(ctx, s.platform.ID, board.PlatformEdit{Quotas: &board.Quotas{MediaMiB: 2}}))(t)
	begin := func(n int) error {
		_, err := s.BeginMedia(ctx, zoe, s.board, board.NewMedia{ID: testID(n), Size: 2*mib - mib/2, Type: "image/png"})
		return err
	}
	if err := begin(950); err != nil {
		t.Fatal(err)
	}
	wantCode(t, begin(951), fault.TooLarge, "platform_full")
	must(s.ResetBoard(ctx, s.platform, s.board, board.Reset{Contributions: true}))(t)
	zoe = s.comes("ref-zoe", "Zoé", board.RoleWriter)
	s.clock.pass(2 * time.Minute)
	if err := begin(952); err != nil {
		t.Fatal(err)
	}
	if u := must(s.Usage(ctx, p))(t); u.Media != 2*mib-mib/2 {
		t.Fatalf("%d bytes are counted", u.Media)
	}
}

func TestUploadsComeAlongOnceTheirFilesAreThere(t *testing.T) {
	s, _ := classroom(t)
	ctx := t.Context()
	const path = "/m/%s/%s/0123/w640.webp"
	original := string(testID(900))
	ready := board.MediaProgress{
		Board: s.board, Media: testID(900), State: board.MediaReady, Content: board.ContentPicture, Type: "image/png",
		Picture:  &board.Picture{Width: 640, Height: 480, Colour: "#123456", Variants: []board.Variant{{Path: fmt.Sprintf(path, s.board, original), Width: 640}}},
		Original: &board.File{Path: fmt.Sprintf(path, s.board, original), Size: 9},
	}
	if err := s.AdvanceMedia(ctx, ready); err != nil {
		t.Fatal(err)
	}
	size := s.stored(board.KindMedia, testID(900)).(*board.Media).Size
	b, without, err := s.ClonePlatformBoard(ctx, s.platform, s.board, board.Clone{Key: "k", Contributions: true})
	if err != nil || without.Pictures != 0 {
		t.Fatalf("%+v, %v", without, err)
	}
	find := func(on board.ID) *board.Media {
		t.Helper()
		all := slices.DeleteFunc(of[*board.Media](s.fixture, on, board.KindMedia), func(m *board.Media) bool { return m.Preview != nil })
		if len(all) != 1 {
			t.Fatalf("%d uploads came along", len(all))
		}
		return all[0]
	}
	m := find(b.ID)
	post := must(s.ReadPost(ctx, board.Principal{Board: b.ID, Participant: m.Owner, Role: board.RoleOwner, Name: "x"}, b.ID, m.Post))(t)
	if m.State != board.MediaProcessing || m.Picture != nil || post.Attachments[0].Media != m.ID || post.Author.ID != m.Owner || m.Size != size {
		t.Fatalf("%+v of %+v", m, post)
	}
	orders := board.OrdersOf(m)
	if len(orders) != 1 || orders[0].Copy == nil || *orders[0].Copy != (board.Copy{FromBoard: s.board, FromMedia: testID(900), Media: m.ID}) {
		t.Fatalf("ordered %+v", orders)
	}
	for range 2 {
		if err := s.AdvanceMedia(ctx, board.MediaProgress{Board: b.ID, Media: m.ID, State: board.MediaReady}); err != nil {
			t.Fatal(err)
		}
	}
	m = find(b.ID)
	want := fmt.Sprintf(path, b.ID, m.ID)
	if m.State != board.MediaReady || m.Source != nil || m.Picture.Variants[0].Path != want || m.Original.Path != want || m.Picture.Colour != "#123456" || len(board.OrdersOf(m)) != 0 {
		t.Fatalf("%+v", m)
	}
	if was := s.stored(board.KindMedia, testID(900)).(*board.Media); was.Picture.Variants[0].Path != fmt.Sprintf(path, s.board, original) {
		t.Fatal("the original has the copy's files")
	}
	// A purge that comes by finds that it is shown.
	s.clock.pass(board.UnusedKept + time.Hour)
	must(s.Purge(ctx, s.store))(t)
	if m = find(b.ID); m.Deleted() || !m.PurgeAt.IsZero() {
		t.Fatalf("%+v", m)
	}
	if u := must(s.Usage(ctx, s.platform))(t); u.Media < size {
		t.Fatalf("%d bytes are counted", u.Media)
	}
}

func TestACloneForWhichThereIsNoRoomIsRefusedWhole(t *testing.T) {
	s, zoe := classroom(t)
	ctx := t.Context()
	p := must(s.EditPlatform(ctx, s.platform.ID, board.PlatformEdit{Quotas: &board.Quotas{MediaMiB: 5}}))(t)
	must(s.BeginMedia(ctx, zoe, s.board, board.NewMedia{ID: testID(960), Size: 2 << 20, Type: "image/png"}))(t)
	s.post(zoe, board.NewPost{Attachments: showing(960)})
	if err := s.AdvanceMedia(ctx, board.MediaProgress{Board: s.board, Media: testID(960), State: board.MediaReady}); err != nil {
		t.Fatal(err)
	}
	clone := func(key string) error {
		_, _, err := s.ClonePlatformBoard(ctx, p, s.board, board.Clone{Key: key, Contributions: true})
		return err
	}
	if err := clone("fits"); err != nil {
		t.Fatal(err)
	}
	if err := clone("fits"); err != nil {
		t.Fatalf("made before, it has to fit again: %v", err)
	}
	wantCode(t, clone("full"), fault.TooLarge, "platform_full")
	if u := must(s.Usage(ctx, p))(t); u.Boards != 2 || u.Media>>20 != 4 {
		t.Fatalf("it has %+v", u)
	}
}

func TestACloneAskedForAgainAnswersAsTheFirstDid(t *testing.T) {
	s, _ := classroom(t)
	ctx := t.Context()
	clone := func(title string) (*board.Board, error) {
		b, _, err := s.ClonePlatformBoard(ctx, s.platform, s.board, board.Clone{Key: "once", Title: title, Contributions: true})
		return b, err
	}
	first := must(clone(""))(t)
	title, about, language := "Autre titre", "Autre chose", "en"
	must(s.EditPlatformBoard(ctx, s.platform, s.board, 0, board.PlatformBoardEdit{
		BoardEdit: board.BoardEdit{Title: &title, Description: &about, Language: &language},
	}))(t)
	if again, err := clone(""); err != nil || again.ID != first.ID || again.Title != first.Title {
		t.Errorf("again, after the original was changed: %v %v", again, err)
	}
	if _, err := clone("Another"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("another request under the same key: %v", err)
	}
}
