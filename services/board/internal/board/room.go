package board

import (
	"context"
	"sync"
	"time"

	"fresque.dev/services/internal/fault"
)

// Room is how much a wall holds: each replica that shows it has all of it at hand.
type Room struct {
	// Posts are those that are not in the trash, Text the bytes of what is written
	// in them, and said to them.
	Posts int
	Text  int64
}

// DefaultRoom holds as many posts as an import brings. With as much text a wall that
// is watched takes some 500 MiB of each replica.
func DefaultRoom() Room { return Room{Posts: MaxTransferPosts, Text: 48 << 20} }

const (
	// postTakes is what a post, an attachment or a comment takes besides what is
	// written in it.
	postTakes = 512
	// recountShare is which part of the room that was left is filled until it is counted
	// anew, by each replica for itself: what others have put there is not known
	// before. recountLeast is which part of all at the least: counting takes time.
	recountShare, recountLeast = 4, 256
	// recountRoomAfter is how long after a count one who finds no room counts again,
	// and roomCounted how long a count is good for.
	recountRoomAfter, roomCounted = 5 * time.Second, time.Hour
	// maxRooms is of how many walls it is known.
	maxRooms = 10_000
)

var errWallFull = fault.New(fault.Conflict, "wall_full")

// rooms are what walls hold, as they were counted a while ago.
type rooms struct {
	mu sync.Mutex
	of map[ID]*filled
}

// filled is how much there is on one wall: as it was counted, and since.
type filled struct {
	mu          sync.Mutex
	there, come Room
	at          time.Time
	counting    bool // somebody counts anew
}

func (r *rooms) on(board ID) *filled {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.of == nil || len(r.of) >= maxRooms {
		r.of = make(map[ID]*filled)
	}
	f := r.of[board]
	if f == nil {
		f = new(filled)
		r.of[board] = f
	}
	return f
}

// Takes is how much of a wall's room a post takes, in bytes.
func (p *Post) Takes() int64 {
	n := postTakes + len(p.Title) + len(p.Body) + len(p.Reason)
	for _, a := range p.Attachments {
		n += postTakes + len(a.URL) + len(a.Caption) + len(a.Alt)
	}
	return int64(n)
}

// Takes is how much of a wall's room a comment takes, in bytes.
func (c *Comment) Takes() int64 { return int64(postTakes + len(c.Body) + len(c.Reason)) }

// takeRoom refuses what a wall has no room for. Several at once may pass it by a
// little.
func (s *Service) takeRoom(ctx context.Context, board ID, more Room) error {
	f := s.rooms.on(board)
	f.mu.Lock()
	defer f.mu.Unlock()
	switch age := s.now().Sub(f.at); {
	case f.at.IsZero(), f.full(s.Room, more) && age > recountRoomAfter:
		there, err := s.roomTaken(ctx, board)
		if err != nil {
			return err
		}
		f.there, f.come, f.at = there, Room{}, s.now()
	case !f.counting && (age > roomCounted || f.outdated(s.Room)):
		if err := s.recountRoom(ctx, board, f); err != nil {
			return err
		}
	}
	if f.full(s.Room, more) {
		return errWallFull.With("max", s.Room.Posts).With("mib", s.Room.Text>>20)
	}
	f.come.Posts += more.Posts
	f.come.Text += more.Text
	return nil
}

// recountRoom counts anew while others go on by what was known: it takes a while on a
// large wall. The caller holds the lock, which is let go meanwhile.
func (s *Service) recountRoom(ctx context.Context, board ID, f *filled) error {
	f.counting = true
	known := f.come
	f.mu.Unlock()
	there, err := s.roomTaken(ctx, board)
	f.mu.Lock()
	f.counting = false
	if err != nil {
		return err
	}
	// What has come since may have been counted, too: rather twice than never.
	f.there, f.at = there, s.now()
	f.come = Room{Posts: f.come.Posts - known.Posts, Text: f.come.Text - known.Text}
	return nil
}

// roomTaken counts what there is on a wall.
func (s *Service) roomTaken(ctx context.Context, board ID) (Room, error) {
	posts, err := list[*Post](ctx, s.Store, board, KindPost)
	if err != nil {
		return Room{}, err
	}
	comments, err := list[*Comment](ctx, s.Store, board, KindComment)
	out := Room{Posts: len(posts)}
	for _, p := range posts {
		out.Text += p.Takes()
	}
	for _, c := range comments {
		out.Text += c.Takes()
	}
	return out, err
}

// outdated tells that so much has come that others' share matters.
func (f *filled) outdated(most Room) bool {
	left := Room{Posts: most.Posts - f.there.Posts, Text: most.Text - f.there.Text}
	return f.come.Posts > max(left.Posts/recountShare, most.Posts/recountLeast) || f.come.Text > max(left.Text/recountShare, most.Text/recountLeast)
}

func (f *filled) full(most, more Room) bool {
	return f.there.Posts+f.come.Posts+more.Posts > most.Posts || f.there.Text+f.come.Text+more.Text > most.Text
}
