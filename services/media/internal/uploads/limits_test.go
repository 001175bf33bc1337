package uploads_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"fresque.dev/services/internal/callers"
	"fresque.dev/services/internal/token"
	"fresque.dev/services/media/internal/bounds"
	"fresque.dev/services/media/internal/uploads"
)

func bounded(t *testing.T, l bounds.Limits, proxies ...string) func(*uploads.Config) {
	trusted, err := callers.ParseProxies(proxies)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().Truncate(time.Minute).Add(20 * time.Second)
	return func(c *uploads.Config) {
		c.Peers = []byte("what replicas know")
		c.Bounds = bounds.New(trusted, l, callers.OfMany(nil, func() time.Time { return now }))
	}
}

// TestABodyIsCutWhereItsAddressHasSentEnough: what has come is kept, and whoever
// sends it is told when to go on, also before they send more; others send.
func TestABodyIsCutWhereItsAddressHasSentEnough(t *testing.T) {
	const size, most = 3 << 20, 1 << 20
	p := newPlace(t, bounded(t, bounds.Limits{Requests: 100, Uploads: 100, Bytes: most}, "127.0.0.1"))
	from := func(address string, more ...string) map[string]string {
		h := map[string]string{callers.ForwardedFor: address, "Accept-Language": "en"}
		for i := 0; i < len(more); i += 2 {
			h[more[i]] = more[i+1]
		}
		return h
	}
	ticket := p.ticket(func(c *token.Claims) { c.Max = size })
	if res, body := p.send("POST", uploads.Root, ticket, from("192.0.2.1", "Upload-Length", strconv.Itoa(size)), nil); res.StatusCode != http.StatusCreated {
		t.Fatalf("%s %s", res.Status, body)
	}
	patch := from("192.0.2.1", "Upload-Offset", "0", "Content-Type", "application/offset+octet-stream")
	res, body := p.send("PATCH", uploads.Root+mediaID, ticket, patch, bytes.NewReader(make([]byte, size)))
	if res.StatusCode != http.StatusTooManyRequests || res.Header.Get("Retry-After") != "40" || !strings.Contains(body, `"upload_address_full"`) || !strings.Contains(body, "in 40 s") {
		t.Fatalf("%s %v %s", res.Status, res.Header, body)
	}
	res, _ = p.send("HEAD", uploads.Root+mediaID, ticket, from("192.0.2.1"), nil)
	if res.StatusCode != http.StatusTooManyRequests || res.Header.Get("Retry-After") != "40" {
		t.Fatalf("%s %v", res.Status, res.Header)
	}
	res, _ = p.send("HEAD", uploads.Root+mediaID, ticket, from("192.0.2.2"), nil)
	at, err := strconv.Atoi(res.Header.Get("Upload-Offset"))
	if err != nil || at < most || at >= size {
		t.Fatalf("%d bytes are kept, %v", at, err)
	}
	// The address has changed, as a phone's does.
	patch = from("192.0.2.2", "Upload-Offset", strconv.Itoa(at), "Content-Type", "application/offset+octet-stream")
	if res, body := p.send("PATCH", uploads.Root+mediaID, ticket, patch, bytes.NewReader(make([]byte, most/2))); res.StatusCode != http.StatusNoContent {
		t.Fatalf("%s %s", res.Status, body)
	}
	// Who takes an upload back sends nothing.
	if res, body := p.send("DELETE", uploads.Root+mediaID, ticket, from("192.0.2.1"), nil); res.StatusCode != http.StatusNoContent {
		t.Fatalf("%s %s", res.Status, body)
	}
}

// TestNobodyPassesForAReplica: what another replica hands on was counted there; what
// somebody says to be handed on is counted.
func TestNobodyPassesForAReplica(t *testing.T) {
	const most = 5
	p := newPlace(t, bounded(t, bounds.Limits{Requests: most, Uploads: 100, Bytes: 100}))
	mac := hmac.New(sha256.New, []byte("what replicas know"))
	mac.Write([]byte("handed on by 0123"))
	proof := hex.EncodeToString(mac.Sum(nil))
	for range 3 * most {
		if res, body := p.send("HEAD", uploads.Root+mediaID, p.ticket(nil), map[string]string{"Fresque-Forwarded": "0123 " + proof}, nil); res.StatusCode != http.StatusNotFound {
			t.Fatalf("%s %s", res.Status, body)
		}
	}
	refused := 0
	for _, claim := range []string{"0123", "0123 ", "0123 " + strings.Repeat("0", 64), "4567 " + proof, " " + proof, proof, ""} {
		res, _ := p.send("HEAD", uploads.Root+mediaID, p.ticket(nil), map[string]string{"Fresque-Forwarded": claim}, nil)
		if res.StatusCode == http.StatusTooManyRequests {
			refused++
		}
	}
	if refused != 2 {
		t.Errorf("%d of 7 were refused", refused)
	}
}
