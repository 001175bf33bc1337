package board

import (
	"context"
	"reflect"
	"time"

	"fresque.dev/services/internal/fault"
)

// NewBoard is what makes a board. ID may be empty.
type NewBoard struct {
	ID          ID
	Title       string
	Description string
	Language    string
	Settings    SettingsEdit
	// base is what the board starts from; nil for nothing.
	base *Board
	// before makes what is to be there before the board is; nil for nothing.
	before func(context.Context, *scene) error
	// platform owns the board: it hands out tickets, so that no link is made.
	platform   ID
	external   string
	completion *Completion
}

// CreateBoard makes a board and its links, one for moderators and one for
// writers. The caller is the operator, whom the edge has recognised. Repeating
// it with the same id answers as the first did (rule S3).
func (s *Service) CreateBoard(ctx context.Context, in NewBoard) (*Board, []*Link, error) {
	b := &Board{}
	if in.base != nil {
		*b = *in.base
	}
	b.Language, b.Platform, b.External = in.Language, in.platform, in.external
	b.ID = s.idOr(in.ID)
	b.Board = b.ID
	edit := BoardEdit{Title: &in.Title, Description: &in.Description, Completion: in.completion, SettingsEdit: in.Settings}
	if err := edit.apply(b); err != nil {
		return nil, nil, err
	}
	sc := s.founding(b)
	if gone := b.Completion.sectionsThere(sc.sight); gone != nil && in.completion != nil {
		return nil, nil, faults{gone}.err()
	}
	if in.before != nil {
		if err := in.before(ctx, sc); err != nil {
			return nil, nil, err
		}
	}
	// Links first: a board that exists has its links, whatever fails between.
	if in.platform == "" {
		for _, role := range []Role{RoleModerator, RoleWriter} {
			if err := s.ensureLink(ctx, sc, role); err != nil {
				return nil, nil, err
			}
		}
	}
	b, _, err := create(ctx, s, sc, NotLogged, b)
	if err != nil {
		return nil, nil, err
	}
	links, err := s.links(ctx, b.ID)
	return b, links, err
}

// founding is the scene of a board that is being made.
func (s *Service) founding(b *Board) *scene {
	now := s.now()
	return &scene{
		board: b, sight: NewSight(b, nil, func(ID) *Post { return nil }, now), now: now,
		media: func(ID) *Media { return nil },
	}
}

// ReadBoard gives the board itself.
func (s *Service) ReadBoard(ctx context.Context, p Principal, id ID) (*Board, error) {
	sc, err := s.enter(ctx, p, id, ReadBoard)
	if err != nil {
		return nil, err
	}
	return sc.board, nil
}

// BoardEdit is a change of a board; nil leaves a field as it is.
type BoardEdit struct {
	Title          *string
	Description    *string
	Language       *string
	PresenceHidden *bool
	// Completion is the platform's to change.
	Completion *Completion
	// external is what a platform calls the board.
	external *string
	SettingsEdit
}

func (e BoardEdit) apply(b *Board) error {
	var f faults
	if e.Title != nil {
		b.Title = oneLine(*e.Title)
	}
	if e.Description != nil {
		b.Description = plainText(*e.Description)
	}
	set(&b.Language, e.Language)
	set(&b.PresenceHidden, e.PresenceHidden)
	set(&b.External, e.external)
	f.add(required("title", b.Title))
	f.add(tooLong("title", b.Title, MaxBoardTitle))
	f.add(tooLong("description", b.Description, MaxBoardDescription))
	if b.Language != "" && b.Language != "fr" && b.Language != "en" {
		f.add(fault.New(fault.Invalid, "unknown_language").At("language"))
	}
	if e.Completion != nil {
		b.Completion = *e.Completion
		f = append(f, b.Completion.check()...)
	}
	return append(f, e.SettingsEdit.apply(&b.Settings)...).err()
}

// EditBoard changes a board and its settings at an expected revision.
func (s *Service) EditBoard(ctx context.Context, p Principal, id ID, expected Rev, in BoardEdit) (*Board, error) {
	sc, err := s.enter(ctx, p, id, EditBoard)
	if err != nil {
		return nil, err
	}
	return change(ctx, s, sc, boardKey(id), expected, doing{verb: BoardEdited}, func(b *Board) (bool, error) {
		if b.Deleted() {
			return false, ErrNotFound
		}
		before := *b
		if err := in.apply(b); err != nil {
			return false, err
		}
		if reflect.DeepEqual(&before, b) {
			return false, nil
		}
		if expected != 0 && b.Rev != expected {
			return true, nil
		}
		if in.Completion != nil {
			if gone := in.Completion.sectionsThere(sc.sight); gone != nil {
				return false, faults{gone}.err()
			}
		}
		if old := before.Settings.Background.Picture; old != "" && old != b.Settings.Background.Picture {
			if err := s.letGo(ctx, sc, old); err != nil {
				return false, err
			}
		}
		return true, s.adoptBackground(ctx, sc, b)
	})
}

// adoptBackground makes the upload that is the background the board's own.
func (s *Service) adoptBackground(ctx context.Context, sc *scene, b *Board) error {
	picture := b.Settings.Background.Picture
	if picture == "" {
		return nil
	}
	return s.adopt(ctx, sc, picture, b.ID, "settings.background.picture")
}

// ArchiveBoard puts a board away, or takes it out again.
func (s *Service) ArchiveBoard(ctx context.Context, p Principal, id ID, away bool) (*Board, error) {
	sc, err := s.enter(ctx, p, id, ArchiveBoard)
	if err != nil {
		return nil, err
	}
	verb := BoardArchived
	if !away {
		verb = BoardUnarchived
	}
	return change(ctx, s, sc, boardKey(id), 0, doing{verb: verb}, func(b *Board) (bool, error) {
		if away == !b.ArchivedAt.IsZero() {
			return false, nil
		}
		b.ArchivedAt = time.Time{}
		if away {
			b.ArchivedAt = sc.now
		}
		return true, nil
	})
}

// errNoSuchLink answers a secret that opens nothing, and does not say whether
// the board exists.
var errNoSuchLink = fault.New(fault.Unauthenticated, "link_invalid")
