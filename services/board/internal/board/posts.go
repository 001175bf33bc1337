package board

import (
	"context"
	"fmt"
	"reflect"
	"time"

	"fresque.dev/services/internal/fault"
)

var (
	errNameRequired  = fault.New(fault.Invalid, "name_required")
	errUndoTooLate   = fault.New(fault.Conflict, "undo_too_late")
	errPostEmpty     = fault.New(fault.Invalid, "post_empty")
	errMediaUnknown  = fault.New(fault.Invalid, "media_unknown")
	errMediaElsewere = fault.New(fault.Invalid, "media_in_other_post")
	errMediaRefused  = fault.New(fault.Invalid, "media_refused")
)

// LinkChecker tells which URLs a post may hold.
type LinkChecker interface {
	// CheckLink gives the URL to store, or a fault of kind Invalid.
	CheckLink(raw string) (string, error)
}

// NewPost is what makes a post. ID may be empty.
type NewPost struct {
	ID          ID
	Title       string
	Body        string
	Attachments []Attachment
}

// CreatePost puts a post on the wall. Repeating it with the same id answers as
// the first did (rule S3).
func (s *Service) CreatePost(ctx context.Context, p Principal, board ID, in NewPost) (*Post, error) {
	if err := p.authorise(board, CreatePost); err != nil {
		return nil, err
	}
	if p.Name == "" {
		return nil, errNameRequired
	}
	if _, err := s.ReadBoard(ctx, p, board); err != nil {
		return nil, err
	}
	post := &Post{Author: Author{ID: p.Participant, Name: p.Name}}
	post.ID, post.Board = in.ID, board
	if post.ID == "" {
		post.ID = s.IDs.NewID()
	}
	if err := s.compose(post, PostEdit{Title: &in.Title, Body: &in.Body, Attachments: &in.Attachments}); err != nil {
		return nil, err
	}
	if existing, err := s.existing(ctx, p, post); existing != nil || err != nil {
		return existing, err
	}
	// Media first: a post that exists shows its media, whatever fails between.
	if err := s.attach(ctx, p, post); err != nil {
		return nil, err
	}
	created, fresh, err := create(ctx, s, post)
	if err != nil || fresh {
		return created, err
	}
	return s.existing(ctx, p, post)
}

// existing answers a create that came before: the author's own post with that
// id, or ErrExists when it is somebody else's.
func (s *Service) existing(ctx context.Context, p Principal, post *Post) (*Post, error) {
	found, err := get[*Post](ctx, s.Store, KeyOf(post))
	switch {
	case fault.KindOf(err) == fault.NotFound:
		return nil, nil
	case err != nil:
		return nil, err
	case found.Author.ID != p.Participant:
		return nil, ErrExists
	}
	return found, nil
}

// ReadPost gives one post, or its tombstone.
func (s *Service) ReadPost(ctx context.Context, p Principal, board, id ID) (*Post, error) {
	if err := p.authorise(board, ReadBoard); err != nil {
		return nil, err
	}
	post, err := get[*Post](ctx, s.Store, Key{Board: board, Kind: KindPost, ID: id})
	if err != nil {
		return nil, err
	}
	if !SeenBy(p, post) {
		return nil, ErrNotFound
	}
	return post, nil
}

// PostEdit is a change of a post; nil leaves a field as it is.
type PostEdit struct {
	Title       *string
	Body        *string
	Attachments *[]Attachment
}

// EditPost changes a post at an expected revision.
func (s *Service) EditPost(ctx context.Context, p Principal, board, id ID, expected Rev, in PostEdit) (*Post, error) {
	if err := p.authorise(board, ReadBoard); err != nil {
		return nil, err
	}
	return change(ctx, s, Key{Board: board, Kind: KindPost, ID: id}, expected, func(post *Post) (bool, error) {
		if post.Deleted() {
			return false, ErrNotFound
		}
		if err := p.authorisePost(post, EditOwnPost, EditAnyPost); err != nil {
			return false, err
		}
		before := *post
		if err := s.compose(post, in); err != nil {
			return false, err
		}
		if samePost(&before, post) {
			return false, nil
		}
		if expected != 0 && post.Rev != expected {
			return true, nil // the conflict is told before any media is touched
		}
		return true, s.attach(ctx, p, post)
	})
}

// samePost compares the content of two posts.
func samePost(a, b *Post) bool {
	return a.Title == b.Title && a.Body == b.Body && reflect.DeepEqual(a.Attachments, b.Attachments)
}

