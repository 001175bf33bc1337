package oidc

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"fresque.dev/services/internal/fault"
)

func provider(t *testing.T, issuer string, allow ...string) *Provider {
	t.Helper()
	p, err := New(Config{Issuer: issuer, ClientID: "wall", Allow: allow, Key: make([]byte, 32), Within: time.Minute}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestNobodyWaitsForAProviderLongerThanTheyMay has one person wait for a provider
// that says nothing, and another give up meanwhile.
func TestNobodyWaitsForAProviderLongerThanTheyMay(t *testing.T) {
	asked, answer := make(chan struct{}), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked <- struct{}{}
		<-answer
		w.WriteHeader(http.StatusBadGateway)
	}))
	defer server.Close()
	p := provider(t, server.URL)
	first := make(chan error, 1)
	go func() { _, _, err := p.Begin(t.Context()); first <- err }()
	<-asked
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := p.Begin(ctx); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("whoever gave up is told %v", err)
	}
	close(answer)
	if err := <-first; fault.KindOf(err) != fault.Unavailable {
		t.Errorf("whoever waited is told %v", err)
	}
}

func TestWhoMayCome(t *testing.T) {
	p := provider(t, "https://id.example", "email=*@school.example", "groups=trainers", "groups=heads")
	for name, tc := range map[string]struct {
		claims map[string]any
		want   bool
	}{
		"both rules":                {map[string]any{"email": "ada@School.example", "groups": []any{"x", "heads"}}, true},
		"verified":                  {map[string]any{"email": "ada@school.example", "email_verified": true, "groups": "trainers"}, true},
		"another school":            {map[string]any{"email": "ada@elsewhere.example", "groups": "trainers"}, false},
		"one rule only":             {map[string]any{"email": "ada@school.example"}, false},
		"not verified":              {map[string]any{"email": "ada@school.example", "email_verified": false, "groups": "trainers"}, false},
		"not verified, and in text": {map[string]any{"email": "ada@school.example", "email_verified": "false", "groups": "trainers"}, false},
	} {
		if got := p.allowed(tc.claims); got != tc.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
