package uploads

import (
	"sync"
	"time"

	"fresque.dev/services/media/internal/media"
)

// inAMinute is how many uploads somebody may begin in a minute, for each that
// may be on its way: small ones end soon.
const inAMinute = 4

// pace bounds what one person begins, however many tickets the board gives.
type pace struct {
	each  int
	mu    sync.Mutex
	since time.Time
	begun map[media.ID]int
}

func newPace(each int) *pace {
	return &pace{each: each, begun: map[media.ID]int{}}
}

// check tells whether somebody may begin one more upload. What is on its way is
// counted over all replicas, what begins in a minute by each.
func (p *pace) check(owner media.ID, all []media.Entry, now time.Time) error {
	if p.each == 0 {
		return nil
	}
	open := 0
	for _, e := range all {
		if e.Owner == owner && e.Standing == media.Open {
			open++
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if now.Sub(p.since) >= time.Minute {
		p.since = now
		clear(p.begun)
	}
	if open >= p.each || p.begun[owner] >= inAMinute*p.each {
		return media.ErrTooMany
	}
	p.begun[owner]++
	return nil
}
