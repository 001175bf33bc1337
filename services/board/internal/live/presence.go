package live

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/board/internal/view"
)

const (
	// presenceEvery is how often who is here is told, at most; nothing is told
	// when nothing has changed.
	presenceEvery = time.Second
	// reportEvery is how often a replica repeats what it knows, and reportKept
	// how long what another one told is believed. One that is new is answered at
	// once, so repeats are for those that have fallen silent only.
	reportEvery = 10 * time.Second
	reportKept  = 25 * time.Second
	// aloneEvery is how often a replica repeats it that knows of no other on the
	// board, where nobody believes it who would stop: in case that what one of
	// them told first was lost.
	aloneEvery = time.Minute
	// writingKept is how long somebody counts as writing since they said so.
	writingKept = 8 * time.Second
	// presenceNames is how many people are named; the others are counted.
	presenceNames = 50
	// reportNames is how many a replica names to others, which then know somebody
	// who is on both; a message of NATS holds some 15,000.
	reportNames = 5000
)

// roster is who is on one board. All access is under the channel's lock.
type roster struct {
	// writing tells until when somebody is, and their name.
	writing map[board.ID]typist
	others  map[string]report
	// stale says that who is here may have changed since it was gathered, until
	// when it changes by itself. Most seconds nothing has, on most walls.
	stale bool
	until time.Time
	// told is what browsers know, reported what other replicas know.
	told       []byte
	reported   board.Presence
	reportedAt time.Time
}

type typist struct {
	name  string
	until time.Time
}

type report struct {
	board.Presence
	at time.Time
}

func newRoster() roster {
	return roster{writing: make(map[board.ID]typist), others: make(map[string]report), stale: true}
}

// SetWriting notes that a participant is writing, or has stopped.
// Their stream may be on another replica, which then hears of it from this one.
func (h *Hub) SetWriting(ctx context.Context, p board.Principal, writing bool) error {
	c, err := h.channel(p.Board)
	if err != nil {
		return err
	}
	if err := c.connect(ctx); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if writing && c.open {
		c.roster.writing[p.Participant] = typist{name: p.Name, until: h.now().Add(writingKept)}
	} else {
		delete(c.roster.writing, p.Participant)
	}
	c.roster.stale = true
	return nil
}

// hear takes in what another replica tells.
func (c *channel) hear(replica string, p board.Presence) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.open {
		return
	}
	known, ok := c.roster.others[replica]
	if !ok || !samePresence(known.Presence, p) {
		c.roster.stale = true
	}
	if !ok && !c.roster.reportedAt.IsZero() {
		c.roster.reportedAt = c.now().Add(-reportEvery) // it has not heard of this one
	}
	c.roster.others[replica] = report{Presence: p, at: c.now()}
}

// tellPresence tells browsers and other replicas who is here, if that has
// changed. The caller holds the lock.
func (c *channel) tellPresence(now time.Time) {
	if !c.open {
		return
	}
	if !c.roster.stale && now.Before(c.roster.until) {
		c.repeatReport(now)
		return
	}
	c.roster.stale, c.roster.until = false, now.Add(reportKept)
	if c.mirror.sight.PresenceHidden {
		c.roster.reported, c.roster.reportedAt = board.Presence{}, time.Time{} // no longer repeated
		c.announcePresence(view.Presence{People: []view.Person{}})
		return
	}
	local := c.localPresence(now)
	c.reportPresence(local, now)
	for replica, r := range c.roster.others {
		if now.Sub(r.at) > reportKept {
			delete(c.roster.others, replica)
			continue
		}
		c.roster.changesBy(r.at.Add(reportKept))
	}
	all := []board.Presence{local}
	for _, r := range c.roster.others {
		all = append(all, r.Presence)
	}
	news := gather(all)
	if c.mirror.sight.Anonymity != board.Named {
		news.People = []view.Person{} // who is writing would name an author
	}
	c.announcePresence(news)
}

