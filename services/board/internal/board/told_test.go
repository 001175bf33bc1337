package board_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/fault"
)

// post office keeps what waits, and what was carried.
type office struct {
	waiting []board.Delivery
	carried []board.Notice
	refuse  error
	// meanwhile happens once, while a notice is carried.
	meanwhile func()
}

func (o *office) Put(_ context.Context, d board.Delivery) error {
	o.waiting = append(o.waiting, d)
	return nil
}

func (o *office) Waiting(context.Context, board.ID, int) ([]board.WaitingDelivery, int, error) {
	return nil, 0, nil
}

func (o *office) Carry(_ context.Context, n board.Notice) error {
	if do := o.meanwhile; do != nil {
		o.meanwhile = nil
		do()
	}
	if o.refuse == nil {
		o.carried = append(o.carried, n)
	}
	return o.refuse
}

// dying fails to write notices, as if killed just before.
type dying struct {
	board.Store
	dead bool
}

var errKilled = errors.New("killed")

func (d *dying) Insert(ctx context.Context, doc board.Document) error {
	if d.dead && doc.Kind() == board.KindTold {
		return errKilled
	}
	return d.Store.Insert(ctx, doc)
}

func newListening(t *testing.T, refs ...string) (*site, *office) {
	s, o := newSite(t, nil, refs...), &office{}
	s.Dispatch, s.Courier, s.Webhooks = o, o, board.NewWebhookSealer([]byte("0123456789abcdef0123456789abcdef"))
	must(s.EditPlatform(t.Context(), s.platform.ID, board.PlatformEdit{Webhook: ptr("https://moodle.example/hook")}))(t)
	return s, o
}

func (s *site) recount() {
	s.t.Helper()
	if wait, err := s.Recount(s.t.Context(), s.board, s.clock.Now(), time.Minute); err != nil || wait > 0 {
		s.t.Fatalf("recount: %v %v", wait, err)
	}
}

func TestOnlyNewsIsPutOnItsWay(t *testing.T) {
	s, o := newListening(t, "ada", "bob")
	ctx, ada := t.Context(), s.people["ada"]
	s.recount()
	if len(o.waiting) > 0 {
		t.Fatalf("nothing happened, and %v is told", o.waiting)
	}
	post := s.post(ada, board.NewPost{Title: "un"})
	s.recount()
	s.recount()
	if want := (board.Delivery{Platform: s.platform.ID, Board: s.board, Participant: ada.Participant, Rev: 1}); !slices.Equal(o.waiting, []board.Delivery{want}) {
		t.Fatalf("put %v, want %v", o.waiting, want)
	}
	must(s.EditPost(ctx, ada, s.board, post.ID, 1, board.PostEdit{Title: ptr("deux")}))(t)
	s.recount()
	must(s.DeletePost(ctx, ada, s.board, post.ID, 0))(t)
	s.recount()
	if len(o.waiting) != 2 || o.waiting[1].Rev != 2 {
		t.Fatalf("put %v", o.waiting)
	}
	if err := s.Deliver(ctx, o.waiting[1], true); err != nil {
		t.Fatal(err)
	}
	n := o.carried[0]
	if n.Posts != 0 || n.User.Ref != "ada" || n.ID != string(ada.Participant)+"-2" || len(n.Secrets) != 1 {
		t.Fatalf("carried %+v", n)
	}
}

func TestWhoeverIsKilledInBetweenTellsAllTheSame(t *testing.T) {
	s, o := newListening(t, "ada")
	ctx := t.Context()
	d := &dying{Store: s.Store, dead: true}
	s.Store = d
	s.post(s.people["ada"], board.NewPost{Title: "un"})
	if _, err := s.Recount(ctx, s.board, s.clock.Now(), 0); !errors.Is(err, errKilled) {
		t.Fatalf("got %v", err)
	}
	// On its way before it is written: whoever carries it waits for that.
	if err := s.Deliver(ctx, o.waiting[0], true); !errors.Is(err, board.ErrNotWritten) {
		t.Fatalf("got %v", err)
	}
	d.dead = false
	s.recount()
	if err := s.Deliver(ctx, o.waiting[0], true); err != nil || o.carried[0].Posts != 1 {
		t.Fatalf("got %v, carried %v", err, o.carried)
	}
	// Undone before it was written: what is known stands, and nobody waits for ever.
	never := board.Delivery{Platform: s.platform.ID, Board: s.board, Participant: s.people["ada"].Participant, Rev: 9}
	if err := s.Deliver(ctx, never, false); err != nil || len(o.carried) != 2 {
		t.Fatalf("got %v, carried %v", err, o.carried)
	}
}

func TestTheLastNoticeComesLast(t *testing.T) {
	s, o := newListening(t, "ada")
	ctx, ada := t.Context(), s.people["ada"]
	s.post(ada, board.NewPost{Title: "un"})
	s.recount()
	// Another process carries a later one while this one is on its way.
	again := func() {
		s.post(ada, board.NewPost{Title: "encore"})
		s.recount()
	}
	o.meanwhile = again
	if err := s.Deliver(ctx, o.waiting[0], true); err != nil || len(o.carried) != 2 || o.carried[1].Posts != 2 {
		t.Fatalf("%v, carried %v", err, o.carried)
	}
	// Not taken, as far as is known, and so to be carried again, as it is now.
	o.meanwhile, o.refuse = again, &board.Untaken{Why: "no answer in time"}
	put := len(o.waiting)
	if _, ok := errors.AsType[*board.Untaken](s.Deliver(ctx, o.waiting[1], true)); !ok || len(o.waiting) != put+2 || o.waiting[put+1].Rev != 3 {
		t.Fatalf("put %v", o.waiting)
	}
}

