package board

import (
	"context"
	"slices"

	"fresque.dev/services/internal/fault"
)

var (
	errNotPublished = fault.New(fault.Conflict, "post_not_published")
	errReplyGone    = fault.New(fault.Conflict, "reply_gone")
	errManyComments = fault.New(fault.Conflict, "comments_limit_reached")
)

func commentKey(board, id ID) Key { return Key{Board: board, Kind: KindComment, ID: id} }

// NewComment is what makes a comment. ID may be empty.
type NewComment struct {
	ID      ID
	ReplyTo ID
	Body    string
	// Attachment and At say what it is about (Comment).
	Attachment ID
	At         int
}

// CreateComment says something to a post, or before the moderators. Repeating
// it with the same id answers as the first did (rule S3).
func (s *Service) CreateComment(ctx context.Context, p Principal, board, post ID, in NewComment) (*Comment, error) {
	sc, err := s.enter(ctx, p, board, CreateComment)
	if err != nil {
		return nil, err
	}
	if p.Name == "" {
		return nil, errNameRequired
	}
	c := &Comment{
		Post: post, ReplyTo: in.ReplyTo, Attachment: in.Attachment, At: in.At,
		Author: Author{ID: p.Participant, Name: p.Name, Trainer: p.Role.moderates()},
	}
	c.ID, c.Board, c.Parent = s.idOr(in.ID), board, post
	if existing, err := existing(ctx, s, c); existing != nil || err != nil {
		return existing, err
	}
	to, err := s.openPost(ctx, sc, post)
	if err != nil {
		return nil, err
	}
	if err := s.checkComment(ctx, sc, to, c); err != nil {
		return nil, err
	}
	if err := s.writeComment(c, in.Body); err != nil {
		return nil, err
	}
	if !c.Author.Trainer {
		c.Sealed = sc.board.Settings.Anonymity
	}
	sc.submit(c)
	if err := s.takeRoom(ctx, board, Room{Text: c.Takes()}); err != nil {
		return nil, err
	}
	created, fresh, err := create(ctx, s, sc, CommentCreated, c)
	if err != nil || fresh {
		return created, err
	}
	return existing(ctx, s, c)
}

// openPost loads a post that the principal sees and may say something to: one
// that is on the wall, and in no section that is locked to them.
func (s *Service) openPost(ctx context.Context, sc *scene, id ID) (*Post, error) {
	post, err := s.livePost(ctx, sc, id)
	if err != nil {
		return nil, err
	}
	if post.State != StatePublished {
		return nil, errNotPublished
	}
	return post, sc.unlocked(post.Section)
}

// checkComment checks where a new comment belongs.
func (s *Service) checkComment(ctx context.Context, sc *scene, to *Post, c *Comment) error {
	var f faults
	about := func(a Attachment) bool { return a.ID == c.Attachment }
	if c.Attachment != "" && !slices.ContainsFunc(to.Attachments, about) {
		f.add(fault.New(fault.Invalid, "attachment_unknown").At("attachmentId"))
	}
	if c.At < 0 || c.At > MaxCommentAt || c.At > 0 && c.Attachment == "" {
		f.add(fault.New(fault.Invalid, "out_of_range").At("at").With("max", MaxCommentAt))
	}
	if err := f.err(); err != nil {
		return err
	}
	docs, err := s.Store.ListUnder(ctx, sc.board.ID, KindComment, to.ID)
	if err != nil {
		return err
	}
	live, found := 0, c.ReplyTo == ""
	for _, other := range typed[*Comment](docs) {
		if other.Deleted() {
			continue
		}
		live++
		if other.ID == c.ReplyTo && other.ReplyTo == "" && other.State == StatePublished {
			found = true
		}
	}
	switch {
	case !found:
		return errReplyGone
	case live >= MaxComments:
		return errManyComments.With("max", MaxComments)
	}
	return nil
}

// writeComment gives a comment its text, cleaned and checked.
func (s *Service) writeComment(c *Comment, body string) error {
	var f faults
	// Checked before as well: sanitising must not be given endless work.
	if long := tooLong("body", body, MaxCommentBody); long != nil {
		return faults{long}.err()
	}
	c.Body = s.Sanitize.Sanitize(body)
	f.add(tooLong("body", c.Body, MaxCommentBody))
	f.add(required("body", textOf(c.Body)))
	return f.err()
}

// CommentQuery asks for a page of a thread, the last said first.
type CommentQuery struct {
	// Before is the id of the oldest comment that was read; empty for the end.
	Before ID
	Limit  int
}

