package board

import (
	"cmp"
	"context"
	"sync"
	"time"

	"fresque.dev/services/internal/fault"
)

const (
	// usageKept is how long a replica goes by what it once counted, and recountAfter
	// how long after having counted everything it does so again.
	usageKept, recountAfter = 30 * time.Second, time.Minute
	// usageMargin is how near to a bound boards are counted each time.
	usageMargin = 64
)

// Usage is how much of its quotas a platform uses: boards that are not in the
// trash, and the bytes of the uploads of all its boards.
type Usage struct {
	Boards int
	Media  int64
}

// usages are those of a while ago. Bounds are there against filling up: two
// things that come at once may both fit.
type usages struct {
	mu sync.Mutex
	of map[ID]*lastUsage
}

type lastUsage struct {
	Usage
	at, recounted time.Time
}

// Usage counts what a platform has.
func (s *Service) Usage(ctx context.Context, p *Platform) (Usage, error) {
	return s.usage(ctx, p.ID, 0)
}

// usage gives what a platform uses, as it was a short while ago at the most.
func (s *Service) usage(ctx context.Context, platform ID, kept time.Duration) (Usage, error) {
	now := s.now()
	s.usages.mu.Lock()
	c := s.usages.of[platform]
	if c != nil && now.Sub(c.at) < kept {
		defer s.usages.mu.Unlock()
		return c.Usage, nil
	}
	s.usages.mu.Unlock()
	owned, err := list[*Owned](ctx, s.Store, platform, KindOwned)
	if err != nil {
		return Usage{}, err
	}
	var u Usage
	for _, o := range owned {
		if !o.Trashed {
			u.Boards++
		}
		u.Media += o.Media
	}
	s.usages.mu.Lock()
	defer s.usages.mu.Unlock()
	if s.usages.of == nil {
		s.usages.of = make(map[ID]*lastUsage)
	}
	if c = s.usages.of[platform]; c == nil {
		c = new(lastUsage)
		s.usages.of[platform] = c
	}
	c.Usage, c.at = u, now
	return u, nil
}

// used notes what has come since a platform was last counted.
func (s *Service) used(platform ID, boards int, media int64) {
	s.usages.mu.Lock()
	defer s.usages.mu.Unlock()
	if c := s.usages.of[platform]; c != nil {
		c.Boards += boards
		c.Media += media
	}
}

// checkBoards refuses one board more than a platform may have.
func (s *Service) checkBoards(ctx context.Context, p *Platform) error {
	most := cmp.Or(p.Quotas.Boards, MaxPlatformBoards)
	u, err := s.usage(ctx, p.ID, usageKept)
	if err == nil && u.Boards+usageMargin >= most {
		u, err = s.usage(ctx, p.ID, 0)
	}
	if err == nil && u.Boards >= most {
		err = fault.New(fault.Conflict, "too_many_boards").With("max", most)
	}
	return err
}

// checkPlatformRoom refuses an upload for which the platform that owns its board
// has no room, and notes what the board then has: total bytes, the upload's own
// among them.
func (s *Service) checkPlatformRoom(ctx context.Context, b *Board, m *Media, total int64) error {
	if b.Platform == "" {
		return nil
	}
	p, err := s.PlatformAt(ctx, b.Platform)
	if err != nil {
		return err
	}
	if most := int64(p.Quotas.MediaMiB) << 20; most > 0 {
		left, err := s.roomLeft(ctx, p.ID, most)
		if err == nil && left < m.Size {
			if err = s.recount(ctx, p.ID); err == nil {
				left, err = s.roomLeft(ctx, p.ID, most)
			}
		}
		if err != nil {
			return err
		}
		if left < m.Size {
			return fault.New(fault.TooLarge, "platform_full").At("size").With("leftMiB", max(0, left)>>20)
		}
	}
	return s.noteMedia(ctx, p.ID, b.ID, total)
}

func (s *Service) roomLeft(ctx context.Context, platform ID, most int64) (int64, error) {
	u, err := s.usage(ctx, platform, usageKept)
	return most - u.Media, err
}

// noteMedia writes down how many bytes a board's uploads have.
func (s *Service) noteMedia(ctx context.Context, platform, board ID, total int64) error {
	var more int64
	_, err := change(ctx, s, s.caretaking(platform), ownedKey(platform, board), 0, doing{}, func(o *Owned) (bool, error) {
		more = total - o.Media
		o.Media = total
		return more != 0, nil
	})
	if fault.KindOf(err) == fault.NotFound {
		return nil // erased meanwhile
	}
	if err == nil {
		s.used(platform, 0, more)
	}
	return err
}

// recount looks at the uploads of every board of a platform, since what was
// deleted is not told here. It does so once in a while.
func (s *Service) recount(ctx context.Context, platform ID) error {
	s.usages.mu.Lock()
	c, now := s.usages.of[platform], s.now()
	again := c == nil || now.Sub(c.recounted) >= recountAfter
	if again && c != nil {
		c.recounted = now
	}
	s.usages.mu.Unlock()
	if !again {
		return nil
	}
	owned, err := list[*Owned](ctx, s.Store, platform, KindOwned)
	if err != nil {
		return err
	}
	_, err = together(ctx, listAtOnce, owned, func(ctx context.Context, o *Owned) (bool, error) {
		if o.Media == 0 {
			return true, nil
		}
		total, err := s.mediaOf(ctx, o.ID, "")
		if err == nil && total != o.Media {
			err = s.noteMedia(ctx, platform, o.ID, total)
		}
		return true, err
	})
	return err
}

// mediaOf adds up the bytes of a board's uploads, all but one.
func (s *Service) mediaOf(ctx context.Context, board, but ID) (int64, error) {
	there, err := list[*Media](ctx, s.Store, board, KindMedia)
	var total int64
	for _, one := range there {
		if one.ID != but {
			total += one.Takes()
		}
	}
	return total, err
}