// changesBy notes when something expires.
func (r *roster) changesBy(at time.Time) {
	if at.Before(r.until) {
		r.until = at
	}
}

func samePresence(a, b board.Presence) bool {
	return a.Nameless == b.Nameless && slices.Equal(a.People, b.People)
}

// localPresence is who is here by this replica: each once, however many pages
// they have open.
func (c *channel) localPresence(now time.Time) board.Presence {
	people := make(map[board.ID]board.Person)
	nameless := make(map[board.ID]bool)
	c.each(func(s *Stream) {
		who := s.principal
		if who.Name == "" {
			nameless[who.Participant] = true
			return
		}
		people[who.Participant] = board.Person{ID: who.Participant, Name: who.Name}
	})
	for id, w := range c.roster.writing {
		if now.After(w.until) {
			delete(c.roster.writing, id)
			continue
		}
		c.roster.changesBy(w.until)
		people[id] = board.Person{ID: id, Name: w.name, Writing: true}
	}
	p := board.Presence{}
	for id := range nameless {
		if _, named := people[id]; !named { // with one page opened before they gave it
			p.Nameless++
		}
	}
	for _, person := range people {
		p.People = append(p.People, person)
	}
	slices.SortFunc(p.People, func(a, b board.Person) int { return cmp.Compare(a.ID, b.ID) })
	return p
}

// brief names no more people than a report holds, those who write among them,
// and counts the others.
func brief(p board.Presence) board.Presence {
	if len(p.People) <= reportNames {
		return p
	}
	out := board.Presence{Nameless: p.Nameless}
	for i, person := range p.People {
		if person.Writing || i < reportNames {
			out.People = append(out.People, person)
		} else {
			out.Nameless++
		}
	}
	return out
}

// reportPresence tells the other replicas when it has changed.
func (c *channel) reportPresence(local board.Presence, now time.Time) {
	if samePresence(local, c.roster.reported) {
		c.repeatReport(now)
		return
	}
	c.roster.reported, c.roster.reportedAt = local, now
	c.gatherings.Report(c.id, brief(local))
}

// repeatReport tells the other replicas again now and then, so that they know
// that this one is there.
func (c *channel) repeatReport(now time.Time) {
	every := aloneEvery
	if len(c.roster.others) > 0 {
		every = reportEvery
	}
	if c.roster.reportedAt.IsZero() || now.Sub(c.roster.reportedAt) < every {
		return
	}
	c.roster.reportedAt = now
	c.gatherings.Report(c.id, brief(c.roster.reported))
}

// gather merges what replicas know: each person once, writing if anywhere.
func gather(all []board.Presence) view.Presence {
	people := make(map[board.ID]board.Person)
	news := view.Presence{People: []view.Person{}}
	for _, p := range all {
		news.Count += p.Nameless
		for _, person := range p.People {
			known := people[person.ID]
			person.Writing = person.Writing || known.Writing
			people[person.ID] = person
		}
	}
	news.Count += len(people)
	for _, p := range people {
		news.People = append(news.People, view.Person{ID: string(p.ID), Name: p.Name, Writing: p.Writing})
	}
	slices.SortFunc(news.People, func(a, b view.Person) int {
		if a.Writing != b.Writing {
			if a.Writing {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	news.People = news.People[:min(len(news.People), presenceNames)]
	return news
}

// announcePresence tells browsers, if it is news to them.
func (c *channel) announcePresence(news view.Presence) {
	data, err := json.Marshal(news)
	if err != nil || bytes.Equal(data, c.roster.told) {
		return
	}
	c.roster.told = data
	frame := framePresence(data)
	c.give(func(*Stream) []byte { return frame })
	c.counts.presenceFrames.Add(uint64(c.watched())) //nolint:gosec // a count
}

// framePresence carries no cursor: presence is no part of the wall.
func framePresence(data []byte) []byte {
	return fmt.Appendf(nil, "event: presence\ndata: %s\n\n", data)
}
