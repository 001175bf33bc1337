package board

import (
	"context"
	"reflect"
	"slices"

	"fresque.dev/services/internal/fault"
)

var (
	errNameRequired  = fault.New(fault.Invalid, "name_required")
	errPostEmpty     = fault.New(fault.Invalid, "post_empty")
	errMediaUnknown  = fault.New(fault.Invalid, "media_unknown")
	errMediaElsewere = fault.New(fault.Invalid, "media_in_other_post")
	errMediaRefused  = fault.New(fault.Invalid, "media_refused")
)

// LinkChecker tells which URLs a post may hold.
type LinkChecker interface {
	// CheckLink gives the URL to store, or a fault of kind Invalid.
	CheckLink(raw string) (string, error)
	// Lookup tells how to ask for the preview of a URL that CheckLink gave; false
	// when there is to be none.
	Lookup(clean string) (Lookup, bool)
}

// NewPost is what makes a post. ID may be empty, and so may Order: the post
// then comes where the board puts new ones.
type NewPost struct {
	ID          ID
	Title       string
	Body        string
	Attachments []Attachment
	Colour      Colour
	Section     ID
	Order       string
}

// CreatePost puts a post on the wall, or before the moderators. Repeating it
// with the same id answers as the first did (rule S3).
func (s *Service) CreatePost(ctx context.Context, p Principal, board ID, in NewPost) (*Post, error) {
	sc, err := s.enter(ctx, p, board, CreatePost)
	if err != nil {
		return nil, err
	}
	if p.Name == "" {
		return nil, errNameRequired
	}
	post := &Post{Author: Author{ID: p.Participant, Name: p.Name, Trainer: p.Role.moderates()}, Group: sc.p.Group}
	post.ID, post.Board, post.Parent = s.idOr(in.ID), board, p.Participant
	if post.ID == board {
		return nil, ErrExists // whose uploads are the board's own (adoptBackground)
	}
	if existing, err := existing(ctx, s, post); existing != nil || err != nil {
		return existing, err
	}
	edit := PostEdit{Title: &in.Title, Body: &in.Body, Attachments: &in.Attachments, Colour: &in.Colour}
	place := Placement{Section: &in.Section, Order: in.Order}
	if err := s.composeNew(sc, post, edit, place); err != nil {
		return nil, err
	}
	if err := s.takeRoom(ctx, board, Room{Posts: 1, Text: post.Takes()}); err != nil {
		return nil, err
	}
	if err := s.takeSlot(ctx, sc, post.ID); err != nil {
		return nil, err
	}
	// Media first: a post that exists shows its media, whatever fails between.
	if err := s.attach(ctx, sc, post); err != nil {
		return nil, err
	}
	created, fresh, err := create(ctx, s, sc, PostCreated, post)
	if err != nil || fresh {
		return created, err
	}
	return existing(ctx, s, post)
}

// MayPost tells whether a principal may post on their board now.
func (s *Service) MayPost(ctx context.Context, p Principal) error {
	_, err := s.enter(ctx, p, p.Board, CreatePost)
	return err
}

// composeNew fills a new post in, checked.
func (s *Service) composeNew(sc *scene, post *Post, in PostEdit, place Placement) error {
	if err := sc.place(post, place); err != nil {
		return err
	}
	if post.Order == "" {
		post.Order = orderAt(sc.now, !sc.board.Settings.NewLast)
	}
	if err := s.compose(sc, post, in); err != nil {
		return err
	}
	if !post.Author.Trainer {
		post.Sealed = sc.board.Settings.Anonymity
	}
	sc.submit(post)
	return nil
}

// existing answers a create that came before: the author's own post or comment
// with that id, or ErrExists when it is somebody else's, or said elsewhere.
func existing[D Contribution](ctx context.Context, s *Service, doc D) (D, error) {
	var none D
	found, err := get[D](ctx, s.Store, KeyOf(doc))
	switch {
	case fault.KindOf(err) == fault.NotFound:
		return none, nil
	case err != nil:
		return none, err
	case found.said().author.ID != doc.said().author.ID || !found.Head().Deleted() && found.Head().Parent != doc.Head().Parent:
		return none, ErrExists
	}
	return found, nil
}

// ReadPost gives one post, or its tombstone.
func (s *Service) ReadPost(ctx context.Context, p Principal, board, id ID) (*Post, error) {
	sc, err := s.enter(ctx, p, board, ReadBoard)
	if err != nil {
		return nil, err
	}
	return s.seenPost(ctx, sc, id)
}

// seenPost loads a post that the principal sees.
func (s *Service) seenPost(ctx context.Context, sc *scene, id ID) (*Post, error) {
	return seen[*Post](ctx, s, sc, Key{Board: sc.board.ID, Kind: KindPost, ID: id})
}

// seen loads a document that the principal sees.
func seen[D Document](ctx context.Context, s *Service, sc *scene, key Key) (D, error) {
	var none D
	doc, err := get[D](ctx, s.Store, key)
	if err == nil && !sc.sight.SeenBy(sc.p, doc) {
		err = ErrNotFound
	}
	if err != nil {
		return none, err
	}
	return doc, nil
}

