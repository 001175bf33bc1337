package live

import (
	"context"
	"math/rand/v2"
	"time"
)

// drainSteps are how many times streams are ended during a drain.
const drainSteps = 120

// Drain ends the streams of a replica that is about to stop, a few at a time and
// spread over the time given, so that the others take in its browsers little by
// little. The wall stays live meanwhile: each browser is away for as long as it
// takes to come back. Whoever comes during the drain is ended with the rest.
func (h *Hub) Drain(ctx context.Context, over time.Duration) {
	if over <= 0 {
		return
	}
	tick := time.NewTicker(max(over/drainSteps, time.Millisecond))
	defer tick.Stop()
	for left := drainSteps; left > 0; left-- {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		h.endSome(left)
	}
}

// endSome ends its share of the streams, chosen by chance, when there are so many
// steps left, this one included.
func (h *Hub) endSome(left int) {
	for _, s := range h.some(left) {
		s.end(frameBye(rand.N(retrySoon)))
	}
}

// some chooses one stream in so many, all of them at the end.
func (h *Hub) some(left int) []*Stream {
	var live, chosen []*Stream
	for _, c := range h.all() {
		c.mu.Lock()
		c.each(func(s *Stream) { live = append(live, s) })
		c.mu.Unlock()
	}
	for _, s := range live {
		if rand.N(left) == 0 {
			chosen = append(chosen, s)
		}
	}
	return chosen
}