// DeletePost makes a post a tombstone whose content is kept for UndoWindow.
// Deleting a tombstone answers as done.
func (s *Service) DeletePost(ctx context.Context, p Principal, board, id ID, expected Rev) (*Post, error) {
	if err := p.authorise(board, ReadBoard); err != nil {
		return nil, err
	}
	return change(ctx, s, Key{Board: board, Kind: KindPost, ID: id}, expected, func(post *Post) (bool, error) {
		if err := p.authorisePost(post, DeleteOwnPost, DeleteAnyPost); err != nil || post.Deleted() {
			return false, err
		}
		post.DeletedAt, post.DeletedBy = s.now(), p.Participant
		post.PurgeAt = post.DeletedAt.Add(UndoWindow)
		return true, nil
	})
}

// RestorePost undoes a deletion within UndoWindow: whoever deleted may, and
// whoever may delete any post. Restoring a live post answers as done.
func (s *Service) RestorePost(ctx context.Context, p Principal, board, id ID) (*Post, error) {
	if err := p.authorise(board, ReadBoard); err != nil {
		return nil, err
	}
	return change(ctx, s, Key{Board: board, Kind: KindPost, ID: id}, 0, func(post *Post) (bool, error) {
		if err := p.authorisePost(post, DeleteOwnPost, DeleteAnyPost); err != nil || !post.Deleted() {
			return false, err
		}
		if post.DeletedBy != p.Participant && !p.Can(DeleteAnyPost) {
			return false, ErrForbidden
		}
		if post.PurgeAt.IsZero() || !s.now().Before(post.PurgeAt) {
			return false, errUndoTooLate
		}
		post.DeletedAt, post.DeletedBy, post.PurgeAt = time.Time{}, "", time.Time{}
		return true, nil
	})
}

// compose applies an edit to a post, cleaned and checked. It is pure but for
// the ids of new attachments.
func (s *Service) compose(post *Post, in PostEdit) error {
	var f faults
	if in.Title != nil {
		post.Title = oneLine(*in.Title)
		f.add(tooLong("title", post.Title, MaxPostTitle))
	}
	if in.Body != nil {
		// Checked before as well: sanitising must not be given endless work.
		if long := tooLong("body", *in.Body, MaxPostBody); long != nil {
			f.add(long)
		} else {
			post.Body = s.Sanitize.Sanitize(*in.Body)
			f.add(tooLong("body", post.Body, 2*MaxPostBody))
		}
	}
	if in.Attachments != nil {
		post.Attachments = s.composeAttachments(*in.Attachments, &f)
	}
	if len(f) == 0 && post.Title == "" && post.Body == "" && len(post.Attachments) == 0 {
		f.add(errPostEmpty)
	}
	return f.err()
}

func (s *Service) composeAttachments(in []Attachment, f *faults) []Attachment {
	if len(in) == 0 {
		return nil
	}
	if len(in) > MaxAttachments {
		f.add(fault.New(fault.Invalid, "too_many").At("attachments").With("max", MaxAttachments))
		return nil
	}
	ids := make(map[ID]bool, len(in))
	out := make([]Attachment, 0, len(in))
	for i, a := range in {
		field := fmt.Sprintf("attachments[%d]", i)
		if a.ID == "" {
			a.ID = s.IDs.NewID()
		}
		if ids[a.ID] {
			f.add(fault.New(fault.Invalid, "duplicate").At(field + ".id"))
		}
		ids[a.ID] = true
		a.Caption, a.Alt = oneLine(a.Caption), oneLine(a.Alt)
		f.add(tooLong(field+".caption", a.Caption, MaxCaption))
		f.add(tooLong(field+".alt", a.Alt, MaxCaption))
		switch a.Type {
		case AttachmentLink:
			a.Media = ""
			f.add(s.checkURL(field+".url", &a))
		case AttachmentMedia:
			a.URL = ""
			f.add(required(field+".mediaId", string(a.Media)))
		default:
			f.add(fault.New(fault.Invalid, "unknown_type").At(field + ".type"))
		}
		out = append(out, a)
	}
	return out
}

func (s *Service) checkURL(field string, a *Attachment) *fault.Fault {
	if missing := required(field, a.URL); missing != nil {
		return missing
	}
	clean, err := s.Links.CheckLink(a.URL)
	if err != nil {
		if fl, ok := fault.As(err); ok {
			return fl.At(field)
		}
		return fault.Wrap(fault.Invalid, "url_not_allowed", err).At(field)
	}
	a.URL = clean
	return nil
}
