package board

import (
	"context"

	"fresque.dev/services/internal/fault"
)

// NewBoard is what makes a board. ID may be empty.
type NewBoard struct {
	ID          ID
	Title       string
	Description string
}

// CreateBoard makes a board and its links, one for moderators and one for
// writers. The caller is the operator, whom the edge has recognised. Repeating
// it with the same id answers as the first did (rule S3).
func (s *Service) CreateBoard(ctx context.Context, in NewBoard) (*Board, []*Link, error) {
	b := &Board{Title: oneLine(in.Title), Description: plainText(in.Description)}
	b.ID = in.ID
	if b.ID == "" {
		b.ID = s.IDs.NewID()
	}
	b.Board = b.ID
	if err := checkBoard(b); err != nil {
		return nil, nil, err
	}
	// Links first: a board that exists has its links, whatever fails between.
	for _, role := range []Role{RoleModerator, RoleWriter} {
		if err := s.ensureLink(ctx, b.ID, role); err != nil {
			return nil, nil, err
		}
	}
	b, _, err := create(ctx, s, b)
	if err != nil {
		return nil, nil, err
	}
	links, err := s.links(ctx, b.ID)
	return b, links, err
}

func checkBoard(b *Board) error {
	var f faults
	f.add(required("title", b.Title))
	f.add(tooLong("title", b.Title, MaxBoardTitle))
	f.add(tooLong("description", b.Description, MaxBoardDescription))
	return f.err()
}

// ReadBoard gives the board itself.
func (s *Service) ReadBoard(ctx context.Context, p Principal, id ID) (*Board, error) {
	if err := p.authorise(id, ReadBoard); err != nil {
		return nil, err
	}
	b, err := get[*Board](ctx, s.Store, Key{Board: id, Kind: KindBoard, ID: id})
	if err == nil && b.Deleted() {
		return nil, ErrNotFound
	}
	return b, err
}

// BoardEdit is a change of a board; nil leaves a field as it is.
type BoardEdit struct {
	Title       *string
	Description *string
}

// EditBoard changes a board at an expected revision.
func (s *Service) EditBoard(ctx context.Context, p Principal, id ID, expected Rev, in BoardEdit) (*Board, error) {
	if err := p.authorise(id, EditBoard); err != nil {
		return nil, err
	}
	return change(ctx, s, Key{Board: id, Kind: KindBoard, ID: id}, expected, func(b *Board) (bool, error) {
		if b.Deleted() {
			return false, ErrNotFound
		}
		before := *b
		if in.Title != nil {
			b.Title = oneLine(*in.Title)
		}
		if in.Description != nil {
			b.Description = plainText(*in.Description)
		}
		return *b != before, checkBoard(b)
	})
}

// Snapshot is a whole board as one principal sees it.
type Snapshot struct {
	// Cursor is where the live stream goes on from (rule S8); empty when that
	// could not be told, and the stream will then ask for another snapshot.
	Cursor string
	Board  *Board
	Posts  []*Post
	Media  []*Media
}

// Snapshot reads a whole board. The cursor is read BEFORE the documents: what
// is seen twice is harmless, what is missed is not (rule S8).
func (s *Service) Snapshot(ctx context.Context, p Principal, id ID) (*Snapshot, error) {
	if err := p.authorise(id, ReadBoard); err != nil {
		return nil, err
	}
	cursor := s.cursor(ctx, id)
	b, err := s.ReadBoard(ctx, p, id)
	if err != nil {
		return nil, err
	}
	posts, err := seen[*Post](ctx, s.Store, p, id, KindPost)
	if err != nil {
		return nil, err
	}
	media, err := seen[*Media](ctx, s.Store, p, id, KindMedia)
	if err != nil {
		return nil, err
	}
	return &Snapshot{Cursor: cursor, Board: b, Posts: posts, Media: shown(p, posts, media)}, nil
}

// cursor tells where the board's events stand. While events are out of reach
// the wall is still shown, so it does not fail.
func (s *Service) cursor(ctx context.Context, id ID) string {
	at, err := s.Events.Position(ctx, id)
	if err != nil {
		return ""
	}
	return at.String()
}

// seen lists the documents of one kind that a principal sees.
func seen[D Document](ctx context.Context, s Store, p Principal, id ID, kind Kind) ([]D, error) {
	docs, err := s.List(ctx, id, kind)
	if err != nil {
		return nil, err
	}
	out := make([]D, 0, len(docs))
	for _, doc := range docs {
		if d, ok := doc.(D); ok && SeenBy(p, d) {
			out = append(out, d)
		}
	}
	return out, nil
}

// shown leaves out others' media that no live post shows any more.
func shown(p Principal, posts []*Post, media []*Media) []*Media {
	used := make(map[ID]bool)
	for _, post := range posts {
		for _, a := range post.Attachments {
			used[a.Media] = true
		}
	}
	out := media[:0]
	for _, m := range media {
		if used[m.ID] || m.Owner == p.Participant {
			out = append(out, m)
		}
	}
	return out
}

// errNoSuchLink answers a secret that opens nothing, and does not say whether
// the board exists.
var errNoSuchLink = fault.New(fault.Unauthenticated, "link_invalid")
