package uploads

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"net/netip"
	"strings"

	"github.com/tus/tusd/v2/pkg/handler"

	"fresque.dev/services/internal/callers"
	"fresque.dev/services/internal/telemetry"
)

// addressOf is whom a request counts as; empty for one that another replica has
// counted and handed on.
func (s *server) addressOf(r *http.Request) string {
	if s.handedOn(r) {
		return ""
	}
	from, _ := netip.ParseAddrPort(r.RemoteAddr)
	return s.Bounds.Address(from.Addr(), r.Header.Values(callers.ForwardedFor))
}

// admit counts a request. Who has sent too much is told so wherever there is no
// body on its way, so that the answer is read: before it sends more it asks how
// much has come.
func (s *server) admit(r *http.Request, address string) error {
	if err := s.Bounds.Request(r.Context(), address); err != nil {
		return err
	}
	if r.Method == http.MethodDelete {
		return nil // sends nothing, and makes room
	}
	return s.Bounds.Send(r.Context(), address, 0)
}

// proof shows to other replicas that a request comes from this one.
func (s *server) proof(replica string) string {
	mac := hmac.New(sha256.New, s.Peers)
	mac.Write([]byte("handed on by " + replica))
	return replica + " " + hex.EncodeToString(mac.Sum(nil))
}

// handedOn tells whether a request comes from another replica, and not from
// somebody who says so.
func (s *server) handedOn(r *http.Request) bool {
	given := r.Header.Get(forwarded)
	replica, _, _ := strings.Cut(given, " ")
	return len(s.Peers) > 0 && replica != "" && hmac.Equal([]byte(given), []byte(s.proof(replica)))
}

// stopped is why no more is read of a body, which tusd answers in our words: what
// has come until then is kept.
func (s *server) stopped(r *http.Request, err error) error {
	p := s.Messages.Of(err, r.Header.Get("Accept-Language"))
	telemetry.Refused(r.Context(), p.Code)
	body, _ := json.Marshal(p) // of strings and numbers
	return errors.Join(err, handler.Error{ErrorCode: p.Code, Message: p.Code, HTTPResponse: handler.HTTPResponse{
		StatusCode: p.Status, Header: headersOf(err), Body: string(body),
	}})
}
