package oidc

import (
	"context"
	"encoding/base64"
	"net/url"
)

// hintPurpose seals the ID token that says whose session at the provider ends.
const hintPurpose = "fresque oidc hint"

// maxHint bounds what a browser keeps for it, in characters; a longer one is
// left out, and the provider asks who leaves.
const maxHint = 3500

// hint seals an ID token for the browser to keep until it signs out.
func (p *Provider) hint(raw string) string {
	if sealed := p.sealed([]byte(raw), hintPurpose); len(sealed) <= maxHint {
		return sealed
	}
	return ""
}

// Leave gives the address at which somebody signs out of the provider as well
// (OpenID Connect RP-Initiated Logout 1.0), and comes back; empty where it has
// none, and for whom it knows nothing of. kept is what Finish gave.
func (p *Provider) Leave(ctx context.Context, kept, back string) string {
	sealed, err := base64.RawURLEncoding.DecodeString(kept)
	if err != nil || kept == "" {
		return ""
	}
	raw, err := p.unsealed(sealed, hintPurpose)
	if err != nil {
		return ""
	}
	f, err := p.discover(ctx)
	if err != nil || f.leave == "" {
		return ""
	}
	at, err := url.Parse(f.leave)
	if err != nil {
		return ""
	}
	asked := at.Query()
	asked.Set("id_token_hint", string(raw))
	asked.Set("client_id", p.cfg.ClientID)
	asked.Set("post_logout_redirect_uri", back)
	at.RawQuery = asked.Encode()
	return at.String()
}
