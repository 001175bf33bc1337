package uploads_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"fresque.dev/services/internal/token"
	"fresque.dev/services/media/internal/media"
	"fresque.dev/services/media/internal/uploads"
)

func TestUploadInParts(t *testing.T) {
	p := newPlace(t, nil)
	ticket := p.ticket(nil)
	res, body := p.create(ticket, 10)
	p.want(res, body, http.StatusCreated, "")
	if l := res.Header.Get("Location"); l != "https://up.example/uploads/"+mediaID {
		t.Errorf("location %s", l)
	}
	res, body = p.patch(ticket, 0, []byte("01234"))
	p.want(res, body, http.StatusNoContent, "")
	if off := p.head(ticket).Header.Get("Upload-Offset"); off != "5" {
		t.Errorf("offset %s", off)
	}
	if len(p.notes()) > 0 {
		t.Error("told too early")
	}
	res, body = p.patch(ticket, 0, []byte("again"))
	p.want(res, body, http.StatusConflict, "")
	res, body = p.patch(ticket, 5, []byte("56789"))
	p.want(res, body, http.StatusNoContent, "")
	if n := p.notes(); len(n) != 1 || n[0] != mediaID {
		t.Errorf("told %v", n)
	}
	r := p.record()
	if !r.Arrived() || !r.Held || r.Board != boardID || r.Owner != owner || r.Declared != "image/png" || r.Name != "photo.png" || !r.MayBe(media.Picture) || r.MayBe(media.Video) {
		t.Errorf("%+v", r)
	}
	res, body = p.patch(ticket, 10, []byte("more"))
	p.want(res, body, http.StatusNoContent, "") // tusd ignores what follows the end
	if p.record().Offset != 10 {
		t.Error("grew")
	}
}

// TestLostAnswers: a client that did not hear an answer asks again and goes on.
func TestLostAnswers(t *testing.T) {
	p := newPlace(t, nil)
	ticket := p.ticket(nil)
	p.create(ticket, 10)
	p.patch(ticket, 0, []byte("01234"))
	res, body := p.create(p.ticket(nil), 10)
	p.want(res, body, http.StatusCreated, "")
	if res.Header.Get("Location") != "https://up.example/uploads/"+mediaID || p.record().Offset != 5 {
		t.Errorf("created anew: %+v", p.record())
	}
	res, body = p.create(ticket, 11)
	p.want(res, body, http.StatusConflict, "upload_size_changed")

	p.patch(ticket, 5, []byte("56789"))
	if _, err := p.quarantine.Decide(mediaID, media.Outcome{Refusal: media.Damaged}); err != nil {
		t.Fatal(err)
	}
	if err := p.quarantine.Release(mediaID); err != nil {
		t.Fatal(err)
	}
	if res := p.head(ticket); res.StatusCode != http.StatusOK || res.Header.Get("Upload-Offset") != "10" {
		t.Errorf("after the end: %s %v", res.Status, res.Header)
	}
	res, body = p.create(ticket, 10)
	p.want(res, body, http.StatusCreated, "")
	if p.record().Held {
		t.Error("the end was not the end")
	}
}

