package board

import (
	"context"
	"crypto/rand"
	"math/big"

	"fresque.dev/services/internal/fault"
)

// Code points from what people type to a link. It is a document of its own, in
// a partition of its own, so that one read finds it among all boards'.
type Code struct {
	Meta
	// OfBoard and OfLink are what it opens.
	OfBoard ID `json:"ofBoard"`
	OfLink  ID `json:"ofLink"`
}

// Kind tells KindCode.
func (*Code) Kind() Kind { return KindCode }

// codeTries bounds the search for a code that is free.
const codeTries = 10

var errCodeInvalid = fault.New(fault.Unauthenticated, "code_invalid")

func codeKey(code string) Key {
	id := derivedID("code", ID(code))
	return Key{Board: id, Kind: KindCode, ID: id}
}

// GiveCode gives a link a code to type, or the one that it has. A code opens
// no more than a writer's link: it is short enough to be guessed at.
func (s *Service) GiveCode(ctx context.Context, p Principal, board, id ID) (*Link, error) {
	return s.changeLink(ctx, p, board, id, LinkEdited, func(_ *scene, l *Link) (bool, error) {
		if l.Role.moderates() {
			return false, ErrForbidden
		}
		if l.Code != "" {
			return false, nil
		}
		code, err := s.freeCode(ctx, board, id)
		l.Code = code
		return true, err
	})
}

// freeCode takes a code that nothing has. One that comes to no use points to a
// link without it, and opens nothing.
func (s *Service) freeCode(ctx context.Context, board, link ID) (string, error) {
	for range codeTries {
		code, err := randomCode()
		if err != nil {
			return "", err
		}
		c := &Code{OfBoard: board, OfLink: link}
		key := codeKey(code)
		c.ID, c.Board = key.ID, key.Board
		_, fresh, err := create(ctx, s, s.caretaking(key.Board), NotLogged, c)
		if err != nil || fresh {
			return code, err
		}
	}
	return "", fault.New(fault.Unavailable, "too_busy")
}

func randomCode() (string, error) {
	var code [CodeLength]byte
	for i := range code {
		n, err := rand.Int(rand.Reader, big.NewInt(int64(len(CodeAlphabet))))
		if err != nil {
			return "", fault.Internalf(err, "make a code")
		}
		code[i] = CodeAlphabet[n.Int64()]
	}
	return string(code[:]), nil
}

// EnterByCode makes a participant of whoever has typed a link's code. The
// secret of the entry is the code.
func (s *Service) EnterByCode(ctx context.Context, in Entry) (Principal, error) {
	code, ok := NormaliseCode(in.Secret)
	if !ok {
		return Principal{}, errCodeInvalid
	}
	found, err := get[*Code](ctx, s.Store, codeKey(code))
	if fault.KindOf(err) == fault.NotFound {
		return Principal{}, errCodeInvalid
	}
	if err != nil {
		return Principal{}, err
	}
	l, err := get[*Link](ctx, s.Store, Key{Board: found.OfBoard, Kind: KindLink, ID: found.OfLink})
	if fault.KindOf(err) == fault.NotFound || err == nil && (!l.LiveAt(s.now()) || l.Code != code || l.Role.moderates()) {
		return Principal{}, errCodeInvalid
	}
	if err != nil {
		return Principal{}, err
	}
	if in.Was.Board != l.Board {
		in.Was = Principal{}
	}
	return s.enterBy(ctx, l, in)
}
