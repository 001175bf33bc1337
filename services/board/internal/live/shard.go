package live

import (
	"slices"
	"sync"
	"sync/atomic"

	"fresque.dev/services/board/internal/board"
)

const (
	// shardFull is how many streams a shard takes before the next is used, and
	// maxShards how many a channel has: with a few thousand readers on a wall
	// the work is shared among processors, with a few it is not scattered.
	shardFull = 1000
	maxShards = 4
	// writtenAtOnce is how many streams are written to by the one who has the event: for
	// a few, handing over to a goroutine costs more than the writes, which never
	// wait.
	writtenAtOnce = 32
)

// shard writes a channel's events to some of its streams. What comes while it
// writes waits together and goes out in one write for each stream; when it is
// idle, an event goes out at once.
type shard struct {
	pens    pens
	mu      sync.Mutex
	streams []*Stream
	// count is how many streams there are, to be known while they are written to.
	count atomic.Int32

	inbox   sync.Mutex
	waiting []*entry
	awake   bool
}

// add takes a stream in. It was told everything up to its joined sequence.
func (sh *shard) add(s *Stream) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	s.shard, s.place = sh, len(sh.streams)
	sh.streams = append(sh.streams, s)
	sh.count.Store(int32(len(sh.streams)))
}

// remove forgets a stream, and tells whether it was here.
func (sh *shard) remove(s *Stream) bool {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if s.shard != sh {
		return false
	}
	last := sh.streams[len(sh.streams)-1]
	sh.streams[s.place], last.place = last, s.place
	sh.streams[len(sh.streams)-1] = nil
	sh.streams = sh.streams[:len(sh.streams)-1]
	sh.count.Store(int32(len(sh.streams)))
	s.shard = nil
	return true
}

func (sh *shard) size() int { return int(sh.count.Load()) }

// each calls for every stream; the call must not ask the shard for anything.
func (sh *shard) each(do func(*Stream)) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	for _, s := range sh.streams {
		do(s)
	}
}

// tell hands an event over. A goroutine writes while there is something to
// write, and is gone when there is not; a few streams are written to here.
func (sh *shard) tell(e *entry) {
	n := sh.size()
	if n == 0 || !sh.wake(e) {
		return
	}
	if n <= writtenAtOnce {
		sh.work()
		return
	}
	go sh.work()
}

// wake leaves an event to be written, and tells whether nobody is at it.
func (sh *shard) wake(e *entry) bool {
	sh.inbox.Lock()
	defer sh.inbox.Unlock()
	sh.waiting = append(sh.waiting, e)
	idle := !sh.awake
	sh.awake = true
	return idle
}

func (sh *shard) work() {
	for {
		sh.inbox.Lock()
		entries := sh.waiting
		sh.waiting = nil
		if len(entries) == 0 {
			sh.awake = false
			sh.inbox.Unlock()
			return
		}
		sh.inbox.Unlock()
		sh.write(entries)
	}
}

// write sends events to every stream: the same bytes to all of a class.
func (sh *shard) write(entries []*entry) {
	common := make(map[board.Class][]byte, 2)
	owners := ownersOf(entries)
	sh.give(func(s *Stream) []byte {
		if s.joined >= entries[0].at.Seq || owners[s.principal.Participant] {
			return batchFor(entries, s.class, s.principal.Participant, s.joined)
		}
		batch, made := common[s.class]
		if !made {
			batch = batchFor(entries, s.class, "", 0)
			common[s.class] = batch
		}
		return batch
	})
}

// give writes to every stream what is for it; nothing where that is nil.
func (sh *shard) give(frameFor func(*Stream) []byte) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	p := sh.pens.take()
	defer sh.pens.done(p)
	for _, s := range sh.streams {
		p.push(s, frameFor(s))
	}
	p.flush()
}

// ownersOf tells those who may be told otherwise than their class.
func ownersOf(entries []*entry) map[board.ID]bool {
	var owners map[board.ID]bool
	for _, e := range entries {
		if e.owner == "" {
			continue
		}
		if owners == nil {
			owners = make(map[board.ID]bool)
		}
		owners[e.owner] = true
	}
	return owners
}

// batchFor joins what one reader is told of events after a sequence.
func batchFor(entries []*entry, class board.Class, participant board.ID, after uint64) []byte {
	var batch []byte
	for _, e := range entries {
		frame := e.frameFor(class, participant)
		switch {
		case e.at.Seq <= after || frame == nil:
		case batch == nil:
			batch = slices.Clip(frame) // it may be many readers': what follows goes into a copy
		default:
			batch = append(batch, frame...)
		}
	}
	return batch
}
