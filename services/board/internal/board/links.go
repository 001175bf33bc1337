package board

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"fresque.dev/services/internal/fault"
)

// Limits of links.
const (
	MaxLinks        = 50
	MaxLinkName     = 60
	MaxLinkPassword = 200
	MinLinkPassword = 4
	MaxLinkUses     = 100_000
)

var (
	errLinkPassword = fault.New(fault.Unauthenticated, "link_password")
	errLinkUsedUp   = fault.New(fault.Unauthenticated, "link_used_up")
)

// LinkSealer derives the secrets of links from the server's key, so that a
// moderator can be shown a link again while nothing that opens a board is
// stored.
type LinkSealer struct{ key []byte }

// NewLinkSealer takes a key of 32 bytes.
func NewLinkSealer(key []byte) LinkSealer { return LinkSealer{key: key} }

// Secret is the secret of a link: 32 characters, 192 bits.
func (l LinkSealer) Secret(board, link ID) string {
	mac := hmac.New(sha256.New, l.key)
	mac.Write([]byte("fresque link\x00" + board + "\x00" + link))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:24])
}

// ensureLink makes the board's first link of a role, once. Its id follows from
// the board and the role, so that a repeat finds it.
func (s *Service) ensureLink(ctx context.Context, sc *scene, role Role) error {
	l := &Link{Role: role}
	l.ID, l.Board = derivedID("first link", sc.board.ID, ID(role)), sc.board.ID
	_, _, err := create(ctx, s, sc, NotLogged, l)
	return err
}

// derivedID is a name-based UUID (RFC 9562, version 8: SHA-256): what is made
// once for the same names.
func derivedID(what string, names ...ID) ID {
	text := "fresque " + what
	for _, name := range names {
		text += "\x00" + string(name)
	}
	sum := sha256.Sum256([]byte(text))
	return uuidOf(sum[:16], 8)
}

// links lists the links of a board that open it.
func (s *Service) links(ctx context.Context, board ID) ([]*Link, error) {
	all, err := list[*Link](ctx, s.Store, board, KindLink)
	now := s.now()
	return slices.DeleteFunc(all, func(l *Link) bool { return !l.LiveAt(now) }), err
}

// LiveAt tells a link that opens its board at a time.
func (l *Link) LiveAt(now time.Time) bool {
	return !l.Deleted() && l.RevokedAt.IsZero() && (l.ExpiresAt.IsZero() || now.Before(l.ExpiresAt))
}

// ReadLinks lists the links of a board, for those who may hand them on: the
// live ones whose role is no stronger than theirs.
func (s *Service) ReadLinks(ctx context.Context, p Principal, board ID) ([]*Link, error) {
	if _, err := s.enter(ctx, p, board, ReadLinks); err != nil {
		return nil, err
	}
	links, err := s.links(ctx, board)
	return slices.DeleteFunc(links, func(l *Link) bool { return !p.Role.atLeast(l.Role) }), err
}

// LinkEdit is a change of a link; nil leaves a field as it is.
type LinkEdit struct {
	Name  *string
	Role  *Role
	Group *ID
	// Password is the word itself; empty takes it away.
	Password  *string
	ExpiresAt *time.Time
	MaxUses   *int
}

// NewLink is what makes a link. ID may be empty.
type NewLink struct {
	ID ID
	LinkEdit
}

// CreateLink adds a way onto the board. Repeating it with the same id answers
// as the first did (rule S3).
func (s *Service) CreateLink(ctx context.Context, p Principal, board ID, in NewLink) (*Link, error) {
	sc, err := s.enter(ctx, p, board, ManageLinks)
	if err != nil {
		return nil, err
	}
	l := &Link{Role: RoleReader}
	l.ID, l.Board = s.idOr(in.ID), board
	if err := s.applyLink(ctx, sc, l, in.LinkEdit); err != nil {
		return nil, err
	}
	there, err := s.links(ctx, board)
	if err != nil {
		return nil, err
	}
	if len(there) >= MaxLinks && !slices.ContainsFunc(there, func(other *Link) bool { return other.ID == l.ID }) {
		return nil, fault.New(fault.Conflict, "too_many_links").With("max", MaxLinks)
	}
	l, _, err = create(ctx, s, sc, LinkCreated, l)
	return l, err
}

