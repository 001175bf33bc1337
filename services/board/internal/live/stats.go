package live

import "sync/atomic"

// Stats are what a hub holds and has done since it was made.
type Stats struct {
	// Streams are open, on Boards that are held.
	Streams, Boards int
	// Events were handed to streams, Deliveries times in all.
	Events, Deliveries uint64
	// Resumed and Anew are streams that began, after their cursor or with a reset.
	Resumed, Anew uint64
	// Slow are streams that were ended for taking too little.
	Slow uint64
	// Snapshots were made.
	Snapshots uint64
	// People are here by this replica, each once on each board; PresenceFrames told
	// streams of it.
	People         int
	PresenceFrames uint64
}

// counts are kept for the hub: what a channel counted stays when it is closed.
type counts struct {
	events, deliveries, resumed, anew, slow, snapshots, presenceFrames atomic.Uint64
}

// Stats tells how it goes. It looks at each channel for a moment.
func (h *Hub) Stats() Stats {
	s := Stats{
		Events: h.counts.events.Load(), Deliveries: h.counts.deliveries.Load(), Resumed: h.counts.resumed.Load(), Anew: h.counts.anew.Load(),
		Slow: h.counts.slow.Load(), Snapshots: h.counts.snapshots.Load(), PresenceFrames: h.counts.presenceFrames.Load(),
	}
	for _, c := range h.all() {
		s.Boards++
		s.Streams += c.watched()
		s.People += c.present()
	}
	return s
}
