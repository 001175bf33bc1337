package mongostore

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/fault"
)

// What a failover does to the command that meets it.
var fates = map[string]fate{
	"the connection ends before the request": {unasked: true, unanswered: true},
	"the connection ends before the answer":  {unanswered: true},
	"the server is no longer the primary":    {unasked: true, code: 10107},
	"the server shuts down":                  {unasked: true, code: 91},
	"it steps down, the write made":          {code: 189},
	"it is interrupted, the write made":      {code: 11602},
}

// act is one call of the store, and the command it sends.
type act struct {
	command string
	do      func(context.Context, *Store, *board.Post) error
}

var acts = map[string]act{
	"insert": {"insert", func(ctx context.Context, s *Store, _ *board.Post) error {
		return s.Insert(ctx, newPost())
	}},
	"replace": {"update", func(ctx context.Context, s *Store, p *board.Post) error {
		p.Rev++
		return s.Replace(ctx, p, p.Rev-1)
	}},
	"clear a mark": {"update", func(ctx context.Context, s *Store, p *board.Post) error {
		return s.MarkPublished(ctx, []board.Stamp{{Key: board.KeyOf(p), Rev: p.Rev}})
	}},
	"get": {"find", func(ctx context.Context, s *Store, p *board.Post) error {
		_, err := s.Get(ctx, board.KeyOf(p))
		return err
	}},
	"list": {"find", func(ctx context.Context, s *Store, p *board.Post) error {
		docs, err := s.List(ctx, p.Board, board.KindPost)
		if err == nil && len(docs) != 1 {
			return fmt.Errorf("%d listed", len(docs))
		}
		return err
	}},
}

// On a replica set, whatever becomes of the first try is hidden from the caller.
// The server of the tests does not know a write that is sent twice, as a real one
// does: the marks alone keep it from being told as a conflict.
func TestS4AFailoverIsRetriedAndNeverDoubled(t *testing.T) {
	address := freshDatabase(t)
	open(t, address)
	var all sync.WaitGroup // a driver looks for the new primary twice a second
	for what, a := range acts {
		for how, f := range fates {
			all.Go(func() { t.Run(what+"/"+how, func(t *testing.T) { meets(t, address, a, f) }) })
		}
	}
	all.Wait()
}

func meets(t *testing.T, address string, a act, f fate) {
	w := startWire(t, address, "rs")
	s := open(t, w.through(t, address))
	post := newPost()
	if err := s.Insert(t.Context(), post); err != nil {
		t.Fatal(err)
	}
	w.next(a.command, f)
	if err := a.do(t.Context(), s, post); err != nil {
		t.Errorf("told the caller: %v", err)
	}
	if w.met() != 1 {
		t.Errorf("met %d faults", w.met())
	}
	doc, err := s.Get(t.Context(), board.KeyOf(post))
	if err != nil || doc.Head().Rev != post.Rev {
		t.Errorf("stored: %v, %v", doc, err)
	}
}

// Without a replica set nothing is sent again, and the caller is told what is
// so: made, or not known to be.
func TestS4ALostAnswerIsNotAFailure(t *testing.T) {
	address := freshDatabase(t)
	w := startWire(t, address, "")
	s := open(t, w.through(t, address))
	post := newPost()
	w.next("insert", fate{unanswered: true})
	if err := s.Insert(t.Context(), post); err != nil || w.met() != 1 {
		t.Errorf("insert: %v, %d faults", err, w.met())
	}
	post.Rev = 2
	w.next("update", fate{unanswered: true})
	if err := s.Replace(t.Context(), post, 1); err != nil || w.met() != 1 {
		t.Errorf("replace: %v, %d faults", err, w.met())
	}
	lost := newPost()
	w.next("insert", fate{unasked: true, unanswered: true})
	if err := s.Insert(t.Context(), lost); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("an insert that was not made: %v", err)
	}
	if err := s.Insert(t.Context(), lost); err != nil {
		t.Errorf("the caller's second try: %v", err)
	}
}

// A cursor is lost with its server; the list begins again.
func TestALongListOutlivesItsCursor(t *testing.T) {
	address := freshDatabase(t)
	w := startWire(t, address, "rs")
	s := open(t, w.through(t, address))
	on := board.ID("b")
	var records []any
	for range readBatch + 10 {
		p := newPost()
		p.Board = on
		r, err := encode(p)
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, r)
	}
	if _, err := s.documents.InsertMany(t.Context(), records); err != nil {
		t.Fatal(err)
	}
	for how, f := range map[string]fate{
		"the connection ends": {unasked: true, unanswered: true},
		"another server's":    {unasked: true, code: 43},
	} {
		w.next("getMore", f)
		docs, err := s.List(t.Context(), on, board.KindPost)
		if err != nil || len(docs) != len(records) || w.met() != 1 {
			t.Errorf("%s: %d listed, %v, %d faults", how, len(docs), err, w.met())
		}
	}
}

