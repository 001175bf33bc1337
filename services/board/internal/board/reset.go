package board

import (
	"context"
	"slices"
	"time"
)

// Reset says what is taken off a board of a platform's, such as for the next
// year's course.
type Reset struct {
	// Contributions are all that people have left: posts, comments, reactions,
	// uploads, the log, and their names.
	Contributions bool
	// Groups are those of the board, and who is in them.
	Groups bool
}

// Cleared counts what a reset has erased.
type Cleared struct {
	Posts, Comments, Media, People, Groups int
	// More tells that time ran out: asking again goes on.
	More bool
}

const (
	// resetWithin is how long one call goes on, at the most.
	resetWithin = 8 * time.Second
	// resetBatch is how many documents are read at once, resetAtOnce how many are
	// written together.
	resetBatch, resetAtOnce = 200, 16
)

// ResetBoard erases for good, by batches, what a reset says; settings, sections
// and rules stay. Whatever ends it in between, asking again goes on from there.
func (s *Service) ResetBoard(ctx context.Context, p *Platform, board ID, in Reset) (Cleared, error) {
	b, err := s.PlatformOwns(ctx, p, board)
	if err != nil {
		return Cleared{}, err
	}
	r := &resetting{Service: s, board: b, sc: s.caretaking(board), until: s.now().Add(resetWithin)}
	if in.Contributions {
		if err := r.contributions(ctx, p); err != nil || r.got.More {
			return r.got, err
		}
	}
	if in.Groups {
		err = r.groups(ctx)
	}
	return r.got, err
}

// resetting is a reset under way.
type resetting struct {
	*Service
	got   Cleared
	board *Board
	sc    *scene
	until time.Time
}

// kept are what a board has besides what people leave on it. What is not listed
// is erased, so that no kind of contribution is forgotten.
var kept = []Kind{KindBoard, KindSection, KindGroup, KindRoster, KindVisit, KindLink, KindParticipant, KindInvitation, KindMember}

func (r *resetting) contributions(ctx context.Context, p *Platform) error {
	// Posts first: what hangs on them is hidden with them. The log is what other
	// changes write to, and goes last.
	kinds := []Kind{KindPost, KindComment, KindMedia}
	for _, kind := range Kinds() {
		if !slices.Contains(kinds, kind) && !slices.Contains(kept, kind) && kind != KindAct {
			kinds = append(kinds, kind)
		}
	}
	for _, kind := range append(kinds, KindAct) {
		n, err := r.erase(ctx, kind, r.spared)
		switch kind {
		case KindPost:
			r.got.Posts += n
		case KindComment:
			r.got.Comments += n
		}
		if err != nil || r.got.More {
			return err
		}
	}
	return r.people(ctx, p)
}

// spared tells the picture that is the board's own, and counts the uploads that
// are not: previews are none.
func (r *resetting) spared(doc Document) bool {
	m, ok := doc.(*Media)
	if !ok {
		return false
	}
	background := m.ID == r.board.Settings.Background.Picture
	if !background && m.Preview == nil && !m.Deleted() {
		r.got.Media++
	}
	return background
}

// erase erases the documents of a kind, those in the trash too, and gives how
// many; those that are spared stay.
func (r *resetting) erase(ctx context.Context, kind Kind, spare func(Document) bool) (int, error) {
	n := 0
	trashed, err := r.Store.Trashed(ctx, r.board.ID, kind)
	if err != nil {
		return n, err
	}
	var below ID
	for docs := trashed; ; {
		docs = slices.DeleteFunc(docs, spare)
		if _, err := together(ctx, resetAtOnce, docs, func(ctx context.Context, doc Document) (bool, error) {
			return true, r.eraseWhole(ctx, r.sc, doc)
		}); err != nil {
			return n, err
		}
		n += len(docs)
		if r.got.More = r.now().After(r.until); r.got.More {
			return n, nil
		}
		if docs, err = r.Store.Latest(ctx, r.board.ID, kind, below, resetBatch); err != nil || len(docs) == 0 {
			return n, err
		}
		below = docs[len(docs)-1].Head().ID
	}
}

// people lets everybody go who came as a user of the platform's: should they
// come back, they are somebody new.
func (r *resetting) people(ctx context.Context, p *Platform) error {
	users, err := r.usersOn(ctx, p.ID, r.board.ID)
	if err != nil {
		return err
	}
	for _, u := range users {
		person, err := r.Store.Get(ctx, participantKey(r.board.ID, u.On(r.board.ID)))
		if err == nil {
			err = r.eraseWhole(ctx, r.sc, person)
		}
		if gone(err) != nil {
			return err
		}
		if err := r.leaveOne(ctx, r.board.ID, u); err != nil {
			return err
		}
		r.got.People++
		if r.got.More = r.now().After(r.until); r.got.More {
			return nil
		}
	}
	return r.forgetVisits(ctx, p.ID, r.board.ID)
}

// groups takes the groups away, and who is in them.
func (r *resetting) groups(ctx context.Context) error {
	roster, err := r.Store.Get(ctx, rosterKey(r.board.ID))
	if err == nil {
		err = r.eraseWhole(ctx, r.sc, roster)
	}
	if gone(err) != nil {
		return err
	}
	r.got.Groups, err = r.erase(ctx, KindGroup, func(Document) bool { return false })
	if err != nil || r.got.More {
		return err
	}
	people, err := list[*Participant](ctx, r.Store, r.board.ID, KindParticipant)
	if err != nil {
		return err
	}
	_, err = together(ctx, resetAtOnce, people, func(ctx context.Context, d *Participant) (*Participant, error) {
		return change(ctx, r.Service, r.sc, KeyOf(d), 0, doing{}, func(d *Participant) (bool, error) {
			changed := d.Group != "" && !d.Deleted()
			if changed {
				d.Group = ""
			}
			return changed, nil
		})
	})
	return err
}
