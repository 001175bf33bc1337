package board

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"reflect"
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
	// Template is what it starts from; empty for nothing. Without a description
	// the board has the template's.
	Template string
	Settings SettingsEdit
	// Completion is nil for none.
	Completion *Completion
	// plant makes what is to be on it; nil for nothing. Source says what that is.
	plant  func(context.Context, *scene) error
	source string
	// base has what the request leaves out; nil for what the platform's boards
	// usually begin with. It may be another the next time, and is no part of the
	// request.
	base *Board
}

var errKeyReused = fault.New(fault.Invalid, "idempotency_key_reused").At("Idempotency-Key")

// fingerprint tells one request from another: by what was asked for, and not by
// what that was filled up with.
func (in PlatformBoard) fingerprint() (string, error) {
	raw, err := json.Marshal(struct {
		External, Title, Description, Language, Template, Source string
		Settings                                                 SettingsEdit
		Completion                                               *Completion
	}{in.External, in.Title, in.Description, in.Language, in.Template, in.source, in.Settings, in.Completion})
	sum := sha256.Sum256(raw)
	return base64.RawURLEncoding.EncodeToString(sum[:16]), err
}

// platformBoardID is that of the board that a platform's request makes.
func platformBoardID(platform ID, key string) ID {
	return derivedID("platform board", platform, ID(key))
}

// CreatePlatformBoard makes a board that a platform owns. Its id follows from the
// platform and the key of the request, so that repeating answers as the first did
// (rule S3), and another request under the same key is refused.
func (s *Service) CreatePlatformBoard(ctx context.Context, p *Platform, in PlatformBoard) (*Board, error) {
	if in.Key == "" {
		in.Key = string(s.IDs.NewID())
	}
	in.External = oneLine(in.External)
	if long := tooLong("externalId", in.External, MaxExternal); long != nil {
		return nil, faults{long}.err()
	}
	asked, err := in.fingerprint()
	if err != nil {
		return nil, err
	}
	id := platformBoardID(p.ID, in.Key)
	before, err := get[*Owned](ctx, s.Store, ownedKey(p.ID, id))
	switch {
	case fault.KindOf(err) == fault.NotFound:
		if err := s.checkBoards(ctx, p); err != nil {
			return nil, err
		}
	case err != nil:
		return nil, err
	case before.Deleted():
		return nil, ErrNotFound
	case before.Asked != asked:
		return nil, errKeyReused
	default:
		// Not put together anew: it may have changed since.
		b, err := s.PlatformOwns(ctx, p, id)
		if err == nil || before.Trashed || fault.KindOf(err) != fault.NotFound {
			return b, err
		}
	}
	if in.base == nil {
		in.base = &Board{Settings: p.Defaults}
	}
	in.Title, in.Description = cmp.Or(oneLine(in.Title), in.base.Title), cmp.Or(in.Description, in.base.Description)
	in.Language = cmp.Or(in.Language, in.base.Language, p.Language)
	if err := s.fromTemplate(&in); err != nil {
		return nil, err
	}
	b, _, err := s.CreateBoard(ctx, NewBoard{
		ID: id, Title: in.Title, Description: in.Description, Language: in.Language, Settings: in.Settings,
		base: in.base, platform: p.ID, external: in.External, completion: in.Completion,
		before: func(ctx context.Context, sc *scene) error { return s.founded(ctx, p, sc, in, asked) },
	})
	if err == nil && b.Deleted() {
		err = ErrNotFound
	}
	return b, err
}

// founded makes a board the platform's before it is there, and puts onto it what
// it is to have.
func (s *Service) founded(ctx context.Context, p *Platform, sc *scene, in PlatformBoard, asked string) error {
	d := &Owned{External: in.External, Asked: asked}
	d.ID, d.Board, d.Parent = sc.board.ID, p.ID, underExternal(p.ID, in.External)
	d, fresh, err := create(ctx, s, s.caretaking(p.ID), NotLogged, d)
	switch {
	case err != nil:
		return err
	case d.Asked != asked: // two came at once
		return errKeyReused
	case fresh:
		s.used(p.ID, 1, 0)
	}
	if in.plant == nil {
		return nil
	}
	return in.plant(ctx, sc)
}

// fromTemplate starts a board from a template: what that says comes before what
// the platform's boards usually begin with.
func (s *Service) fromTemplate(in *PlatformBoard) error {
	if in.Template == "" {
		return nil
	}
	i := slices.IndexFunc(Templates(), func(t Template) bool { return t.ID == in.Template })
	if i < 0 {
		return faults{errUnknownTemplate}.err()
	}
	t := Templates()[i]
	words := t.In(in.Language)
	in.Description = cmp.Or(in.Description, words.Description)
	base := *in.base
	into, from := reflect.ValueOf(&base.Settings).Elem(), reflect.ValueOf(t.Settings)
	for i := range from.NumField() {
		if !from.Field(i).IsZero() {
			into.Field(i).Set(from.Field(i))
		}
	}
	in.base = &base
	in.plant = func(ctx context.Context, sc *scene) error { return s.plantSections(ctx, sc, t, words) }
	return nil
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

// PlatformBoard gives a board of a platform's, and its sections in their order.
func (s *Service) PlatformBoard(ctx context.Context, p *Platform, board ID) (*Board, []*Section, error) {
	if _, err := s.PlatformOwns(ctx, p, board); err != nil {
		return nil, nil, err
	}
	sc, err := s.look(ctx, board)
	if err != nil {
		return nil, nil, err
	}
	return sc.board, sc.sight.Sections(), nil
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
	// SuspendedAt is when what they wrote was put out of sight; zero where it is
	// not.
	SuspendedAt time.Time `json:"suspendedAt,omitzero"`
	// HeldAt is when the operator suspended them, until the operator says otherwise:
	// they come in no more, whatever their platform says; zero where it is not so.
	HeldAt time.Time `json:"heldAt,omitzero"`
	// Life is the revision at which they came back after an erasure, Lives how
	// often they were erased from one board alone.
	Life  Rev        `json:"life,omitempty"`
	Lives map[ID]int `json:"lives,omitempty"`
}

// Kind tells KindUser.
func (*User) Kind() Kind { return KindUser }

func userKey(platform, id ID) Key { return Key{Board: platform, Kind: KindUser, ID: id} }

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

// leave makes somebody else of a user on a board, if they come back.
func (u *User) leave(board ID) {
	u.Boards = slices.DeleteFunc(slices.Clone(u.Boards), func(b ID) bool { return b == board })
	if u.Lives == nil {
		u.Lives = make(map[ID]int)
	}
	u.Lives[board]++
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
			if err := s.noteVisit(ctx, u.ID, board); err != nil {
				return false, err
			}
			u.Boards, changed = append(u.Boards, board), true
		}
		return changed, nil
	})
}

// errUserErased answers a session of somebody who was erased.
var errUserErased = fault.New(fault.Unauthenticated, "user_erased")
