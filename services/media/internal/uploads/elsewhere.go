package uploads

import (
	"errors"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"time"

	"fresque.dev/services/internal/fault"
	"fresque.dev/services/media/internal/media"
)

// forwarded marks a request that another replica has handed on, so that it is
// not handed on again, nor counted again when it carries a proof. Whoever sends it
// himself only does without the first.
const forwarded = "Fresque-Forwarded"

const (
	reachWithin = 2 * time.Second
	// idlePeers are connections to one other replica that are kept.
	idlePeers = 32
)

func peers() *http.Transport {
	return &http.Transport{
		DialContext:         (&net.Dialer{Timeout: reachWithin}).DialContext,
		MaxIdleConnsPerHost: idlePeers,
		IdleConnTimeout:     20 * time.Second,
		DisableCompression:  true,
	}
}

// movedAway tells of an upload that lies here that another replica has taken
// over meanwhile.
func (s *server) movedAway(t media.Ticket) bool {
	e, known := s.Register.Known(t.Board, t.Media)
	return known && e.Replica != "" && e.Replica != s.Register.Self()
}

// elsewhere answers for an upload that is not here.
func (s *server) elsewhere(w http.ResponseWriter, r *http.Request, t media.Ticket) error {
	e, err := s.Register.Find(r.Context(), t.Board, t.Media)
	switch {
	case err != nil:
		return err
	case e.Owner != "" && e.Owner != t.Owner:
		return media.ErrNotYours
	case e.Standing == media.Open && e.Replica == s.Register.Self():
		return media.ErrNotFound // its creation was cut off
	case e.Standing == media.Open && r.Method == http.MethodDelete:
		return s.takeBack(w, r, e)
	case e.Standing == media.Open:
		return s.forward(w, r, e.Replica)
	case !e.Arrived:
		return media.ErrOver
	case r.Method == http.MethodHead:
		// A client that did not hear so learns that all has come.
		size := strconv.FormatInt(e.Size, 10)
		w.Header().Set("Upload-Offset", size)
		w.Header().Set("Upload-Length", size)
		w.WriteHeader(http.StatusOK)
		return nil
	}
	return media.ErrComplete
}

// takeBack takes an upload back that another replica has, or had before it went
// for good.
func (s *server) takeBack(w http.ResponseWriter, r *http.Request, e media.Entry) error {
	err := s.forward(w, r, e.Replica)
	if !errors.Is(err, media.ErrNotFound) {
		return err
	}
	if e, err = s.Register.Claim(r.Context(), e.Upload()); err != nil {
		return err
	}
	if e.Replica != s.Register.Self() || e.Standing != media.Open {
		return media.ErrAway // somebody was faster
	}
	if _, err := s.Register.Seal(r.Context(), e.Upload(), false, media.Outcome{Refusal: media.Cancelled}); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// forward hands a request on to another replica. ErrNotFound tells of one that
// has been gone for long: the client may begin anew.
func (s *server) forward(w http.ResponseWriter, r *http.Request, replica string) error {
	if r.Header.Get(forwarded) != "" {
		return media.ErrAway
	}
	at, there, err := s.Register.Where(r.Context(), replica)
	if err != nil {
		return err
	}
	if !there {
		return media.ErrNotFound
	}
	target, err := url.Parse(at)
	if err != nil {
		return err
	}
	var failed error
	proxy := httputil.ReverseProxy{
		Transport: s.peers,
		Rewrite: func(p *httputil.ProxyRequest) {
			p.SetURL(target)
			p.Out.Header.Set(forwarded, s.proof(s.Register.Self()))
			// Who may read the answer is for this replica to say.
			p.Out.Header.Del("Origin")
		},
		ModifyResponse: func(res *http.Response) error {
			for name := range res.Header {
				if _, ours := w.Header()[name]; ours || strings.HasPrefix(name, "Access-Control-") {
					res.Header.Del(name)
				}
			}
			return nil
		},
		ErrorHandler: func(_ http.ResponseWriter, _ *http.Request, err error) { failed = err },
	}
	proxy.ServeHTTP(w, r)
	if _, refused := fault.As(failed); refused {
		return failed // its body was
	}
	if failed != nil {
		s.Log.Info("another replica did not answer", "replica", replica, "error", failed)
		return fault.Wrap(fault.Unavailable, "upload_away", failed)
	}
	return nil
}
