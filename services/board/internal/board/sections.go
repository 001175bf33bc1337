package board

import (
	"context"
	"fmt"
	"slices"
	"time"

	"fresque.dev/services/internal/fault"
)

// Limits of sections.
const (
	MaxSections           = 100
	MaxSectionTitle       = 100
	MaxSectionDescription = 500
	// MaxMoves bounds the posts that are moved in one request.
	MaxMoves = 200
)

var (
	errSectionGone   = fault.New(fault.Conflict, "section_gone")
	errSectionLocked = fault.New(fault.Closed, "section_locked")
)

// NewSection is what makes a section. ID may be empty; without an order it
// comes last.
type NewSection struct {
	ID ID
	SectionEdit
}

// SectionEdit is a change of a section; nil leaves a field as it is.
type SectionEdit struct {
	Title, Description *string
	Colour             *Colour
	Order              *string
	Locked, Hidden     *bool
}

func (e SectionEdit) apply(sec *Section) faults {
	var f faults
	if e.Title != nil {
		sec.Title = oneLine(*e.Title)
	}
	if e.Description != nil {
		sec.Description = plainText(*e.Description)
	}
	set(&sec.Colour, e.Colour)
	set(&sec.Order, e.Order)
	set(&sec.Locked, e.Locked)
	set(&sec.Hidden, e.Hidden)
	f.add(required("title", sec.Title))
	f.add(tooLong("title", sec.Title, MaxSectionTitle))
	f.add(tooLong("description", sec.Description, MaxSectionDescription))
	f.add(unknownColour("colour", sec.Colour))
	f.add(checkOrder("order", sec.Order))
	return f
}

// CreateSection adds a section. Repeating it with the same id answers as the
// first did (rule S3).
func (s *Service) CreateSection(ctx context.Context, p Principal, board ID, in NewSection) (*Section, error) {
	sc, err := s.enter(ctx, p, board, ShapeSections)
	if err != nil {
		return nil, err
	}
	sec := &Section{}
	sec.ID, sec.Board = s.idOr(in.ID), board
	if in.Order == nil {
		last := sc.sight.lastOrder()
		in.Order = &last
	}
	if err := in.apply(sec).err(); err != nil {
		return nil, err
	}
	if sc.sight.sections[sec.ID] == nil && len(sc.sight.Sections()) >= MaxSections {
		return nil, fault.New(fault.Conflict, "too_many_sections").With("max", MaxSections)
	}
	sec, _, err = create(ctx, s, sc, SectionCreated, sec)
	return sec, err
}

// lastOrder is one behind all sections.
func (s *Sight) lastOrder() string {
	last := ""
	for _, sec := range s.Sections() {
		last = max(last, sec.Order)
	}
	return OrderBetween(last, "")
}

// EditSection changes a section; without an expected revision the change
// commutes with others.
func (s *Service) EditSection(ctx context.Context, p Principal, board, id ID, expected Rev, in SectionEdit) (*Section, error) {
	sc, err := s.enter(ctx, p, board, ShapeSections)
	if err != nil {
		return nil, err
	}
	return change(ctx, s, sc, Key{Board: board, Kind: KindSection, ID: id}, expected, doing{verb: SectionEdited}, func(sec *Section) (bool, error) {
		if sec.Removed() || sec.Deleted() {
			return false, ErrNotFound
		}
		before := *sec
		f := in.apply(sec)
		return !sameSection(&before, sec), f.err()
	})
}

func sameSection(a, b *Section) bool {
	return a.Title == b.Title && a.Description == b.Description && a.Colour == b.Colour && a.Order == b.Order &&
		a.Locked == b.Locked && a.Hidden == b.Hidden
}

// DeleteSection takes a section away, and its posts with it or to another
// section (none, when movedTo is empty). It is one write, and so is taking it
// back. Deleting again answers as done.
func (s *Service) DeleteSection(ctx context.Context, p Principal, board, id ID, fate Fate, movedTo ID) (*Section, error) {
	sc, err := s.enter(ctx, p, board, ShapeSections)
	if err != nil {
		return nil, err
	}
	switch {
	case fate != FateKeep && fate != FateDelete:
		return nil, faults{fault.New(fault.Invalid, "unknown_choice").At("posts")}.err()
	case fate == FateDelete:
		movedTo = ""
	case movedTo == id || movedTo != "" && sc.sight.Section(movedTo) == nil:
		return nil, errSectionGone
	}
	return change(ctx, s, sc, Key{Board: board, Kind: KindSection, ID: id}, 0, doing{verb: SectionDeleted}, func(sec *Section) (bool, error) {
		if sec.Deleted() {
			return false, ErrNotFound
		}
		if sec.Removed() {
			return false, nil
		}
		sec.remove(sc.now, fate, movedTo)
		return true, nil
	})
}

func (s *Section) remove(now time.Time, fate Fate, movedTo ID) {
	s.RemovedAt, s.Fate, s.MovedTo = now, fate, movedTo
	s.PurgeAt = now.Add(TrashKept)
}

