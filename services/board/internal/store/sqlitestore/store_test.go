package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/board/internal/store/storetest"
	"fresque.dev/services/internal/fault"
	"github.com/google/uuid"
)

func TestStore(t *testing.T)  { storetest.Run(t, fresh) }
func TestShared(t *testing.T) { storetest.RunShared(t, fresh) }

func fresh(t *testing.T) storetest.Open {
	// A name that a careless address would read as a query or an escape.
	path := filepath.Join(t.TempDir(), "mur n°1 100%?a#b.db")
	return func(t *testing.T) storetest.Store { return open(t, path) }
}

func open(t testing.TB, path string) *Store {
	t.Helper()
	s, err := Open(context.Background(), path)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

func newPost(on board.ID, body string) *board.Post {
	now := time.Now().UTC().Truncate(time.Millisecond)
	return &board.Post{
		Meta: board.Meta{ID: newID(), Board: on, Rev: 1, CreatedAt: now, UpdatedAt: now},
		Body: body,
	}
}

func newID() board.ID { return board.ID(uuid.Must(uuid.NewV7()).String()) }

func TestANewerSchemaIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "board.db")
	s := open(t, path)
	if _, err := s.writer.db.Exec(fmt.Sprintf(`PRAGMA user_version = %d`, len(migrations)+1)); err != nil {
		t.Fatal(err)
	}
	if err := s.Check(t.Context()); !errors.Is(err, ErrNewer) {
		t.Errorf("while it is open: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := Open(t.Context(), path)
	if err == nil || !strings.Contains(err.Error(), "newer release") || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v", err)
	}
}

func TestAFileThatAnotherProcessMakesIsWaitedFor(t *testing.T) {
	path := filepath.Join(t.TempDir(), "board.db")
	// Somebody who reads and then wants to write, as in turning a file into a
	// write-ahead log, is told at once that it is busy, whatever the timeout.
	other, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close() }()
	other.SetMaxOpenConns(1)
	if _, err := other.Exec(`CREATE TABLE t (x); BEGIN IMMEDIATE; INSERT INTO t VALUES (1)`); err != nil {
		t.Fatal(err)
	}
	opened := make(chan error, 1)
	go func() {
		s, err := Open(t.Context(), path)
		if err == nil {
			err = s.Close()
		}
		opened <- err
	}()
	select {
	case err := <-opened:
		t.Fatalf("opened beside another's transaction: %v", err)
	case <-time.After(100 * time.Millisecond):
	}
	if _, err := other.Exec(`COMMIT`); err != nil {
		t.Fatal(err)
	}
	if err := <-opened; err != nil {
		t.Fatal(err)
	}
}

func TestAFolderThatIsMissingIsSaid(t *testing.T) {
	path := filepath.Join(t.TempDir(), "nowhere", "board.db")
	if _, err := Open(t.Context(), path); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v", err)
	}
}

func TestS4TheWriterSyncsEachCommit(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "board.db"))
	const full = "2"
	for pragma, want := range map[string]string{"synchronous": full, "journal_mode": "wal"} {
		var got string
		if err := s.writer.db.QueryRow(`PRAGMA ` + pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s: %s, %v", pragma, got, err)
		}
	}
}

func TestReadersCannotWrite(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "board.db"))
	if _, err := s.readers.Exec(`DELETE FROM document`); err == nil {
		t.Error("a reader deleted")
	}
}

