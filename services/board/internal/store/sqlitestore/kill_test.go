package sqlitestore

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"fresque.dev/services/board/internal/board"
)

// killedFile names the file that the child process writes until it is killed.
const killedFile = "FRESQUE_TEST_KILLED_FILE"

const killedBoard = board.ID("0195a000-0000-7000-8000-000000000001")

func TestMain(m *testing.M) {
	if path := os.Getenv(killedFile); path != "" {
		writeUntilKilled(path)
	}
	os.Exit(m.Run())
}

// TestS4KilledLosesNothingAcknowledged kills a writing process with SIGKILL,
// again and again on one file, and looks for all that it had acknowledged.
func TestS4KilledLosesNothingAcknowledged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "board.db")
	acknowledged := map[board.ID]board.Rev{}
	for range 3 {
		killed(t, path, 400, acknowledged)
		s := open(t, path)
		checkSound(t, s)
		for id, rev := range acknowledged {
			doc, err := s.Get(t.Context(), board.Key{Board: killedBoard, Kind: board.KindPost, ID: id})
			if err != nil {
				t.Fatalf("%s, acknowledged at rev %d: %v", id, rev, err)
			}
			if doc.Head().Rev < rev {
				t.Errorf("%s is at rev %d and was acknowledged at %d", id, doc.Head().Rev, rev)
			}
			if want := body(doc.Head()); doc.(*board.Post).Body != want {
				t.Errorf("%s is torn", id)
			}
		}
		marked, err := s.Unpublished(t.Context(), time.Now().Add(time.Hour), 1_000_000)
		if err != nil || len(marked) < len(acknowledged) {
			t.Errorf("%d marks for %d documents: %v", len(marked), len(acknowledged), err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// killed runs the child until it has acknowledged so many writes, kills it and
// adds all that it had said to what is acknowledged.
func killed(t *testing.T, path string, writes int, acknowledged map[board.ID]board.Rev) {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), killedFile+"="+path)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	said := bufio.NewReader(out)
	for n := 0; ; n++ {
		line, err := said.ReadString('\n')
		if errors.Is(err, io.EOF) {
			break // what follows the last newline was not said whole
		}
		if err != nil {
			t.Fatal(err)
		}
		var id board.ID
		var rev board.Rev
		if _, err := fmt.Sscan(line, &id, &rev); err != nil {
			t.Fatalf("the child said %q", line)
		}
		acknowledged[id] = max(acknowledged[id], rev)
		if n == writes {
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := child.Wait(); err == nil || child.ProcessState.Exited() {
		t.Fatalf("the child was to be killed and ended by itself: %v", err)
	}
}

// writeUntilKilled inserts and changes posts from many goroutines and says
// each acknowledgement on a line of its own.
func writeUntilKilled(path string) {
	s, err := Open(context.Background(), path)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for {
				post := newPost(killedBoard, "")
				post.Body = body(&post.Meta)
				err := s.Insert(context.Background(), post)
				for err == nil {
					fmt.Printf("%s %d\n", post.ID, post.Rev)
					if post.Rev == 3 {
						break
					}
					post.Rev++
					post.Body = body(&post.Meta)
					err = s.Replace(context.Background(), post, post.Rev-1)
				}
				if err != nil {
					fmt.Fprintln(os.Stderr, err)
					os.Exit(1)
				}
			}
		})
	}
	wg.Wait()
}

// body is the text of a post at a revision, so that a torn one shows.
func body(head *board.Meta) string {
	return strings.Repeat(fmt.Sprintf("%s at %d. ", head.ID, head.Rev), 40)
}

func checkSound(t *testing.T, s *Store) {
	t.Helper()
	var verdict string
	if err := s.readers.QueryRow(`PRAGMA integrity_check`).Scan(&verdict); err != nil || verdict != "ok" {
		t.Errorf("the file is damaged: %s, %v", verdict, err)
	}
}