func TestTickets(t *testing.T) {
	p := newPlace(t, nil)
	p.create(p.ticket(nil), 10)
	foreign := token.NewSigner(bytes.Repeat([]byte{8}, 32), time.Now)
	sign := func(s *token.Signer, typ, audience string, ttl time.Duration) string {
		raw, _, err := s.Sign(typ, audience, ttl, claims())
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	none := jwt.NewWithClaims(jwt.SigningMethodNone, claims())
	none.Header["typ"], none.Header["kid"] = token.TypeUpload, token.KeyID(ed25519.PublicKey(make([]byte, 32)))
	unsigned, err := none.SignedString(jwt.UnsafeAllowNoneSignatureType)
	if err != nil {
		t.Fatal(err)
	}
	valid := p.ticket(nil)
	for name, c := range map[string]struct {
		ticket string
		status int
		code   string
	}{
		"none":            {"", 401, "ticket_missing"},
		"rubbish":         {"rubbish", 401, "ticket_invalid"},
		"alg none":        {unsigned, 401, "ticket_invalid"},
		"signature cut":   {valid[:len(valid)-8], 401, "ticket_invalid"},
		"expired":         {sign(p.signer, token.TypeUpload, token.AudienceMedia, -time.Minute), 401, "ticket_expired"},
		"a session":       {sign(p.signer, token.TypeSession, token.AudienceMedia, time.Hour), 401, "ticket_invalid"},
		"for the board":   {sign(p.signer, token.TypeUpload, token.AudienceBoard, time.Hour), 401, "ticket_invalid"},
		"another's key":   {sign(foreign, token.TypeUpload, token.AudienceMedia, time.Hour), 401, "ticket_invalid"},
		"another's media": {p.ticket(func(c *token.Claims) { c.Media = otherID }), 403, "upload_forbidden"},
		"another's board": {p.ticket(func(c *token.Claims) { c.Board = otherID }), 403, "upload_forbidden"},
		"another owner":   {p.ticket(func(c *token.Claims) { c.Subject = otherID }), 403, "upload_forbidden"},
		"another kind":    {p.ticket(func(c *token.Claims) { c.Kinds = []string{"poem"} }), 403, "upload_kind_forbidden"},
		"a path as media": {p.ticket(func(c *token.Claims) { c.Media = "../../etc/passwd" }), 401, "ticket_invalid"},
		"no limit":        {p.ticket(func(c *token.Claims) { c.Max = 0 }), 401, "ticket_invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, method := range []string{"PATCH", "DELETE"} {
				res, body := p.send(method, "/uploads/"+mediaID, c.ticket, map[string]string{
					"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream",
				}, strings.NewReader("0123456789"))
				p.want(res, body, c.status, c.code)
			}
			if res := p.head(c.ticket); res.StatusCode != c.status {
				t.Errorf("HEAD: %s", res.Status)
			}
		})
	}
	if r := p.record(); r.Offset != 0 || r.Outcome != nil {
		t.Errorf("something came through: %+v", r)
	}
	for _, wrong := range []string{"", "rubbish", unsigned} {
		res, body := p.create(wrong, 10)
		p.want(res, body, 401, "")
	}
	t.Run("board away", func(t *testing.T) {
		p.keysAway = true
		defer func() { p.keysAway = false }()
		res, body := p.create(valid, 10)
		p.want(res, body, 503, "ticket_keys_unavailable")
		if res.Header.Get("Retry-After") == "" {
			t.Error("no Retry-After")
		}
	})
}

func TestSizes(t *testing.T) {
	p := newPlace(t, func(c *uploads.Config) { c.MaxBytes = 5 << 20 })
	generous := p.ticket(func(c *token.Claims) { c.Max = 1 << 40 })
	res, body := p.create(p.ticket(nil), 1<<20+1)
	p.want(res, body, 413, "media_too_large")
	if !strings.Contains(body, "1 Mio au plus") {
		t.Errorf("says %s", body)
	}
	res, body = p.send("POST", "/uploads/", generous, map[string]string{"Upload-Length": "5242881", "Accept-Language": "en-GB"}, nil)
	p.want(res, body, 413, "media_too_large")
	if !strings.Contains(body, "5 MiB at most") {
		t.Errorf("says %s", body)
	}
	res, body = p.create(generous, 0)
	p.want(res, body, 422, "media_empty")
	res, body = p.send("POST", "/uploads", generous, map[string]string{"Upload-Defer-Length": "1"}, nil)
	p.want(res, body, 422, "media_size_missing")
	if left, _ := os.ReadDir(filepath.Join(p.dir, "uploads")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	p.create(generous, 10)
	res, body = p.patch(generous, 0, []byte("more than ten bytes"))
	p.want(res, body, 413, "")
	if n := p.record().Offset; n > 10 {
		t.Errorf("%d bytes were taken", n)
	}
}

func TestNoRoom(t *testing.T) {
	p := newPlace(t, func(c *uploads.Config) { c.Reserve = 1 << 60 })
	res, body := p.create(p.ticket(nil), 10)
	p.want(res, body, 503, "upload_no_room")
}

// TestClientThatStalls: its connection is not kept, what it sent is.
func TestClientThatStalls(t *testing.T) {
	p := newPlace(t, func(c *uploads.Config) { c.Silence = 200 * time.Millisecond })
	ticket := p.ticket(nil)
	p.create(ticket, 10)
	body, feed := io.Pipe()
	defer feed.Close()
	req, err := http.NewRequestWithContext(t.Context(), "PATCH", p.http.URL+"/uploads/"+mediaID, body)
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range map[string]string{
		"Authorization": "Bearer " + ticket, "Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream",
	} {
		req.Header.Set(k, v)
	}
	go func() { _, _ = feed.Write([]byte("01234")) }()
	if res, err := http.DefaultTransport.RoundTrip(req); err == nil {
		_ = res.Body.Close()
		if res.StatusCode < 400 {
			t.Errorf("half a file was answered with %s", res.Status)
		}
	}
	if off := p.head(ticket).Header.Get("Upload-Offset"); off != "5" {
		t.Errorf("offset %s", off)
	}
}

// TestCreatedAtOnce: several requests to create the same upload make one.
func TestCreatedAtOnce(t *testing.T) {
	p := newPlace(t, nil)
	ticket := p.ticket(nil)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			res, body := p.create(ticket, 10)
			if res.StatusCode != http.StatusCreated && res.StatusCode != http.StatusConflict {
				t.Errorf("%s: %s", res.Status, body)
			}
		})
	}
	wg.Wait()
	if all, err := p.quarantine.All(); err != nil || len(all) != 1 {
		t.Errorf("%v, %v", all, err)
	}
}

