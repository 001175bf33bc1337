package board

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"fresque.dev/services/internal/fault"
)

// Bulk is one thing that somebody did to several posts at once: the deeds that
// came of it name it, so that they are told and taken back together.
type Bulk struct {
	Meta
	Actor ID      `json:"actor"`
	Act   BulkAct `json:"act"`
	Posts []ID    `json:"posts"`
}

// Kind tells KindBulk.
func (*Bulk) Kind() Kind { return KindBulk }

// BulkAct is what can be done to several posts at once.
type BulkAct string

// The acts. BulkUndo is what taking one back is kept as.
const (
	BulkMove    BulkAct = "move"
	BulkDelete  BulkAct = "delete"
	BulkColour  BulkAct = "colour"
	BulkApprove BulkAct = "approve"
	BulkReject  BulkAct = "reject"
	BulkUndo    BulkAct = "undo"
)

// BulkActs lists what can be asked for.
func BulkActs() []BulkAct {
	return []BulkAct{BulkMove, BulkDelete, BulkColour, BulkApprove, BulkReject}
}

// MaxBulk bounds the posts of one bulk; bulkAtOnce those that are written together.
const (
	MaxBulk    = 200
	bulkAtOnce = 8
)

// BulkItem is one post of a bulk. With a revision, the post is left alone when
// it is at another one; what commutes needs none.
type BulkItem struct {
	Post ID
	Rev  Rev
	// Placement is where BulkMove puts it.
	Placement
}

// NewBulk says what is done to which posts. ID is the client's, so that it may
// ask again.
type NewBulk struct {
	ID    ID
	Act   BulkAct
	Items []BulkItem
	// Colour is for BulkColour, Reason for BulkReject.
	Colour Colour
	Reason string
}

// BulkResult is what became of one post: as it is now, or why nothing was done
// to it.
type BulkResult struct {
	ID   ID
	Post *Post
	Err  error
}

// ChangePosts does the same to several posts, each by its own compare-and-set:
// what may not be done to one keeps none of the others. Asking again with the
// same id answers as the first did and does nothing twice, whatever was done to
// the posts meanwhile. When all are refused for one reason, that is the answer.
func (s *Service) ChangePosts(ctx context.Context, p Principal, board ID, in NewBulk) ([]BulkResult, error) {
	sc, err := s.enter(ctx, p, board, ReadBoard)
	if err != nil {
		return nil, err
	}
	if in.Reason, err = cleanReason(in.Reason); err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	again, err := s.openBulk(ctx, sc, in.ID, in.Act, in.posts())
	if err != nil {
		return nil, err
	}
	results, err := together(ctx, bulkAtOnce, in.Items, func(ctx context.Context, item BulkItem) (BulkResult, error) {
		post, err := s.changeOne(ctx, sc, in, item, again)
		return resultOf(item.Post, post, err)
	})
	return refusedAlike(results, err)
}

// check refuses what nobody could have meant.
func (in NewBulk) check() error {
	var f faults
	if !slices.Contains(BulkActs(), in.Act) {
		f.add(fault.New(fault.Invalid, "unknown_choice").At("act"))
	}
	if len(in.Items) == 0 {
		f.add(fault.New(fault.Invalid, "required").At("items"))
	}
	if len(in.Items) > MaxBulk {
		f.add(fault.New(fault.Invalid, "too_many").At("items").With("max", MaxBulk))
	}
	seen := make(map[ID]bool, len(in.Items))
	for i, item := range in.Items {
		if seen[item.Post] {
			f.add(fault.New(fault.Invalid, "duplicate").At(fmt.Sprintf("items[%d].postId", i)))
		}
		seen[item.Post] = true
	}
	return f.err()
}

func (in NewBulk) posts() []ID {
	out := make([]ID, 0, len(in.Items))
	for _, item := range in.Items {
		out = append(out, item.Post)
	}
	return out
}

// openBulk keeps what is about to be done, before it is; `again` tells that it
// was kept before. The deeds of the scene name it from then on.
func (s *Service) openBulk(ctx context.Context, sc *scene, id ID, act BulkAct, posts []ID) (again bool, err error) {
	b := &Bulk{Actor: sc.p.Participant, Act: act, Posts: posts}
	b.ID, b.Board = s.idOr(id), sc.board.ID
	kept, fresh, err := create(ctx, s, sc, NotLogged, b)
	if err != nil {
		return false, err
	}
	if kept.Actor != sc.p.Participant || kept.Act != act || !slices.Equal(kept.Posts, posts) {
		return false, ErrExists
	}
	sc.bulk = kept.ID
	return !fresh, nil
}

// changeOne does to one post what a bulk does to all.
func (s *Service) changeOne(ctx context.Context, sc *scene, in NewBulk, item BulkItem, again bool) (post *Post, err error) {
	done := false
	if again {
		post, done, err = s.doneBy(ctx, sc, item.Post)
	}
	if err == nil && !done {
		verb, apply := in.on(ctx, s, sc, item)
		key := Key{Board: sc.board.ID, Kind: KindPost, ID: item.Post}
		post, err = change(ctx, s, sc, key, item.Rev, doing{verb, in.Reason}, apply)
	}
	if err == nil && in.Act == BulkReject && (!done || post.State == StateRejected) {
		// Who has refused a post has seen what was said of it.
		_, err = s.settleReports(ctx, sc, Key{Board: sc.board.ID, Kind: KindPost, ID: item.Post})
	}
	return post, err
}

