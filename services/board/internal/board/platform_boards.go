package board

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"fresque.dev/services/internal/fault"
)

// MaxExternal bounds what a platform calls its boards and its people, in
// characters.
const MaxExternal = 200

// PlatformBoard is what makes a board of a platform's. Key is what the platform
// calls the request, so that repeating it makes one board.
type PlatformBoard struct {
	Key, External                string
	Title, Description, Language string
	Settings                     SettingsEdit
	// Completion is nil for none.
	Completion *Completion
}

// CreatePlatformBoard makes a board that a platform owns. Its id follows from the
// platform and the key of the request, so that repeating answers as the first did
// (rule S3).
func (s *Service) CreatePlatformBoard(ctx context.Context, p *Platform, in PlatformBoard) (*Board, error) {
	if in.Key == "" {
		in.Key = string(s.IDs.NewID())
	}
	external := oneLine(in.External)
	if long := tooLong("externalId", external, MaxExternal); long != nil {
		return nil, faults{long}.err()
	}
	id := derivedID("platform board", p.ID, ID(in.Key))
	owned, err := list[*Owned](ctx, s.Store, p.ID, KindOwned)
	if err != nil {
		return nil, err
	}
	most := cmp.Or(p.Quotas.Boards, MaxPlatformBoards)
	known := slices.ContainsFunc(owned, func(o *Owned) bool { return o.ID == id })
	if len(owned) >= most && !known {
		return nil, errTooManyWalls.With("max", most)
	}
	make := NewBoard{
		ID: id, Title: in.Title, Description: in.Description, Language: cmp.Or(in.Language, p.Language), Settings: in.Settings,
		base: &Board{Settings: p.Defaults}, platform: p.ID, external: external, completion: in.Completion,
	}
	make.before = func(ctx context.Context, sc *scene) error {
		d := &Owned{External: external}
		d.ID, d.Board = id, p.ID
		_, _, err := create(ctx, s, s.caretaking(p.ID), NotLogged, d)
		return err
	}
	b, _, err := s.CreateBoard(ctx, make)
	if err == nil && b.Deleted() {
		err = ErrNotFound
	}
	return b, err
}

// PlatformOwns gives a board of a platform's; what it does not own is not there.
func (s *Service) PlatformOwns(ctx context.Context, p *Platform, board ID) (*Board, error) {
	if _, err := s.seated(ctx, p.ID, board); err != nil {
		return nil, err
	}
	b, err := get[*Board](ctx, s.Store, boardKey(board))
	if err == nil && (b.Deleted() || b.Platform != p.ID) {
		err = ErrNotFound
	}
	return b, err
}

// platformOn is a platform as it acts on a board of its own.
func platformOn(p *Platform, board ID) Principal {
	return Principal{Board: board, Role: RoleOwner, Participant: derivedID("platform on", p.ID, board), Name: p.Name, Platform: p.ID}
}

// User is somebody as a platform knows them, by a reference that it chooses: it
// stands in the platform's partition, and lists the boards that they came to, so
// that all they have left can be found.
type User struct {
	Meta
	// Ref is the platform's reference, as it was given.
	Ref string `json:"ref"`
	// Name is empty where the platform sends none.
	Name string `json:"name,omitempty"`
	// Boards are those that they came to.
	Boards []ID `json:"boards,omitempty"`
	// SeenAt is when they were last there, to the hour; zero for never.
	SeenAt time.Time `json:"seenAt,omitzero"`
	// Life is the revision at which they came back after an erasure, Lives how
	// often they were erased from one board alone.
	Life  Rev        `json:"life,omitempty"`
	Lives map[ID]int `json:"lives,omitempty"`
}

// Kind tells KindUser.
func (*User) Kind() Kind { return KindUser }

// UserOf is the id of a platform's user. Who knows a reference finds the same
// person again; nobody finds the reference from the id, which is a hash that the
// server's key has a part in.
func (s *Service) UserOf(platform ID, ref string) ID {
	return derivedID("user", ID(s.Sealer.Secret(platform, ID(ref))))
}

// On is who a platform's user is on a board: somebody else after they were
// erased, so that nothing of the old leads to the new.
func (u *User) On(board ID) ID {
	if u.Life == 0 && u.Lives[board] == 0 {
		return participantOf(u.ID, board)
	}
	return participantOf(derivedID("life", u.ID, ID(fmt.Sprint(u.Life)), ID(fmt.Sprint(u.Lives[board]))), board)
}

// ensureUser gives the user of a platform behind a reference, made the first
// time, and notes that they come to a board, under a name when one is given. Who
// comes back after an erasure is somebody new.
func (s *Service) ensureUser(ctx context.Context, p *Platform, ref, name string, board ID) (*User, error) {
	u := &User{Ref: ref}
	u.ID, u.Board = s.UserOf(p.ID, ref), p.ID
	return changeOrMake(ctx, s, s.caretaking(p.ID), u, func(u *User) (bool, error) {
		back := u.Deleted()
		if back {
			u.live()
			u.Ref, u.Life = ref, u.Rev
		}
		changed := back || name != "" && u.Name != name
		u.Name = cmp.Or(name, u.Name)
		if board != "" && !slices.Contains(u.Boards, board) {
			u.Boards, changed = append(u.Boards, board), true
		}
		return changed, nil
	})
}

// errUserErased answers a session of somebody who was erased.
var errUserErased = fault.New(fault.Unauthenticated, "user_erased")