// CommentPage is some of a thread, in the order in which it was said.
type CommentPage struct {
	Comments []*Comment
	// More tells that older ones are there.
	More bool
}

// Comments reads a post's thread: all of it that the principal sees.
func (s *Service) Comments(ctx context.Context, p Principal, board, post ID, q CommentQuery) (CommentPage, error) {
	var none CommentPage
	sc, err := s.enter(ctx, p, board, ReadBoard)
	if err != nil {
		return none, err
	}
	if _, err := s.livePost(ctx, sc, post); err != nil {
		return none, err
	}
	docs, err := s.Store.ListUnder(ctx, board, KindComment, post)
	if err != nil {
		return none, err
	}
	sight := sc.sight.remembering()
	seen := slices.DeleteFunc(typed[*Comment](docs), func(c *Comment) bool { return c.Deleted() || !sight.SeenBy(sc.p, c) })
	inOrder(seen)
	if q.Limit <= 0 || q.Limit > MaxCommentPage {
		q.Limit = MaxCommentPage
	}
	return pageOf(seen, docs, q), nil
}

// pageOf takes those before one, which may have been deleted since.
func pageOf(seen []*Comment, all []Document, q CommentQuery) CommentPage {
	end := len(seen)
	for _, doc := range all {
		if doc.Head().ID != q.Before {
			continue
		}
		end = 0
		for end < len(seen) && compareAge(seen[end], doc) < 0 {
			end++
		}
	}
	start := max(0, end-q.Limit)
	return CommentPage{Comments: seen[start:end], More: start > 0}
}

// ReadComment gives one comment, or its tombstone.
func (s *Service) ReadComment(ctx context.Context, p Principal, board, id ID) (*Comment, error) {
	sc, err := s.enter(ctx, p, board, ReadBoard)
	if err != nil {
		return nil, err
	}
	return seen[*Comment](ctx, s, sc, commentKey(board, id))
}

// EditComment changes the text of one's own comment at an expected revision.
func (s *Service) EditComment(ctx context.Context, p Principal, board, id ID, expected Rev, body string) (*Comment, error) {
	sc, err := s.enter(ctx, p, board, ReadBoard)
	if err != nil {
		return nil, err
	}
	return change(ctx, s, sc, commentKey(board, id), expected, doing{verb: CommentEdited}, func(c *Comment) (bool, error) {
		if c.Deleted() || !sc.sight.SeenBy(sc.p, c) {
			return false, ErrNotFound
		}
		if c.Author.ID != p.Participant {
			return false, ErrForbidden
		}
		if err := s.mayTouchComment(ctx, sc, c, EditOwnComment); err != nil {
			return false, err
		}
		before := *c
		if err := s.writeComment(c, body); err != nil || c.Body == before.Body {
			return false, err
		}
		if more := c.Takes() - before.Takes(); more > 0 {
			if err := s.takeRoom(ctx, board, Room{Text: more}); err != nil {
				return false, err
			}
		}
		c.EditedAt = sc.now
		sc.resubmit(c)
		return true, nil
	})
}

// mayTouchComment tells whether the principal may do something to a comment
// where it is now.
func (s *Service) mayTouchComment(ctx context.Context, sc *scene, c *Comment, a Ability) error {
	if err := sc.may(a); err != nil {
		return err
	}
	if sc.p.Role.moderates() {
		return nil
	}
	post, err := s.livePost(ctx, sc, c.Post)
	if err != nil {
		return err
	}
	return sc.unlocked(post.Section)
}

// deletes is the ability that deleting and restoring a comment takes.
func (sc *scene) deletes(c *Comment) Ability {
	if c.Author.ID == sc.p.Participant && sc.may(DeleteAnyComment) != nil {
		return DeleteOwnComment
	}
	return DeleteAnyComment
}

// DeleteComment puts a comment into the trash; what was said in reply stays.
// Deleting a tombstone answers as done.
func (s *Service) DeleteComment(ctx context.Context, p Principal, board, id ID) (*Comment, error) {
	sc, err := s.enter(ctx, p, board, ReadBoard)
	if err != nil {
		return nil, err
	}
	return change(ctx, s, sc, commentKey(board, id), 0, doing{verb: CommentDeleted}, func(c *Comment) (bool, error) {
		if !sc.sight.SeenBy(sc.p, c) {
			return false, ErrNotFound
		}
		if c.Deleted() {
			return false, sc.may(sc.deletes(c))
		}
		if err := s.mayTouchComment(ctx, sc, c, sc.deletes(c)); err != nil {
			return false, err
		}
		c.trash(sc.now, p.Participant)
		return true, nil
	})
}