func (s *Service) applyLink(ctx context.Context, sc *scene, l *Link, in LinkEdit) error {
	var f faults
	if in.Name != nil {
		l.Name = oneLine(*in.Name)
		f.add(tooLong("name", l.Name, MaxLinkName))
	}
	if in.Role != nil {
		l.Role = *in.Role
		if !slices.Contains(Roles(), l.Role) || l.Role == RoleOwner {
			f.add(fault.New(fault.Invalid, "unknown_role").At("role"))
		}
		if l.Role.moderates() {
			l.Code = "" // it is short enough to be guessed at
		}
	}
	if in.Group != nil && *in.Group != l.Group {
		l.Group = *in.Group
		if err := s.checkGroup(ctx, sc, l.Group); err != nil {
			return err
		}
	}
	if in.MaxUses != nil {
		l.MaxUses = *in.MaxUses
		if l.MaxUses < 0 || l.MaxUses > MaxLinkUses {
			f.add(fault.New(fault.Invalid, "out_of_range").At("maxUses").With("max", MaxLinkUses))
		}
	}
	setTime(&l.ExpiresAt, in.ExpiresAt)
	if in.Password != nil {
		f.add(checkPassword(*in.Password))
	}
	if err := f.err(); err != nil || in.Password == nil {
		return err
	}
	l.Password = ""
	if *in.Password == "" {
		return nil
	}
	hash, err := s.Passwords.Hash(*in.Password)
	if err != nil {
		return err
	}
	l.Password = hash
	return nil
}

func checkPassword(word string) *fault.Fault {
	if n := utf8.RuneCountInString(word); n > 0 && n < MinLinkPassword {
		return fault.New(fault.Invalid, "too_short").At("password").With("min", MinLinkPassword)
	}
	return tooLong("password", word, MaxLinkPassword)
}

// EditLink changes a link. Who came by it under another role is told at once.
func (s *Service) EditLink(ctx context.Context, p Principal, board, id ID, in LinkEdit) (*Link, error) {
	return s.changeLink(ctx, p, board, id, LinkEdited, func(sc *scene, l *Link) (bool, error) {
		before := *l
		err := s.applyLink(ctx, sc, l, in)
		return !reflect.DeepEqual(before, *l), err
	})
}

// RevokeLink ends a link for good: who came by it is out at once.
func (s *Service) RevokeLink(ctx context.Context, p Principal, board, id ID) (*Link, error) {
	return s.changeLink(ctx, p, board, id, LinkRevoked, func(sc *scene, l *Link) (bool, error) {
		l.RevokedAt = sc.now
		return true, nil
	})
}

// changeLink changes a live link whose role is no stronger than the caller's.
func (s *Service) changeLink(ctx context.Context, p Principal, board, id ID, verb Verb, apply func(*scene, *Link) (bool, error)) (*Link, error) {
	sc, err := s.enter(ctx, p, board, ManageLinks)
	if err != nil {
		return nil, err
	}
	return change(ctx, s, sc, Key{Board: board, Kind: KindLink, ID: id}, 0, doing{verb: verb}, func(l *Link) (bool, error) {
		switch {
		case !p.Role.atLeast(l.Role):
			return false, ErrForbidden
		case !l.RevokedAt.IsZero() && verb == LinkRevoked:
			return false, nil
		case l.Deleted() || !l.RevokedAt.IsZero():
			return false, ErrNotFound
		}
		return apply(sc, l)
	})
}

// Entry is how somebody comes onto a board by a link.
type Entry struct {
	Board    ID
	Secret   string
	Password string
	Name     string
	// Was is the participant they were before, if they were one.
	Was Principal
	// SignedIn is the account of whoever has signed in; nil for a guest.
	SignedIn *Account
}

// EnterByLink makes a participant of whoever holds a link's secret; somebody
// who was one before stays the same. Every secret of the board is compared, in
// constant time.
func (s *Service) EnterByLink(ctx context.Context, in Entry) (Principal, error) {
	links, err := s.links(ctx, in.Board)
	if err != nil {
		return Principal{}, err
	}
	var found *Link
	for _, l := range links {
		if subtle.ConstantTimeCompare([]byte(s.Sealer.Secret(in.Board, l.ID)), []byte(in.Secret)) == 1 {
			found = l
		}
	}
	if found == nil {
		return Principal{}, errNoSuchLink
	}
	return s.enterBy(ctx, found, in)
}