func TestWhatIsOfNoUseIsNotCarried(t *testing.T) {
	s, o := newListening(t, "ada")
	ctx := t.Context()
	s.post(s.people["ada"], board.NewPost{Title: "un"})
	s.recount()
	d := o.waiting[0]
	none := func(what string) {
		t.Helper()
		if err := s.Deliver(ctx, d, true); err != nil || len(o.carried) > 0 {
			t.Fatalf("%s: %v, carried %v", what, err, o.carried)
		}
		if err := s.Bury(ctx, d, s.clock.Now(), "x"); err != nil {
			t.Fatal(err)
		}
		if dead := must(s.DeadDeliveries(ctx, s.platform.ID))(t); len(dead) > 0 {
			t.Fatalf("%s: %v is kept", what, dead)
		}
	}
	must(s.EditPlatform(ctx, s.platform.ID, board.PlatformEdit{Webhook: ptr("")}))(t)
	none("no webhook")
	must(s.EditPlatform(ctx, s.platform.ID, board.PlatformEdit{Webhook: ptr("https://moodle.example/hook"), Closed: ptr(true)}))(t)
	none("a platform that was shut out")
	must(s.EditPlatform(ctx, s.platform.ID, board.PlatformEdit{Closed: ptr(false)}))(t)
	other := d
	d.Platform = testID(5000)
	none("another's board")
	d = other
	d.Board = testID(5001)
	none("a board that is not there")
}

func TestDeadDeliveriesAreBoundedAndGo(t *testing.T) {
	s, o := newListening(t, "ada")
	ctx := t.Context()
	s.post(s.people["ada"], board.NewPost{Title: "un"})
	s.recount()
	since := s.clock.Now()
	for n := range board.MaxDead {
		old := &board.DeadDelivery{Why: "old"}
		old.ID, old.Board, old.Rev = testID(20_000+n), s.platform.ID, 1
		old.UpdatedAt = since.Add(time.Duration(n-2000) * time.Minute)
		if err := s.store.Insert(ctx, old); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if err := s.Bury(ctx, o.waiting[0], since, "status 503"); err != nil {
			t.Fatal(err)
		}
	}
	dead := must(s.DeadDeliveries(ctx, s.platform.ID))(t)
	if len(dead) != board.MaxDead || dead[0].User != "ada" || dead[0].Why != "status 503" || !dead[0].Since.Equal(since) {
		t.Fatalf("%d, first %+v", len(dead), dead[0])
	}
	if slices.ContainsFunc(dead, func(d board.ListedDelivery) bool { return d.ID == testID(20_000) }) {
		t.Fatal("the oldest is still there")
	}
	// Taken at last, or old: nothing is kept.
	if err := s.Deliver(ctx, o.waiting[0], true); err != nil {
		t.Fatal(err)
	}
	wantCode(t, s.Replay(ctx, s.platform.ID, dead[0].ID), fault.NotFound, "not_found")
	if err := s.Bury(ctx, o.waiting[0], since, "x"); err != nil {
		t.Fatal(err)
	}
	s.clock.pass(board.DeadKept + time.Hour)
	s.purge()
	if left := must(s.store.Get(ctx, board.Key{Board: s.platform.ID, Kind: board.KindDelivery, ID: dead[0].ID}))(t); !left.Head().Deleted() {
		t.Fatal("kept for ever")
	}
}

func TestNewsThatComesWithAPostWaitsWhereItWouldNameSomebody(t *testing.T) {
	s, o := newListening(t, "ada")
	ctx := t.Context()
	must(s.EditBoard(ctx, s.trainer(), s.board, 0, board.BoardEdit{SettingsEdit: board.SettingsEdit{Anonymity: ptr(board.AnonymousToAll)}}))(t)
	s.post(s.people["ada"], board.NewPost{Title: "un"})
	at := s.clock.Now().Truncate(time.Millisecond)
	wait := must(s.Recount(ctx, s.board, at, 10*time.Minute))(t)
	if end := at.Add(wait); len(o.waiting) > 0 || !end.Equal(end.Truncate(10*time.Minute)) {
		t.Fatalf("told %v, or waits until %v", o.waiting, at.Add(wait))
	}
	s.clock.pass(wait)
	if wait := must(s.Recount(ctx, s.board, at, 10*time.Minute))(t); wait > 0 || len(o.waiting) != 1 {
		t.Fatalf("waits %v, told %v", wait, o.waiting)
	}
}

func TestOfWhoeverIsGoneNothingIsKept(t *testing.T) {
	s, o := newListening(t, "ada")
	ctx := t.Context()
	ada := s.people["ada"]
	s.post(ada, board.NewPost{Title: "un"})
	s.recount()
	key := board.Key{Board: s.platform.ID, Kind: board.KindUser, ID: ada.User}
	u := must(s.store.Get(ctx, key))(t).(*board.User)
	there := u.Boards
	move := func(boards []board.ID) {
		u.Boards, u.Rev = boards, u.Rev+1
		if err := s.store.Replace(ctx, u, u.Rev-1); err != nil {
			t.Fatal(err)
		}
	}
	move(nil)
	s.recount()
	if left := must(s.store.Get(ctx, board.Key{Board: s.board, Kind: board.KindTold, ID: ada.Participant}))(t).(*board.Told); !left.Deleted() || left.Part.Posts > 0 {
		t.Fatalf("left %+v", left)
	}
	// And when they come back, it is told again.
	move(there)
	s.recount()
	if last := o.waiting[len(o.waiting)-1]; last.Rev != 3 || s.Deliver(ctx, last, true) != nil || o.carried[0].Posts != 1 {
		t.Fatalf("put %v, carried %v", o.waiting, o.carried)
	}
}