// RestoreComment takes a comment out of the trash, by the rules of posts
// (RestorePost).
func (s *Service) RestoreComment(ctx context.Context, p Principal, board, id ID) (*Comment, error) {
	sc, err := s.enter(ctx, p, board, ReadBoard)
	if err != nil {
		return nil, err
	}
	return change(ctx, s, sc, commentKey(board, id), 0, doing{verb: CommentRestored}, func(c *Comment) (bool, error) {
		if err := sc.may(sc.deletes(c)); err != nil || !c.Deleted() {
			return false, err
		}
		if err := sc.mayRestore(&c.Meta, sc.may(DeleteAnyComment) == nil); err != nil {
			return false, err
		}
		if err := s.mayTouchComment(ctx, sc, c, sc.deletes(c)); err != nil {
			return false, err
		}
		c.live()
		return true, nil
	})
}

// TrashedComments lists the deleted comments of a board that can still be
// restored, last deleted first: those of deleted posts come back with them.
func (s *Service) TrashedComments(ctx context.Context, p Principal, board ID) ([]*Comment, error) {
	sc, err := s.enter(ctx, p, board, ModeratePosts)
	if err != nil {
		return nil, err
	}
	docs, err := s.Store.Trashed(ctx, board, KindComment)
	if err != nil {
		return nil, err
	}
	sight := sc.sight.remembering()
	comments := slices.DeleteFunc(typed[*Comment](docs), func(c *Comment) bool {
		of, _ := sight.Bound(c)
		return of == Nobody
	})
	slices.SortStableFunc(comments, func(a, b *Comment) int { return b.DeletedAt.Compare(a.DeletedAt) })
	return comments, nil
}

// ApproveComment puts a comment into its thread.
func (s *Service) ApproveComment(ctx context.Context, p Principal, board, id ID) (*Comment, error) {
	return judge[*Comment](ctx, s, p, commentKey(board, id), doing{verb: CommentApproved}, StatePublished)
}

// RejectComment keeps a comment out of its thread; the author reads why.
func (s *Service) RejectComment(ctx context.Context, p Principal, board, id ID, reason string) (*Comment, error) {
	return judge[*Comment](ctx, s, p, commentKey(board, id), doing{CommentRejected, reason}, StateRejected)
}

// ReportComment tells the moderators about a comment, as ReportPost does.
func (s *Service) ReportComment(ctx context.Context, p Principal, board, id ID, reason string) (*Report, error) {
	sc, err := s.enter(ctx, p, board, ReportPost)
	if err != nil {
		return nil, err
	}
	c, err := seen[*Comment](ctx, s, sc, commentKey(board, id))
	if err == nil && c.Deleted() {
		err = ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return s.report(ctx, sc, &Report{Post: c.Post, Comment: id, Reason: reason}, id)
}

// UnsealComment tells a comment's author, as Unseal does a post's.
func (s *Service) UnsealComment(ctx context.Context, p Principal, board, id ID, reason string) (Author, error) {
	return unseal[*Comment](ctx, s, p, commentKey(board, id), reason)
}

// BlockCommenter blocks the author of a comment, as BlockAuthor does a post's.
func (s *Service) BlockCommenter(ctx context.Context, p Principal, board, id ID) error {
	return blockAuthor[*Comment](ctx, s, p, commentKey(board, id))
}

// commentTakenBack holds what a participant takes back of a comment to the rules
// of the moment.
func (s *Service) commentTakenBack(ctx context.Context, sc *scene, from, to *Comment) error {
	if sc.p.Role.moderates() {
		return nil
	}
	if !sc.sight.SeenBy(sc.p, from) {
		return ErrNotFound
	}
	if err := s.mayTouchComment(ctx, sc, from, DeleteOwnComment); err != nil || to.Deleted() {
		return err
	}
	if from.Body != to.Body {
		to.State = from.State
		sc.resubmit(to)
	}
	return nil
}

// purgeTalk erases what was said and given to a dead post.
func (s *Service) purgeTalk(ctx context.Context, sc *scene, post *Post) error {
	comments, err := s.Store.ListUnder(ctx, post.Board, KindComment, post.ID)
	if err != nil {
		return err
	}
	for _, c := range comments {
		if err := s.forget(ctx, sc, c); err != nil {
			return err
		}
		if err := s.eraseWhole(ctx, sc, c); err != nil {
			return err
		}
	}
	given, err := s.Store.ListUnder(ctx, post.Board, KindReactions, post.ID)
	if err != nil {
		return err
	}
	for _, r := range given {
		if err := s.eraseWhole(ctx, sc, r); err != nil {
			return err
		}
	}
	return nil
}
