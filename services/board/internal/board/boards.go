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
	Title          *string
	Description    *string
	PresenceHidden *bool
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
		title, description, hidden := b.Title, b.Description, b.PresenceHidden
		if in.Title != nil {
			b.Title = oneLine(*in.Title)
		}
		if in.Description != nil {
			b.Description = plainText(*in.Description)
		}
		if in.PresenceHidden != nil {
			b.PresenceHidden = *in.PresenceHidden
		}
		return b.Title != title || b.Description != description || b.PresenceHidden != hidden, checkBoard(b)
	})
}

// errNoSuchLink answers a secret that opens nothing, and does not say whether
// the board exists.
var errNoSuchLink = fault.New(fault.Unauthenticated, "link_invalid")
