package previews

import (
	"sync"
	"time"

	"fresque.dev/services/media/internal/media"
)

const (
	// freshFor is how long what was read serves others who link to it from the
	// same board: a whole class posts one address.
	freshFor = 10 * time.Minute
	// kept pages at most, each with a picture of some MiB at most.
	kept = 8
)

// found is what was read of a page.
type found struct {
	link    media.Link
	picture []byte
}

// cache keeps what was read, for each board by itself, so that nobody learns
// from the time that an answer takes what others link to. Those who ask for one
// page at once wait for the first.
type cache struct {
	now   func() time.Time
	mu    sync.Mutex
	pages map[key]*entry
}

type key struct {
	board media.ID
	media.Lookup
}

type entry struct {
	once sync.Once
	at   time.Time
	found
	err error
}

func newCache(now func() time.Time) *cache {
	return &cache{now: now, pages: map[key]*entry{}}
}

// read gives what is known of a page, or has it read. A failure is told to who
// waited for it, and to nobody after them.
func (c *cache) read(in media.Unfurl, do func() (found, error)) (found, error) {
	k := key{in.Board, in.Lookup}
	e := c.entry(k)
	e.once.Do(func() {
		if e.found, e.err = do(); e.err != nil {
			c.drop(k, e)
		}
	})
	return e.found, e.err
}

// entry finds the entry of a page, or makes room for one.
func (c *cache) entry(k key) *entry {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	if e := c.pages[k]; e != nil && now.Sub(e.at) < freshFor {
		return e
	}
	for len(c.pages) >= kept {
		c.dropOldest()
	}
	e := &entry{at: now}
	c.pages[k] = e
	return e
}

func (c *cache) dropOldest() {
	var oldest key
	var at time.Time
	for k, e := range c.pages {
		if at.IsZero() || e.at.Before(at) {
			oldest, at = k, e.at
		}
	}
	delete(c.pages, oldest)
}

// drop forgets a page unless it was read anew meanwhile.
func (c *cache) drop(k key, e *entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pages[k] == e {
		delete(c.pages, k)
	}
}
