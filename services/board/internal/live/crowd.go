package live

import "fresque.dev/services/board/internal/board"

// crowd is who has a stream on a channel: an event is encoded for them only.
type crowd struct {
	levels map[board.Level]int
	people map[board.ID]int
}

// add counts a stream in (1) or out (-1).
func (c *crowd) add(s *Stream, n int) {
	if c.levels == nil {
		c.levels, c.people = make(map[board.Level]int), make(map[board.ID]int)
	}
	c.levels[s.class.Level] += n
	who := s.principal.Participant
	if c.people[who] += n; c.people[who] == 0 {
		delete(c.people, who)
	}
}

func (c *crowd) level(l board.Level) bool { return c.levels[l] > 0 }

func (c *crowd) person(id board.ID) bool { return c.people[id] > 0 }

// onlyOne is a single reader.
type onlyOne struct {
	of  board.Level
	who board.ID
}

func (o onlyOne) level(l board.Level) bool { return o.of == l }

func (o onlyOne) person(id board.ID) bool { return o.who == id }