// TestManyCreatedAtOnce: what is to come of others is looked at while they are
// created.
func TestManyCreatedAtOnce(t *testing.T) {
	p := newPlace(t, nil)
	var wg sync.WaitGroup
	for n := range 8 {
		wg.Go(func() {
			for i := range 25 {
				ticket := p.ticket(func(c *token.Claims) { c.Media = fmt.Sprintf("0190a6a0-0000-7000-8000-%012x", 100*n+i) })
				res, body := p.create(ticket, 10)
				p.want(res, body, 201, "")
			}
		})
	}
	wg.Wait()
}

func TestTakingBack(t *testing.T) {
	p := newPlace(t, nil)
	ticket := p.ticket(nil)
	p.create(ticket, 10)
	p.patch(ticket, 0, []byte("01234"))
	res, body := p.send("DELETE", "/uploads/"+mediaID, ticket, nil, nil)
	p.want(res, body, 204, "")
	if r := p.record(); r.Outcome == nil || r.Outcome.Refusal != media.Cancelled || len(p.notes()) != 1 {
		t.Errorf("%+v, told %v", r, p.notes())
	}
	res, body = p.patch(ticket, 5, []byte("56789"))
	p.want(res, body, 409, "upload_over")
	res, body = p.create(ticket, 10)
	p.want(res, body, 409, "upload_over")
}

func TestTakingBackTooLate(t *testing.T) {
	p := newPlace(t, nil)
	ticket := p.ticket(nil)
	p.create(ticket, 5)
	p.patch(ticket, 0, []byte("01234"))
	res, body := p.send("DELETE", "/uploads/"+mediaID, ticket, nil, nil)
	p.want(res, body, 409, "upload_complete")
}

func TestNothingElseIsServed(t *testing.T) {
	p := newPlace(t, nil)
	ticket := p.ticket(nil)
	p.create(ticket, 5)
	p.patch(ticket, 0, []byte("01234"))
	for _, c := range []struct {
		method, path string
		status       int
	}{
		{"GET", "/uploads/" + mediaID, 405},
		{"POST", "/uploads/" + mediaID, 405},
		{"GET", "/uploads/", 404},
		{"HEAD", "/uploads/..%2f..%2fsecret", 404},
		{"HEAD", "/uploads/" + mediaID + ".info", 404},
		{"GET", "/secret", 404},
		{"PUT", "/uploads/" + mediaID, 405},
	} {
		res, body := p.send(c.method, c.path, ticket, nil, nil)
		if res.StatusCode != c.status {
			t.Errorf("%s %s: %s %s", c.method, c.path, res.Status, body)
		}
	}
	res, body := p.send("POST", "/uploads/"+mediaID, ticket, map[string]string{"X-HTTP-Method-Override": "DELETE"}, nil)
	p.want(res, body, 405, "")
}

