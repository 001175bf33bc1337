package live

import (
	"runtime"

	"fresque.dev/services/internal/nowait"
)

// pens are what writes to many streams by one system call: as many as write at the
// same time. Without any, they are written to one by one.
type pens chan *pen

// pen gathers writes until there are enough for a call, or no more.
type pen struct {
	ring  *nowait.Ring
	sends []nowait.Send
	// held are the streams that are written to; they are locked until they are.
	held []*Stream
}

// UseRings has streams written to many at a time (nowait.Ring); before any is there.
func (h *Hub) UseRings() error {
	made := make(pens, runtime.GOMAXPROCS(0))
	for range cap(made) {
		ring, err := nowait.NewRing()
		if err != nil {
			for len(made) > 0 {
				_ = (<-made).ring.Close()
			}
			return err
		}
		made <- &pen{ring: ring, sends: make([]nowait.Send, 0, nowait.RingSize), held: make([]*Stream, 0, nowait.RingSize)}
	}
	h.pens = made
	return nil
}

// take gives one that nobody writes with; nil where there is none.
func (p pens) take() *pen {
	select {
	case free := <-p:
		return free
	default:
		return nil
	}
}

// done takes one back.
func (p pens) done(used *pen) {
	if used != nil {
		p <- used
	}
}

// close gives the rings back, once nobody writes with them: what is written from then
// on is written one by one.
func (p pens) close() {
	for range cap(p) {
		_ = (<-p).ring.Close()
	}
}

// push is Stream.push, of a stream that is not pushed to again before flush.
func (p *pen) push(s *Stream, frame []byte) {
	if p == nil || len(frame) == 0 {
		s.push(frame)
		return
	}
	s.mu.Lock()
	if !s.ready() {
		s.put(frame)
		s.mu.Unlock()
		return
	}
	p.sends, p.held = append(p.sends, nowait.Send{FD: s.fd, P: frame}), append(p.held, s)
	if len(p.held) == nowait.RingSize {
		p.flush()
	}
}

// flush writes what was gathered.
func (p *pen) flush() {
	if p == nil || len(p.held) == 0 {
		return
	}
	p.ring.Write(p.sends)
	for i, s := range p.held {
		s.took(p.sends[i].P, p.sends[i].N, p.sends[i].Err)
		s.mu.Unlock()
	}
	clear(p.sends)
	clear(p.held)
	p.sends, p.held = p.sends[:0], p.held[:0]
}
