package webhook

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"fresque.dev/services/board/internal/board"
)

// notice is one to an address.
func notice(address string) board.Notice {
	b := &board.Board{External: "cm 7"}
	b.ID = "b"
	p := &board.Platform{Webhook: address}
	p.ID = "p"
	return board.Notice{
		Platform: p, Board: b, ID: "msg", At: time.UnixMilli(1), Secrets: [][]byte{[]byte("new"), []byte("old")},
		UserParticipation: board.UserParticipation{User: &board.User{Ref: "ada"}},
	}
}

func at() time.Time { return time.Unix(1_700_000_000, 0) }

// untaken carries a notice that is not taken, and gives why.
func untaken(t *testing.T, c *Courier, address, why string) board.Untaken {
	t.Helper()
	err := c.Carry(t.Context(), notice(address))
	u, ok := errors.AsType[*board.Untaken](err)
	if !ok || u.Why != why {
		t.Fatalf("got %v, want %q", err, why)
	}
	return *u
}

func TestAnAnswerIsItsStatus(t *testing.T) {
	elsewhere := 0
	mux := http.NewServeMux()
	mux.HandleFunc("/taken", func(w http.ResponseWriter, r *http.Request) {
		if n := len(strings.Fields(r.Header.Get("webhook-signature"))); n != 2 || r.Header.Get("webhook-timestamp") != "1700000000" || r.Header.Get("webhook-id") != "msg" {
			t.Errorf("headers %v", r.Header)
		}
		w.WriteHeader(http.StatusAccepted)
		for range 1000 { // nobody reads all this
			_, _ = w.Write(make([]byte, 64<<10))
		}
	})
	mux.HandleFunc("/moved", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	})
	mux.HandleFunc("/elsewhere", func(http.ResponseWriter, *http.Request) { elsewhere++ })
	mux.HandleFunc("/busy", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "120")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	mux.HandleFunc("/later", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", at().Add(time.Hour).UTC().Format(http.TimeFormat))
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	mux.HandleFunc("/gone", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) })
	mux.HandleFunc("/broken", func(w http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) })
	server := httptest.NewServer(mux)
	defer server.Close()
	c := NewCourier(at)
	if err := c.Carry(t.Context(), notice(server.URL+"/taken")); err != nil {
		t.Fatal(err)
	}
	untaken(t, c, server.URL+"/moved", "status 307")
	if elsewhere > 0 {
		t.Fatal("a redirection was followed")
	}
	if u := untaken(t, c, server.URL+"/busy", "status 429"); u.RetryAfter != 2*time.Minute || u.ThisOne {
		t.Fatalf("%+v", u)
	}
	if u := untaken(t, c, server.URL+"/later", "status 503"); u.RetryAfter != time.Hour {
		t.Fatalf("%+v", u)
	}
	if u := untaken(t, c, server.URL+"/gone", "status 410"); !u.ThisOne {
		t.Fatalf("%+v", u)
	}
	untaken(t, c, server.URL+"/broken", "connection broken")
	address := server.URL
	server.Close()
	untaken(t, c, address, "no connection")
}

func TestNoSiteIsThere(t *testing.T) {
	c := NewCourier(at)
	for address, why := range map[string]string{
		"http://moodle.example/hook":               "address not https",
		"http://169.254.169.254/latest/meta-data":  "address not https",
		"https://169.254.169.254/latest/meta-data": "address refused",
		"https://[fe80::1]/":                       "address refused",
		"https://[fd00:ec2::254]/":                 "address refused",
		"https://0.0.0.0/":                         "address refused",
		"https://[::ffff:169.254.169.254]/":        "address refused",
		"https://224.0.0.1/":                       "address refused",
		"":                                         "address not https",
	} {
		t.Run(address, func(t *testing.T) { untaken(t, c, address, why) })
	}
}

func TestACertificateIsChecked(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	server.Config.ErrorLog = nil
	untaken(t, NewCourier(at), server.URL, "certificate refused")
}