// on gives the verb of an act, and the function that does it to a post.
func (in NewBulk) on(ctx context.Context, s *Service, sc *scene, item BulkItem) (Verb, func(*Post) (bool, error)) {
	switch in.Act {
	case BulkMove:
		return PostMoved, func(post *Post) (bool, error) { return sc.move(post, Move{Placement: item.Placement}) }
	case BulkDelete:
		return PostDeleted, sc.delete
	case BulkApprove:
		return PostApproved, judging[*Post](sc, StatePublished, "")
	case BulkReject:
		return PostRejected, judging[*Post](sc, StateRejected, in.Reason)
	default:
		return PostEdited, s.editing(ctx, sc, item.Rev, PostEdited, PostEdit{Colour: &in.Colour})
	}
}

// doneBy finds a post to which the scene's bulk has been done already, as it is
// now.
func (s *Service) doneBy(ctx context.Context, sc *scene, id ID) (*Post, bool, error) {
	post, err := s.seenPost(ctx, sc, id)
	if err != nil {
		return nil, false, err
	}
	acts, err := s.deedsOf(ctx, sc, post)
	return post, len(acts) > 0, err
}

// deedsOf are the acts that the scene's bulk came to on a document, the log
// brought up to date first.
func (s *Service) deedsOf(ctx context.Context, sc *scene, doc Document) ([]*Act, error) {
	if err := s.SettleDeed(ctx, doc); err != nil {
		return nil, err
	}
	acts, err := s.actsOn(ctx, KeyOf(doc))
	return slices.DeleteFunc(acts, func(act *Act) bool { return act.Done.Bulk != sc.bulk }), err
}

// UndoBulk takes back all that a bulk did, each where nothing has been done to
// the post since.
func (s *Service) UndoBulk(ctx context.Context, p Principal, board, id ID) ([]BulkResult, error) {
	sc, err := s.enter(ctx, p, board, ReadBoard)
	if err != nil {
		return nil, err
	}
	bulk, err := get[*Bulk](ctx, s.Store, Key{Board: board, Kind: KindBulk, ID: id})
	if err != nil {
		return nil, err
	}
	if !p.Role.moderates() && bulk.Actor != p.Participant {
		return nil, ErrForbidden
	}
	then := *sc // names the deeds that are looked for
	then.bulk = id
	// What is taken back is told as one, too, and can be taken back itself.
	if _, err := s.openBulk(ctx, sc, derivedID("bulk undone", id, p.Participant), BulkUndo, bulk.Posts); err != nil {
		return nil, err
	}
	results, err := together(ctx, bulkAtOnce, bulk.Posts, func(ctx context.Context, post ID) (BulkResult, error) {
		back, err := s.undoOne(ctx, sc, &then, post)
		return resultOf(post, back, err)
	})
	return refusedAlike(results, err)
}

// undoOne takes back what a bulk did to one post, and to its reports.
func (s *Service) undoOne(ctx context.Context, sc, then *scene, id ID) (*Post, error) {
	post, err := get[*Post](ctx, s.Store, Key{Board: sc.board.ID, Kind: KindPost, ID: id})
	if err != nil {
		return nil, err
	}
	acts, err := s.deedsOf(ctx, then, post)
	if err != nil {
		return nil, err
	}
	reports, err := s.reportsOf(ctx, KeyOf(post))
	if err != nil {
		return nil, err
	}
	for _, report := range reports {
		more, err := s.deedsOf(ctx, then, report)
		if err != nil {
			return nil, err
		}
		acts = append(acts, more...)
	}
	for _, act := range acts {
		doc, err := s.takeBack(ctx, sc, act)
		if err != nil {
			return nil, err
		}
		if back, ok := doc.(*Post); ok {
			post = back
		}
	}
	if !sc.sight.SeenBy(sc.p, post) {
		return nil, ErrNotFound
	}
	return post, nil
}

// resultOf tells what became of one post. What may go well the next time is no
// result: whoever asked asks again.
func resultOf(id ID, post *Post, err error) (BulkResult, error) {
	switch fault.KindOf(err) {
	case fault.Unavailable, fault.Internal:
		return BulkResult{}, err
	}
	if err != nil {
		post = nil
	}
	return BulkResult{ID: id, Post: post, Err: err}, nil
}

// refusedAlike answers for all when each was refused for the same reason. A
// post that has changed is told with what it is now.
func refusedAlike(results []BulkResult, err error) ([]BulkResult, error) {
	if err != nil {
		return nil, err
	}
	for _, r := range results {
		if r.Err == nil || errors.Is(r.Err, ErrConflict) || !errors.Is(r.Err, asFault(results[0].Err)) {
			return results, nil
		}
	}
	return nil, results[0].Err
}

func asFault(err error) error {
	f, _ := fault.As(err)
	return f
}
