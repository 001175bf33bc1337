package board

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"unicode/utf8"

	"fresque.dev/services/internal/fault"
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
func (s *Service) ensureLink(ctx context.Context, board ID, role Role) error {
	l := &Link{Role: role}
	l.ID, l.Board = firstLinkID(board, role), board
	_, _, err := create(ctx, s, l)
	return err
}

// firstLinkID is a name-based UUID (RFC 9562, version 8: SHA-256).
func firstLinkID(board ID, role Role) ID {
	sum := sha256.Sum256([]byte("fresque first link\x00" + string(board) + "\x00" + string(role)))
	sum[6] = sum[6]&0x0f | 0x80
	sum[8] = sum[8]&0x3f | 0x80
	h := hex.EncodeToString(sum[:16])
	return ID(h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:])
}

// links lists the live links of a board.
func (s *Service) links(ctx context.Context, board ID) ([]*Link, error) {
	docs, err := s.Store.List(ctx, board, KindLink)
	if err != nil {
		return nil, err
	}
	var out []*Link
	for _, doc := range docs {
		if l, ok := doc.(*Link); ok && l.Live() {
			out = append(out, l)
		}
	}
	return out, nil
}

// Live tells a link that opens its board.
func (l *Link) Live() bool { return !l.Deleted() && l.RevokedAt.IsZero() }

// ReadLinks lists the links of a board, for those who may hand them on.
func (s *Service) ReadLinks(ctx context.Context, p Principal, board ID) ([]*Link, error) {
	if err := p.authorise(board, ReadLinks); err != nil {
		return nil, err
	}
	return s.links(ctx, board)
}

// EnterByLink makes a new participant of whoever holds a link's secret. Every
// secret of the board is compared, in constant time.
func (s *Service) EnterByLink(ctx context.Context, board ID, secret, name string) (Principal, error) {
	links, err := s.links(ctx, board)
	if err != nil {
		return Principal{}, err
	}
	var found *Link
	for _, l := range links {
		if subtle.ConstantTimeCompare([]byte(s.Sealer.Secret(board, l.ID)), []byte(secret)) == 1 {
			found = l
		}
	}
	if found == nil {
		return Principal{}, errNoSuchLink
	}
	p := Principal{Board: board, Participant: s.IDs.NewID(), Role: found.Role, Link: found.ID}
	return s.named(ctx, p, name)
}

// Renew makes a principal anew for a participant who came before: with the
// role that their link has now, under a new name when one is given.
func (s *Service) Renew(ctx context.Context, was Principal, name string) (Principal, error) {
	l, err := get[*Link](ctx, s.Store, Key{Board: was.Board, Kind: KindLink, ID: was.Link})
	if fault.KindOf(err) == fault.NotFound || err == nil && !l.Live() {
		return Principal{}, errNoSuchLink
	}
	if err != nil {
		return Principal{}, err
	}
	was.Role = l.Role
	return s.named(ctx, was, name)
}

// named gives the principal a name, and checks that the board is there.
func (s *Service) named(ctx context.Context, p Principal, name string) (Principal, error) {
	if name = oneLine(name); name != "" {
		if utf8.RuneCountInString(name) > MaxName {
			return Principal{}, faults{tooLong("name", name, MaxName)}.err()
		}
		p.Name = name
	}
	if _, err := s.ReadBoard(ctx, p, p.Board); err != nil {
		return Principal{}, errNoSuchLink
	}
	return p, nil
}