func TestCORS(t *testing.T) {
	p := newPlace(t, nil)
	preflight := func(from string) *http.Response {
		res, _ := p.send("OPTIONS", "/uploads/", "", map[string]string{
			"Origin": from, "Access-Control-Request-Method": "POST",
			"Access-Control-Request-Headers": "authorization,tus-resumable,upload-length,upload-metadata",
		}, nil)
		return res
	}
	if h := preflight(origin).Header; h.Get("Access-Control-Allow-Origin") != origin || h.Get("Access-Control-Allow-Headers") == "" {
		t.Errorf("%v", h)
	}
	for _, wrong := range []string{"https://evil.example", origin + ".evil.example", "http://wall.example", origin + ":444", "null"} {
		if h := preflight(wrong).Header; h.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s is let in: %v", wrong, h)
		}
	}
	res, _ := p.send("POST", "/uploads/", p.ticket(nil), map[string]string{"Origin": origin, "Upload-Length": "10"}, nil)
	for _, name := range []string{"Location", "Upload-Offset", "Tus-Resumable"} {
		if !strings.Contains(strings.Join(res.Header.Values("Access-Control-Expose-Headers"), ","), name) {
			t.Errorf("%s is not exposed: %v", name, res.Header)
		}
	}
	res, body := p.send("POST", "/uploads/", "", map[string]string{"Origin": origin}, nil)
	p.want(res, body, 401, "ticket_missing")
	if res.Header.Get("Access-Control-Allow-Origin") != origin {
		t.Error("the page cannot read the problem")
	}
	if res.Header.Get("Access-Control-Allow-Credentials") != "" {
		t.Error("credentials are allowed")
	}
	res, _ = p.send("OPTIONS", "/uploads/", "", nil, nil)
	if res.StatusCode != 200 || res.Header.Get("Tus-Version") == "" || !strings.Contains(res.Header.Get("Tus-Extension"), "termination") {
		t.Errorf("%s %v", res.Status, res.Header)
	}
}

// TestRestart: what was acknowledged is there, and what was torn is not in the
// way.
func TestRestart(t *testing.T) {
	p := newPlace(t, nil)
	ticket := p.ticket(nil)
	p.create(ticket, 10)
	p.patch(ticket, 0, []byte("01234"))
	secret := p.quarantine.Secret()
	torn := filepath.Join(p.dir, "uploads", otherID)
	for path, content := range map[string]string{torn: "half", torn + ".info": `{"ID":`, filepath.Join(p.dir, "work", "variants-1"): "x"} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := uploads.OpenQuarantine(p.dir); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("two at a time: %v", err)
	}
	if err := p.quarantine.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := uploads.OpenQuarantine(p.dir)
	if err != nil {
		t.Fatal(err)
	}
	p.quarantine = again
	if !bytes.Equal(again.Secret(), secret) {
		t.Error("the secret changed")
	}
	all, err := again.All()
	if err != nil || len(all) != 1 || all[0].Offset != 5 || all[0].ID != mediaID {
		t.Errorf("%+v, %v", all, err)
	}
	if left, _ := os.ReadDir(again.WorkDir()); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if _, err := again.Find(otherID); !errors.Is(err, media.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

func TestOnlyTheFirstOutcomeCounts(t *testing.T) {
	p := newPlace(t, nil)
	p.create(p.ticket(nil), 10)
	first := media.Outcome{Refusal: media.Abandoned}
	for _, o := range []media.Outcome{first, {Refusal: media.Damaged}} {
		got, err := p.quarantine.Decide(mediaID, o)
		if err != nil || got.Refusal != first.Refusal {
			t.Errorf("%+v, %v", got, err)
		}
	}
	if err := p.quarantine.Forget(mediaID); err != nil {
		t.Fatal(err)
	}
	if _, err := p.quarantine.Find(mediaID); !errors.Is(err, media.ErrNotFound) {
		t.Errorf("got %v", err)
	}
	if _, err := p.quarantine.Decide(mediaID, first); !errors.Is(err, media.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

// TestAnotherBoardsUploadOfTheSameIDIsNotBarred: clients make ids, and what one board
// has erased is nothing of another's.
func TestAnotherBoardsUploadOfTheSameIDIsNotBarred(t *testing.T) {
	p := newPlace(t, nil)
	ticket := p.ticket(nil)
	p.create(ticket, 10)
	if err := p.quarantine.Bar("0190a6a0-0000-7000-8000-00000000beef", mediaID); err != nil {
		t.Fatal(err)
	}
	res, body := p.patch(ticket, 0, []byte("0123456789"))
	p.want(res, body, http.StatusNoContent, "")
	if r := p.record(); r.Outcome != nil || !r.Arrived() {
		t.Fatalf("it ended as %+v", r.Outcome)
	}
	if err := p.quarantine.Bar(boardID, mediaID); err != nil {
		t.Fatal(err)
	}
	if r := p.record(); r.Outcome == nil || r.Outcome.Refusal != media.Erased {
		t.Fatalf("its own board has it erased, and it is %+v", r.Outcome)
	}
}