// What the store has prepared once all of it was used is all that it asks.
func TestQueriesAreAnsweredFromAnIndex(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "board.db"))
	ctx, post := t.Context(), newPost(newID(), "one")
	key := board.KeyOf(post)
	_, get := s.Get(ctx, key)
	if !errors.Is(get, board.ErrNotFound) {
		t.Fatal(get)
	}
	ask := func(_ []board.Document, err error) error { return err }
	scan := func(ctx context.Context) error { _, err := s.Scan(ctx, key, 1); return err }
	if err := errors.Join(
		s.Insert(ctx, post),
		s.MarkPublished(ctx, []board.Stamp{{Key: key, Rev: 1}}),
		ask(s.List(ctx, key.Board, key.Kind)),
		ask(s.ListUnder(ctx, key.Board, key.Kind, newID())),
		ask(s.Latest(ctx, key.Board, key.Kind, "", 1)),
		ask(s.Latest(ctx, key.Board, key.Kind, newID(), 1)),
		ask(s.Trashed(ctx, key.Board, key.Kind)),
		ask(s.Catalogued(ctx, board.KindBoard, board.Place{}, 1)),
		ask(s.Unpublished(ctx, post.UpdatedAt, 1)),
		ask(s.DueForPurge(ctx, post.UpdatedAt, 1)),
		s.Restore(ctx, []board.Kept{{Doc: post}}),
		scan(ctx),
	); err != nil {
		t.Fatal(err)
	}
	asked := 0
	for _, prepared := range []*statements{s.readers, s.writer.db} {
		for text := range prepared.by {
			asked++
			plan := explain(t, s.writer.db.DB, strings.ReplaceAll(text, "?", "1"))
			if strings.HasPrefix(text, "INSERT") {
				continue
			}
			if !strings.Contains(plan, "USING INDEX") && !strings.Contains(plan, "USING COVERING INDEX") ||
				strings.Contains(plan, "TEMP B-TREE") || strings.Contains(plan, "SCAN document") {
				t.Errorf("%s\n%s", text, plan)
			}
		}
	}
	if asked < 15 {
		t.Errorf("%d statements only", asked)
	}
}

func explain(t *testing.T, db *sql.DB, query string) string {
	t.Helper()
	rows, err := db.Query(`EXPLAIN QUERY PLAN ` + query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var plan strings.Builder
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		plan.WriteString(detail + "\n")
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return plan.String()
}

func TestAFullDiskIsUnavailableAndPasses(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "board.db"))
	on := newID()
	before := newPost(on, "before")
	if err := s.Insert(t.Context(), before); err != nil {
		t.Fatal(err)
	}
	limitPages(t, s, 20)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			err := s.Insert(t.Context(), newPost(on, strings.Repeat("x", 200_000)))
			f, _ := fault.As(err)
			if f == nil || f.Kind != fault.Unavailable || f.Code != "store_unavailable" {
				t.Errorf("insert on a full disk: %v", err)
			}
		})
	}
	wg.Wait()
	limitPages(t, s, 1<<20)
	after := newPost(on, "after")
	if err := s.Insert(t.Context(), after); err != nil {
		t.Errorf("insert once there is room: %v", err)
	}
	docs, err := s.List(t.Context(), on, board.KindPost)
	if err != nil || len(docs) != 2 {
		t.Errorf("%d posts, %v", len(docs), err)
	}
}

func limitPages(t *testing.T, s *Store, n int) {
	t.Helper()
	if _, err := s.writer.db.Exec(fmt.Sprintf(`PRAGMA max_page_count = %d`, n)); err != nil {
		t.Fatal(err)
	}
}

func TestWritesThatWaitShareACommit(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "board.db"))
	// Holding the writer's only connection makes the writes pile up.
	held, err := s.writer.db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	on := newID()
	var commits counter
	var wg sync.WaitGroup
	const writes = 2 * maxBatch
	for range writes {
		wg.Go(func() {
			err := s.writer.do(t.Context(), func(ctx context.Context, tx *batch) (verdict, failure error) {
				commits.saw(tx)
				r, err := encode(newPost(on, "x"))
				if err != nil {
					return err, nil
				}
				return tx.insert(ctx, r)
			})
			if err != nil {
				t.Errorf("insert: %v", err)
			}
		})
	}
	// The writer has taken at most one batch off the queue, and waits.
	for len(s.writer.queue) < maxBatch {
		time.Sleep(time.Millisecond)
	}
	if err := held.Close(); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	if n := commits.count(); n > writes/10 {
		t.Errorf("%d writes took %d commits", writes, n)
	}
}

// counter counts the batches that changes were made in.
type counter struct {
	mu   sync.Mutex
	seen map[*batch]bool
}

func (c *counter) saw(b *batch) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.seen == nil {
		c.seen = map[*batch]bool{}
	}
	c.seen[b] = true
}

func (c *counter) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.seen)
}

// BenchmarkInsert is 200 callers who each insert posts of 1 kB on a real disk.
func BenchmarkInsert(b *testing.B) {
	s := open(b, filepath.Join(b.TempDir(), "board.db"))
	on := newID()
	body := strings.Repeat("x", 1000)
	b.SetParallelism(100) // for each of GOMAXPROCS
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := s.Insert(context.Background(), newPost(on, body)); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "inserts/s")
}
