package token_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"fresque.dev/services/internal/token"
)

func at(t time.Time) func() time.Time { return func() time.Time { return t } }

func TestVerify(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	signer := token.NewSigner(bytes.Repeat([]byte{7}, 32), at(now))
	other := token.NewSigner(bytes.Repeat([]byte{8}, 32), at(now))
	keys := func(id string) (ed25519.PublicKey, bool) { k, ok := signer.PublicKeys()[id]; return k, ok }
	good, expires, err := signer.Sign(token.TypeSession, token.AudienceBoard, time.Minute, token.Claims{Board: "b", Role: "writer"})
	if err != nil || !expires.Equal(now.Add(time.Minute)) {
		t.Fatalf("sign: %v, expires %v", err, expires)
	}
	forged, _, _ := other.Sign(token.TypeSession, token.AudienceBoard, time.Minute, token.Claims{Board: "b"})
	parts := strings.Split(good, ".")
	none := jwt.NewWithClaims(jwt.SigningMethodNone, token.Claims{Board: "b"})
	for id := range signer.PublicKeys() {
		none.Header["kid"], none.Header["typ"] = id, token.TypeSession
	}
	unsigned, err := none.SignedString(jwt.UnsafeAllowNoneSignatureType)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name, raw, typ, audience string
		at                       time.Time
		want                     error
	}{
		{"good", good, token.TypeSession, token.AudienceBoard, now, nil},
		{"missing", "", token.TypeSession, token.AudienceBoard, now, token.ErrMissing},
		{"expired", good, token.TypeSession, token.AudienceBoard, now.Add(2 * time.Minute), token.ErrExpired},
		{"not yet made", good, token.TypeSession, token.AudienceBoard, now.Add(-time.Hour), nil},
		{"another type", good, token.TypeRenewal, token.AudienceBoard, now, token.ErrInvalid},
		{"another audience", good, token.TypeSession, token.AudienceMedia, now, token.ErrInvalid},
		{"another key", forged, token.TypeSession, token.AudienceBoard, now, token.ErrInvalid},
		{"algorithm none", unsigned, token.TypeSession, token.AudienceBoard, now, token.ErrInvalid},
		{"signature cut", parts[0] + "." + parts[1] + ".", token.TypeSession, token.AudienceBoard, now, token.ErrInvalid},
		{"not a token", "x", token.TypeSession, token.AudienceBoard, now, token.ErrInvalid},
	} {
		t.Run(tc.name, func(t *testing.T) {
			claims, err := token.Verify(tc.raw, tc.typ, tc.audience, keys, at(tc.at))
			if !errors.Is(err, tc.want) || (err == nil) != (tc.want == nil) {
				t.Fatalf("got %v, want %v", err, tc.want)
			}
			if err == nil && claims.Board != "b" {
				t.Fatalf("claims lost: %+v", claims)
			}
		})
	}
}
