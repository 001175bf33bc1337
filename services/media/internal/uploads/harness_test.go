package uploads_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"fresque.dev/proto/subject"
	"fresque.dev/services/internal/natstest"
	"fresque.dev/services/internal/problem"
	"fresque.dev/services/internal/token"
	"fresque.dev/services/media/internal/bus"
	"fresque.dev/services/media/internal/media"
	"fresque.dev/services/media/internal/uploads"
	"fresque.dev/services/media/internal/wording"
)

const (
	boardID = "0190a6a0-0000-7000-8000-000000000001"
	mediaID = "0190a6a0-0000-7000-8000-000000000003"
	otherID = "0190a6a0-0000-7000-8000-000000000004"
	owner   = "0190a6a0-0000-7000-8000-000000000002"
	origin  = "https://wall.example"
)

// place is a running upload service with a board that signs tickets.
type place struct {
	t          *testing.T
	dir        string
	quarantine *uploads.Quarantine
	http       *httptest.Server
	signer     *token.Signer
	keysAway   bool

	mu      sync.Mutex
	changed []media.ID
}

func newPlace(t *testing.T, change func(*uploads.Config)) *place {
	t.Helper()
	p := &place{t: t, dir: t.TempDir(), signer: token.NewSigner(bytes.Repeat([]byte{7}, 32), time.Now)}
	var err error
	if p.quarantine, err = uploads.OpenQuarantine(p.dir); err != nil {
		t.Fatal(err)
	}
	cfg := uploads.Config{
		Quarantine: p.quarantine, Register: newRegister(t, p.quarantine.Name()), Keys: p, Changed: p.note, PublicURL: "https://up.example/uploads/",
		Origins: []string{origin}, MaxBytes: 30 << 20, Silence: 10 * time.Second,
		Messages: wording.Messages(), Log: slog.New(slog.DiscardHandler), Now: time.Now,
	}
	if change != nil {
		change(&cfg)
	}
	h, err := uploads.NewHandler(cfg)
	if err != nil {
		t.Fatal(err)
	}
	p.http = httptest.NewServer(h)
	t.Cleanup(func() {
		p.http.Close()
		if err := p.quarantine.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// newRegister is one on a NATS of its own.
func newRegister(t *testing.T, self string) *bus.Register {
	t.Helper()
	b, err := bus.New(natstest.Start(t).ConnectAs(subject.MediaService), 1, false, slog.New(slog.DiscardHandler), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return b.NewRegister(bus.RegisterConfig{
		Self: self, URL: func() (string, error) { return "http://127.0.0.1:1", nil },
		Kept: time.Hour, GoneAfter: time.Minute, Changed: func(media.Entry) {},
	})
}

// Key is the board's answer.
func (p *place) Key(_ context.Context, id string) (ed25519.PublicKey, error) {
	if p.keysAway {
		return nil, media.ErrKeysUnavailable
	}
	if key, ok := p.signer.PublicKeys()[id]; ok {
		return key, nil
	}
	return nil, media.ErrTicketInvalid
}

func (p *place) note(id media.ID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.changed = append(p.changed, id)
}

func (p *place) notes() []media.ID {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]media.ID(nil), p.changed...)
}

func claims() token.Claims {
	return token.Claims{
		RegisteredClaims: jwt.RegisteredClaims{Subject: owner},
		Board:            boardID, Media: mediaID, Max: 1 << 20, Kinds: []string{"picture"}, Type: "image/png", Name: "photo.png",
	}
}

func (p *place) ticket(change func(*token.Claims)) string {
	p.t.Helper()
	c := claims()
	if change != nil {
		change(&c)
	}
	raw, _, err := p.signer.Sign(token.TypeUpload, token.AudienceMedia, time.Hour, c)
	if err != nil {
		p.t.Fatal(err)
	}
	return raw
}

// send makes one request; the answer's body is read and closed.
func (p *place) send(method, path, ticket string, header map[string]string, body io.Reader) (*http.Response, string) {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.http.URL+path, body)
	if err != nil {
		p.t.Fatal(err)
	}
	if ticket != "" {
		req.Header.Set("Authorization", "Bearer "+ticket)
	}
	req.Header.Set("Tus-Resumable", "1.0.0")
	for k, v := range header {
		req.Header.Set(k, v)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return res, string(raw)
}

func (p *place) create(ticket string, size int) (*http.Response, string) {
	return p.send("POST", "/uploads/", ticket, map[string]string{
		"Upload-Length":   strconv.Itoa(size),
		"Upload-Metadata": "filetype " + base64.StdEncoding.EncodeToString([]byte("image/png")) + ",evil Zm9v",
	}, nil)
}

func (p *place) patch(ticket string, offset int, body []byte) (*http.Response, string) {
	return p.send("PATCH", "/uploads/"+mediaID, ticket, map[string]string{
		"Upload-Offset": strconv.Itoa(offset), "Content-Type": "application/offset+octet-stream",
	}, bytes.NewReader(body))
}

func (p *place) head(ticket string) *http.Response {
	res, _ := p.send("HEAD", "/uploads/"+mediaID, ticket, nil, nil)
	return res
}

func (p *place) want(res *http.Response, body string, status int, code string) {
	p.t.Helper()
	if res.StatusCode != status {
		p.t.Errorf("status %d, want %d: %s", res.StatusCode, status, body)
	}
	if code == "" {
		return
	}
	var got problem.Problem
	if err := json.Unmarshal([]byte(body), &got); err != nil || got.Code != code || got.Detail == "" {
		p.t.Errorf("problem %s, want %s", body, code)
	}
	if ct := res.Header.Get("Content-Type"); ct != problem.ContentType {
		p.t.Errorf("content type %s", ct)
	}
}

func (p *place) record() media.Record {
	p.t.Helper()
	r, err := p.quarantine.Find(mediaID)
	if err != nil {
		p.t.Fatal(err)
	}
	return r
}