// enterBy admits somebody by a link that they hold.
func (s *Service) enterBy(ctx context.Context, l *Link, in Entry) (Principal, error) {
	if in.Was.Platform != "" {
		in.Was = Principal{} // whom a platform let in comes by a link as anybody
	}
	if l.Password != "" && in.Was.Link != l.ID {
		if in.Password == "" {
			return Principal{}, fault.New(fault.Unauthenticated, "link_password_required")
		}
		if !s.opened.check(s.Passwords, l.Password, in.Password, s.now()) {
			return Principal{}, errLinkPassword
		}
	}
	p := in.Was
	p.Board, p.Role, p.Link, p.Group = l.Board, l.Role, l.ID, l.Group
	if in.SignedIn != nil {
		p = p.signedIn(in.SignedIn)
	}
	p.Participant = s.idOr(p.Participant)
	sc, err := s.named(ctx, p, in.Name)
	if err != nil {
		return Principal{}, err
	}
	// Counted once nothing else refuses them.
	if in.Was.Link != l.ID {
		if err := s.useLink(ctx, sc, l); err != nil {
			return Principal{}, err
		}
	}
	return s.register(ctx, sc)
}

// useLink counts a participant who comes by a link that counts.
func (s *Service) useLink(ctx context.Context, sc *scene, l *Link) error {
	if l.MaxUses == 0 {
		return nil
	}
	_, err := change(ctx, s, sc, KeyOf(l), 0, doing{}, func(l *Link) (bool, error) {
		if l.MaxUses > 0 && l.Uses >= l.MaxUses {
			return false, errLinkUsedUp
		}
		l.Uses++
		return true, nil
	})
	return err
}

// Renew makes a principal anew for a participant who came before: with the
// role that their link has now, under a new name when one is given.
func (s *Service) Renew(ctx context.Context, was Principal, name string) (Principal, error) {
	if was.Platform != "" {
		return s.renewVisit(ctx, was)
	}
	if was.Link == "" {
		return s.renewOwner(ctx, was, name)
	}
	l, err := get[*Link](ctx, s.Store, Key{Board: was.Board, Kind: KindLink, ID: was.Link})
	if fault.KindOf(err) == fault.NotFound || err == nil && !l.LiveAt(s.now()) {
		return Principal{}, errNoSuchLink
	}
	if err != nil {
		return Principal{}, err
	}
	was.Role, was.Group = l.Role, l.Group
	sc, err := s.named(ctx, was, name)
	if err != nil {
		return Principal{}, err
	}
	return s.register(ctx, sc)
}

// named gives the principal a name, and checks that the board takes them in.
func (s *Service) named(ctx context.Context, p Principal, name string) (*scene, error) {
	if name = oneLine(name); name != "" {
		if long := tooLong("name", name, MaxName); long != nil {
			return nil, faults{long}.err()
		}
		p.Name = name
	}
	sc, err := s.look(ctx, p.Board)
	if fault.KindOf(err) == fault.NotFound {
		return nil, errNoSuchLink
	}
	if err != nil {
		return nil, err
	}
	if p, err = s.stillSignedIn(ctx, p); err != nil {
		return nil, err
	}
	sc.p = p
	if err := sc.may(ReadBoard); err != nil {
		return nil, err
	}
	person, err := s.participant(ctx, p)
	if err != nil {
		return nil, err
	}
	_, err = p.Standing(nil, person, sc.now) // refuses who is blocked
	return sc, err
}

// CodeAlphabet are the characters of a code: none that is taken for another.
const CodeAlphabet = "23456789ABCDEFGHJKMNPQRSTVWXYZ"

// CodeLength is that of a code to type.
const CodeLength = 6

// NormaliseCode reads a code as people type it.
func NormaliseCode(typed string) (string, bool) {
	code := strings.Map(func(r rune) rune {
		switch r {
		case ' ', '-', '.':
			return -1
		default:
			return r
		}
	}, strings.ToUpper(typed))
	if len(code) != CodeLength {
		return "", false
	}
	for _, r := range code {
		if !strings.ContainsRune(CodeAlphabet, r) {
			return "", false
		}
	}
	return code, true
}
