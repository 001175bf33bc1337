package board

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"sync"
	"time"
)

const (
	// openedFor is how long it is remembered that a password opens a link, and
	// maxOpened of how many.
	openedFor = 10 * time.Minute
	maxOpened = 1000
)

// opened remembers which passwords have opened which links a while ago. A hash is
// slow on purpose, and few are made at a time: a class that comes at once, or
// somebody who comes again and again, is one hash, and keeps nobody else waiting.
// Passwords are kept as digests under a key of this process's; wrong ones are not.
type opened struct {
	key func() []byte
	mu  sync.Mutex
	of  map[[sha256.Size]byte]*opening
}

// opening is one password that is looked at, or was right.
type opening struct {
	done  chan struct{}
	right bool
	until time.Time
}

func newOpened() *opened {
	return &opened{of: make(map[[sha256.Size]byte]*opening), key: sync.OnceValue(func() []byte {
		key := make([]byte, sha256.Size)
		_, _ = rand.Read(key)
		return key
	})}
}

// check tells whether a password is the one of a hash, and asks once for all who
// come with the same at the same time.
func (o *opened) check(with Passwords, hash, password string, now time.Time) bool {
	mac := hmac.New(sha256.New, o.key())
	mac.Write([]byte(hash + "\x00" + password))
	name := [sha256.Size]byte(mac.Sum(nil))
	o.mu.Lock()
	if at := o.of[name]; at != nil && now.Before(at.until) {
		o.mu.Unlock()
		<-at.done
		return at.right
	}
	at := &opening{done: make(chan struct{}), until: now.Add(openedFor)}
	o.put(name, at, now)
	o.mu.Unlock()
	defer o.done(name, at)
	at.right = with.Check(hash, password)
	return at.right
}

// done tells those who wait, and forgets what was wrong.
func (o *opened) done(name [sha256.Size]byte, at *opening) {
	if !at.right {
		o.mu.Lock()
		delete(o.of, name)
		o.mu.Unlock()
	}
	close(at.done)
}

// put keeps one more, where there is room. The caller holds the lock.
func (o *opened) put(name [sha256.Size]byte, at *opening, now time.Time) {
	if len(o.of) >= maxOpened {
		for old, one := range o.of {
			if !now.Before(one.until) {
				delete(o.of, old)
			}
		}
	}
	if len(o.of) < maxOpened {
		o.of[name] = at
	}
}