// RestoreSection brings a deleted section back, and its posts with it: all but
// those that have been moved since.
func (s *Service) RestoreSection(ctx context.Context, p Principal, board, id ID) (*Section, error) {
	sc, err := s.enter(ctx, p, board, ShapeSections)
	if err != nil {
		return nil, err
	}
	return change(ctx, s, sc, Key{Board: board, Kind: KindSection, ID: id}, 0, doing{verb: SectionRestored}, func(sec *Section) (bool, error) {
		if sec.Deleted() {
			return false, errUndoTooLate
		}
		if !sec.Removed() {
			return false, nil
		}
		if sec.due(sc.now) {
			return false, errUndoTooLate
		}
		sec.RemovedAt, sec.PurgeAt, sec.Fate, sec.MovedTo = time.Time{}, time.Time{}, "", ""
		return true, nil
	})
}

// TrashedSection is a deleted section that can come back.
type TrashedSection struct {
	*Section
	// Posts counts those that come back to it.
	Posts int
}

// TrashedSections lists the deleted sections of a board that can be restored,
// last deleted first.
func (s *Service) TrashedSections(ctx context.Context, p Principal, board ID) ([]TrashedSection, error) {
	sc, err := s.enter(ctx, p, board, ShapeSections)
	if err != nil {
		return nil, err
	}
	var out []TrashedSection
	for _, sec := range sc.sight.sections {
		if sec.Removed() && !sec.due(sc.now) {
			out = append(out, TrashedSection{Section: sec})
		}
	}
	if len(out) == 0 {
		return nil, nil
	}
	posts, err := list[*Post](ctx, s.Store, board, KindPost)
	if err != nil {
		return nil, err
	}
	within := make(map[ID]int)
	for _, post := range posts {
		if !post.Deleted() {
			within[post.Section]++
		}
	}
	for i := range out {
		out[i].Posts = within[out[i].ID]
	}
	slices.SortFunc(out, func(a, b TrashedSection) int { return b.RemovedAt.Compare(a.RemovedAt) })
	return out, nil
}

// Placement is where a post is put. Section nil leaves it in its section, and
// an empty order where it is.
type Placement struct {
	Section *ID
	Order   string
}

// place puts a post somewhere, if the principal may.
func (sc *scene) place(post *Post, to Placement) error {
	if to.Section != nil && *to.Section != post.Section {
		section := *to.Section
		if section != "" {
			sec := sc.sight.Section(section)
			if sec == nil || sec.Hidden && !sc.p.Role.moderates() {
				return errSectionGone
			}
		}
		if err := sc.unlocked(section); err != nil {
			return err
		}
		post.Section = section
	}
	if to.Order != "" {
		if wrong := checkOrder("order", to.Order); wrong != nil {
			return faults{wrong}.err()
		}
		post.Order = to.Order
	}
	return nil
}

// unlocked refuses who may not write where a section is locked.
func (sc *scene) unlocked(section ID) error {
	place, kept := sc.sight.Place(section)
	if !kept || place == "" {
		return nil
	}
	if sec := sc.sight.Section(place); sec != nil && sec.Locked && sc.may(WriteOutOfLocks) != nil {
		return errSectionLocked
	}
	return nil
}

// Move says where one post goes.
type Move struct {
	Post ID
	Placement
}

// MovePosts moves posts, several at once: all are checked before the first is
// moved. Moves commute with other changes of the same posts. Moving a post to
// where it is answers as done.
func (s *Service) MovePosts(ctx context.Context, p Principal, board ID, moves []Move) ([]*Post, error) {
	sc, err := s.enter(ctx, p, board, ReadBoard)
	if err != nil {
		return nil, err
	}
	if len(moves) > MaxMoves {
		return nil, faults{fault.New(fault.Invalid, "too_many").At("moves").With("max", MaxMoves)}.err()
	}
	for i, m := range moves {
		post, err := get[*Post](ctx, s.Store, Key{Board: board, Kind: KindPost, ID: m.Post})
		if err == nil {
			_, err = sc.move(post, m)
		}
		if fl, ok := fault.As(err); ok {
			return nil, fl.At(fmt.Sprintf("moves[%d]", i))
		}
		if err != nil {
			return nil, err
		}
	}
	out := make([]*Post, 0, len(moves))
	for _, m := range moves {
		post, err := change(ctx, s, sc, Key{Board: board, Kind: KindPost, ID: m.Post}, 0, doing{verb: PostMoved},
			func(post *Post) (bool, error) { return sc.move(post, m) })
		if err != nil {
			return nil, err
		}
		out = append(out, post)
	}
	return out, nil
}

// move changes where a post is, and tells whether that changes anything.
func (sc *scene) move(post *Post, m Move) (bool, error) {
	if err := sc.mayTouch(post, MoveOwnPost, MoveAnyPost); err != nil {
		return false, err
	}
	section, order := post.Section, post.Order
	if err := sc.place(post, m.Placement); err != nil {
		return false, err
	}
	return post.Section != section || post.Order != order, nil
}

// moveAlong moves a post that is edited, if the edit says so and the principal
// may.
func (sc *scene) moveAlong(post *Post, to Placement) error {
	stays := (to.Section == nil || *to.Section == post.Section) && (to.Order == "" || to.Order == post.Order)
	if stays {
		return nil
	}
	_, err := sc.move(post, Move{Placement: to})
	return err
}

// Sections lists the live sections in their order.
func (s *Sight) Sections() []*Section {
	var out []*Section
	for _, sec := range s.sections {
		if !sec.Removed() {
			out = append(out, sec)
		}
	}
	slices.SortFunc(out, func(a, b *Section) int { return compareOrder(a.Order, b.Order, a.ID, b.ID) })
	return out
}
