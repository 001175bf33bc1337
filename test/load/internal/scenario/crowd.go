//go:build linux

package scenario

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"fresque.dev/test/load/internal/target"
	"fresque.dev/test/load/internal/wire"
)

const (
	// slowestAnswer bounds what an answer's time is told as, in microseconds.
	slowestAnswer = 60_000_000
	precision     = 3
	micro         = 1e3 // microseconds of a millisecond
)

// times are how long answers took, in microseconds.
type times struct {
	mu   sync.Mutex
	hist *hdrhistogram.Histogram
}

func newTimes() *times { return &times{hist: hdrhistogram.New(1, slowestAnswer, precision)} }

func (t *times) add(d time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	_ = t.hist.RecordValue(min(max(d.Microseconds(), 1), slowestAnswer)) // within its bounds
}

// at gives a quantile (0 to 100) in milliseconds.
func (t *times) at(quantile float64) float64 {
	return float64(t.hist.ValueAtQuantile(quantile)) / micro
}

// crowd are people of one wall, each with a session and a connection.
type crowd struct {
	board   *target.Board
	wall    int
	people  []person
	posted  atomic.Int64
	longest int // letters of a post
}

type person struct {
	client  *wire.Client
	session string
}

// newCrowd opens the sessions and the connections.
func newCrowd(ctx context.Context, b *target.Board, wall, n int) (*crowd, error) {
	const longest = 600
	c := &crowd{board: b, wall: wall, longest: longest}
	sessions, err := b.Sessions(ctx, wall, n)
	if err != nil {
		return nil, err
	}
	for _, session := range sessions {
		client, err := b.Dial(ctx)
		if err != nil {
			return nil, errors.Join(err, c.Close())
		}
		c.people = append(c.people, person{client, session})
	}
	return c, nil
}

// Close ends the connections.
func (c *crowd) Close() error {
	var fails []error
	for _, p := range c.people {
		fails = append(fails, p.client.Close())
	}
	return errors.Join(fails...)
}

// post lets everybody post, one post after the other, until the wall has so
// many or the time has come, and tells how long the answers took.
func (c *crowd) post(ctx context.Context, upTo int64, until time.Time) (*times, error) {
	took, begun := newTimes(), atomic.Int64{}
	begun.Store(c.posted.Load())
	fails := make(chan error, len(c.people))
	var wg sync.WaitGroup
	for _, p := range c.people {
		wg.Go(func() {
			for time.Now().Before(until) && ctx.Err() == nil {
				n := begun.Add(1)
				if n > upTo {
					return
				}
				if err := c.one(p, n, took); err != nil {
					fails <- err
					return
				}
			}
		})
	}
	wg.Wait()
	close(fails)
	return took, errors.Join(<-fails, ctx.Err())
}

// one puts a post on the wall.
func (c *crowd) one(p person, n int64, took *times) error {
	request, err := c.board.PostRequest(c.wall, p.session, title(n), prose(rand.IntN(c.longest)))
	if err != nil {
		return err
	}
	start := time.Now()
	a, err := p.client.Do(request)
	if err != nil {
		return err
	}
	if a.Status != http.StatusCreated {
		return fmt.Errorf("a post was answered %d: %s", a.Status, a.Body)
	}
	took.add(time.Since(start))
	c.posted.Add(1)
	return nil
}

func title(n int64) string { return fmt.Sprintf("Post %d", n) }

// check compares the wall with what was acknowledged.
func (c *crowd) check() (lost, doubled int64, err error) {
	a, err := c.people[0].client.Do(c.board.SnapshotRequest(c.wall, c.people[0].session, "identity", ""))
	if err != nil {
		return 0, 0, err
	}
	var wall struct{ Posts []struct{ Title string } }
	if err := json.Unmarshal(a.Body, &wall); err != nil {
		return 0, 0, fmt.Errorf("the wall is not understood: %w", err)
	}
	seen := make(map[string]bool, len(wall.Posts))
	for _, p := range wall.Posts {
		seen[p.Title] = true
	}
	return c.posted.Load() - int64(len(seen)), int64(len(wall.Posts) - len(seen)), nil
}

// words are what posts are made of; they compress as a language does.
var words = strings.Fields(`le la les un une des de du et en dans pour avec sur par plus sans nous vous elle ils mon son
 notre votre cette classe élève groupe atelier travail projet séance question réponse exemple texte image vidéo document
 numérique évaluation compétence activité objectif consigne ressource partage pratique collègue échange retour idée proposition
 collaboration différenciation autonomie lecture écriture calcul sciences histoire géographie anglais musique arts sport
 faire écrire lire chercher trouver montrer expliquer comprendre discuter comparer choisir préparer organiser présenter
 premier deuxième dernier nouveau grand petit simple difficile possible important ensemble toujours souvent parfois jamais`)

// prose is text of so many letters at least.
func prose(letters int) string {
	var b strings.Builder
	b.WriteString("Bonjour")
	for b.Len() < letters {
		b.WriteByte(' ')
		b.WriteString(words[rand.IntN(len(words))])
	}
	return b.String()
}