// tally counts up in a post of its own, and says how far it was told to be.
func tally(ctx context.Context, s *Store, posts, rounds int, between func()) (acknowledged map[board.Key]board.Rev, failures []error) {
	acknowledged = map[board.Key]board.Rev{}
	for range posts {
		post := newPost()
		for round := range rounds {
			post.Rev = board.Rev(round + 1)
			var told error = fault.New(fault.Unavailable, "not_yet")
			// A caller tries the same again: what was not told is not known.
			for fault.KindOf(told) == fault.Unavailable && ctx.Err() == nil {
				if round == 0 {
					told = s.Insert(ctx, post)
				} else {
					told = s.Replace(ctx, post, post.Rev-1)
				}
			}
			if told != nil {
				failures = append(failures, fmt.Errorf("revision %d: %w", post.Rev, told))
				break
			}
			acknowledged[board.KeyOf(post)] = post.Rev
			between()
		}
	}
	return acknowledged, failures
}

func wantAll(t *testing.T, s *Store, acknowledged map[board.Key]board.Rev, failures []error) {
	t.Helper()
	for _, err := range failures {
		t.Error(err)
	}
	for key, rev := range acknowledged {
		doc, err := s.Get(t.Context(), key)
		if err != nil || doc.Head().Rev != rev {
			t.Errorf("%v was told to be at %d: %v, %v", key, rev, doc, err)
		}
	}
}

func TestS4ManyFaultsLoseAndDoubleNothing(t *testing.T) {
	address := freshDatabase(t)
	w := startWire(t, address, "rs")
	s := open(t, w.through(t, address))
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	chance := rand.New(rand.NewPCG(seed, 0))
	kinds := []fate{{unasked: true, unanswered: true}, {unanswered: true}, {unasked: true, code: 10107}, {code: 189}, {unasked: true, code: 91}}
	w.meet(func(command string) fate {
		if (command == "insert" || command == "update" || command == "find") && chance.IntN(6) == 0 {
			return kinds[chance.IntN(len(kinds))]
		}
		return fate{}
	})
	acknowledged, failures := tally(t.Context(), s, 4, 6, func() {})
	t.Logf("%d faults", w.met())
	if w.met() == 0 {
		t.Error("no fault was met")
	}
	w.meet(nil)
	wantAll(t, s, acknowledged, failures)
}

// A server that is killed and comes back finds all that it acknowledged, and the
// store goes on by itself.
func TestS4AServerThatIsKilledComesBackWithAll(t *testing.T) {
	command := os.Getenv("MONGOWIRE")
	if command == "" {
		t.Skip("MONGOWIRE is not set: only a server that test/mongowire starts may be killed here")
	}
	server := &killable{command: command, folder: t.TempDir(), address: freeAddress(t)}
	server.start(t)
	address := "mongodb://" + server.address + "/killed?maxPoolSize=1"
	w := startWire(t, address, "rs")
	s := open(t, w.through(t, address))
	for range 2 {
		written := make(chan struct{}, 1000)
		var acknowledged map[board.Key]board.Rev
		var failures []error
		var writer sync.WaitGroup
		writer.Go(func() {
			acknowledged, failures = tally(t.Context(), s, 3, 20, func() { written <- struct{}{} })
		})
		for range 15 {
			<-written
		}
		server.kill(t)
		server.start(t)
		writer.Wait()
		wantAll(t, s, acknowledged, failures)
	}
}

// killable is a server in a process of its own, on the same folder and address
// each time it starts.
type killable struct {
	command, folder, address string
	process                  *exec.Cmd
}

func (k *killable) start(t *testing.T) {
	t.Helper()
	k.process = exec.Command(k.command, "serve", k.folder, k.address)
	k.process.Stderr = t.Output()
	if err := k.process.Start(); err != nil {
		t.Fatal(err)
	}
	process := k.process
	t.Cleanup(func() { _ = process.Process.Kill(); _ = process.Wait() })
	for t.Context().Err() == nil {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", k.address)
		if err == nil {
			_ = conn.Close()
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func (k *killable) kill(t *testing.T) {
	t.Helper()
	if err := k.process.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := k.process.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Fatalf("it ended otherwise: %v", err)
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}