// livePost loads a post that the principal sees, and that is not deleted.
func (s *Service) livePost(ctx context.Context, sc *scene, id ID) (*Post, error) {
	post, err := s.seenPost(ctx, sc, id)
	if err == nil && post.Deleted() {
		err = ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return post, nil
}

// PostEdit is a change of a post; nil leaves a field as it is.
type PostEdit struct {
	Title       *string
	Body        *string
	Attachments *[]Attachment
	Colour      *Colour
	Placement   Placement
}

// EditPost changes a post at an expected revision.
func (s *Service) EditPost(ctx context.Context, p Principal, board, id ID, expected Rev, in PostEdit) (*Post, error) {
	return s.editPost(ctx, p, board, id, expected, PostEdited, in)
}

func (s *Service) editPost(ctx context.Context, p Principal, board, id ID, expected Rev, verb Verb, in PostEdit) (*Post, error) {
	sc, err := s.enter(ctx, p, board, ReadBoard)
	if err != nil {
		return nil, err
	}
	return change(ctx, s, sc, Key{Board: board, Kind: KindPost, ID: id}, expected, doing{verb: verb}, s.editing(ctx, sc, expected, verb, in))
}

// editing edits a post, if the principal may.
func (s *Service) editing(ctx context.Context, sc *scene, expected Rev, verb Verb, in PostEdit) func(*Post) (bool, error) {
	return func(post *Post) (bool, error) {
		if err := sc.mayTouch(post, EditOwnPost, EditAnyPost); err != nil {
			return false, err
		}
		before := *post
		if err := sc.moveAlong(post, in.Placement); err != nil {
			return false, err
		}
		if verb != PostEdited {
			in.Attachments = sc.stillThere(in.Attachments)
		}
		if err := s.compose(sc, post, in); err != nil {
			return false, err
		}
		if samePost(&before, post) {
			return false, nil
		}
		if expected != 0 && post.Rev != expected {
			return true, nil // the conflict is told before any media is touched
		}
		if more := post.Takes() - before.Takes(); more > 0 {
			if err := s.takeRoom(ctx, post.Board, Room{Text: more}); err != nil {
				return false, err
			}
		}
		if !saysTheSame(&before, post) {
			post.EditedAt = sc.now
		}
		sc.resubmit(post)
		if err := s.letGoOf(ctx, sc, &before, post); err != nil {
			return false, err
		}
		return true, s.attach(ctx, sc, post)
	}
}

// mayTouch tells whether the principal may change a live post that they see.
func (sc *scene) mayTouch(post *Post, own, other Ability) error {
	if post.Deleted() || !sc.sight.SeenBy(sc.p, post) {
		return ErrNotFound
	}
	if err := sc.mayPost(post, own, other); err != nil {
		return err
	}
	return sc.unlocked(post.Section)
}

// samePost compares what edits of two posts can change.
func samePost(a, b *Post) bool {
	return a.Section == b.Section && a.Order == b.Order && a.Colour == b.Colour && saysTheSame(a, b)
}

// saysTheSame compares what people read of two posts.
func saysTheSame(a, b *Post) bool {
	return a.Title == b.Title && a.Body == b.Body && reflect.DeepEqual(a.Attachments, b.Attachments)
}

// DeletePost puts a post into the trash. Deleting a tombstone answers as done.
func (s *Service) DeletePost(ctx context.Context, p Principal, board, id ID, expected Rev) (*Post, error) {
	sc, err := s.enter(ctx, p, board, ReadBoard)
	if err != nil {
		return nil, err
	}
	return change(ctx, s, sc, Key{Board: board, Kind: KindPost, ID: id}, expected, doing{verb: PostDeleted}, sc.delete)
}

// delete puts a post into the trash, if the principal may.
func (sc *scene) delete(post *Post) (bool, error) {
	if !sc.sight.SeenBy(sc.p, post) {
		return false, ErrNotFound
	}
	if err := sc.mayPost(post, DeleteOwnPost, DeleteAnyPost); err != nil || post.Deleted() {
		return false, err
	}
	if err := sc.unlocked(post.Section); err != nil {
		return false, err
	}
	post.trash(sc.now, sc.p.Participant)
	return true, nil
}

// RestorePost takes a post out of the trash: moderators may as long as it is
// there, and whoever deleted it for UndoWindow. Restoring a live post answers
// as done.
func (s *Service) RestorePost(ctx context.Context, p Principal, board, id ID) (*Post, error) {
	sc, err := s.enter(ctx, p, board, ReadBoard)
	if err != nil {
		return nil, err
	}
	return change(ctx, s, sc, Key{Board: board, Kind: KindPost, ID: id}, 0, doing{verb: PostRestored}, func(post *Post) (bool, error) {
		if err := sc.mayPost(post, DeleteOwnPost, DeleteAnyPost); err != nil || !post.Deleted() {
			return false, err
		}
		if err := sc.mayRestore(&post.Meta, sc.may(DeleteAnyPost) == nil); err != nil {
			return false, err
		}
		if err := sc.unlocked(post.Section); err != nil {
			return false, err
		}
		if err := s.takeRoom(ctx, post.Board, Room{Posts: 1, Text: post.Takes()}); err != nil {
			return false, err
		}
		post.live()
		return true, s.takeSlot(ctx, sc, post.ID)
	})
}

// mayRestore tells whether something may still be taken out of the trash: by
// those who may do so to others', or by whoever put it there a moment ago.
func (sc *scene) mayRestore(head *Meta, others bool) error {
	switch {
	case head.DeletedBy != sc.p.Participant && !others:
		return ErrForbidden
	case head.PurgeAt.IsZero() || head.due(sc.now):
		return errUndoTooLate
	case !others && sc.now.After(head.DeletedAt.Add(UndoWindow)):
		return errUndoTooLate
	}
	return nil
}

// Trash lists the deleted posts of a board that can still be restored, last
// deleted first.
func (s *Service) Trash(ctx context.Context, p Principal, board ID) ([]*Post, error) {
	if _, err := s.enter(ctx, p, board, ModeratePosts); err != nil {
		return nil, err
	}
	docs, err := s.Store.Trashed(ctx, board, KindPost)
	posts := typed[*Post](docs)
	slices.SortStableFunc(posts, func(a, b *Post) int { return b.DeletedAt.Compare(a.DeletedAt) })
	return posts, err
}
