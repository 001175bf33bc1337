package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"fresque.dev/services/internal/callers"
	"fresque.dev/services/internal/problem"
	"fresque.dev/services/internal/token"
	"fresque.dev/services/media/app"
)

// flood is from where a flood comes; everybody else comes from where the test is.
const flood = "203.0.113.7"

// crowd is a fleet whose callers are counted in a minute that the test ends.
func crowd(t *testing.T, limits app.Limits) (f *fleet, nextMinute func()) {
	f = newFleet(t)
	var minutes atomic.Int64
	from := time.Now().Truncate(time.Minute).Add(15 * time.Second)
	f.now = func() time.Time { return from.Add(time.Duration(minutes.Load()) * time.Minute) }
	f.set = func(c *app.Config) { c.Limits, c.TrustedProxies = limits, []string{"127.0.0.0/8"} }
	return f, func() { minutes.Add(1) }
}

// ask makes a request as one of a flood.
func (f *fleet) ask(method, url, id string, header map[string]string, body io.Reader) (*http.Response, problem.Problem, error) {
	req, err := http.NewRequestWithContext(f.t.Context(), method, url, body)
	if err != nil {
		f.t.Fatal(err)
	}
	for name, value := range header {
		req.Header.Set(name, value)
	}
	req.Header.Set(callers.ForwardedFor, flood)
	req.Header.Set("Tus-Resumable", "1.0.0")
	req.Header.Set("Accept-Language", "en")
	if id != "" {
		req.Header.Set("Authorization", "Bearer "+f.ticket(id))
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, problem.Problem{}, err
	}
	defer res.Body.Close()
	var said problem.Problem
	raw, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode >= 400 && method != http.MethodHead {
		err = json.Unmarshal(raw, &said)
	}
	return res, said, err
}

// waits checks a refusal for now.
func waits(t *testing.T, res *http.Response, said problem.Problem, code string) {
	t.Helper()
	if res.StatusCode != http.StatusTooManyRequests || res.Header.Get("Retry-After") != "45" {
		t.Errorf("%s %v", res.Status, res.Header)
	}
	if res.Request.Method == http.MethodHead {
		return
	}
	if res.Header.Get("Content-Type") != problem.ContentType || said.Code != code || said.Detail == "" {
		t.Errorf("%v %+v", res.Header, said)
	}
}

// TestAFloodOfUploadsIsRefusedAndOthersGoOn: one address with as many people as it
// likes begins uploads and sends all it can to two replicas. It is held to what one
// address may, without memory growing; another address sends its files meanwhile;
// in the next minute what the first began goes on where it was.
func TestAFloodOfUploadsIsRefusedAndOthersGoOn(t *testing.T) {
	const (
		starts, mib = 40, 8
		each        = 8 << 20
	)
	f, nextMinute := crowd(t, app.Limits{AddressFiles: 10_000, AddressUploads: starts, AddressMiB: mib})
	one, two := f.in("one", f.start), f.in("two", f.start)
	f.ingress.to(t, one, two)

	var begun []string
	for n := range 3 * starts {
		id := f.newID()
		f.said[id] = token.Claims{Kinds: []string{"video"}, RegisteredClaims: jwt.RegisteredClaims{Subject: fmt.Sprint("somebody ", n)}}
		res, said, err := f.ask("POST", f.client.uploads, id, map[string]string{"Upload-Length": strconv.Itoa(each)}, nil)
		switch {
		case err != nil:
			t.Fatal(err)
		case res.StatusCode == http.StatusCreated:
			begun = append(begun, id)
		default:
			waits(t, res, said, "upload_address_full")
		}
	}
	// Each replica is late by a part; without the other's count each had let all pass.
	if len(begun) < starts || len(begun) > starts*3/2 {
		t.Errorf("%d uploads began, of %d", len(begun), starts)
	}

	var others, flooding sync.WaitGroup
	file := small(t)
	classmates := make([]string, 6)
	for n := range classmates {
		classmates[n] = f.newID()
		others.Go(func() { f.client.uploadAs(classmates[n], file) })
	}
	var before, now runtime.MemStats
	runtime.ReadMemStats(&before)
	body := make([]byte, each)
	for _, id := range begun {
		flooding.Go(func() {
			res, said, err := f.ask("PATCH", f.client.uploads+id, id, map[string]string{
				"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream",
			}, bytes.NewReader(body))
			// Who goes on sending may find the door closed before the answer is read.
			if err == nil && res.StatusCode != http.StatusNoContent && res.StatusCode != http.StatusBadGateway {
				waits(t, res, said, "upload_address_full")
			}
		})
	}
	flooding.Wait()
	others.Wait()
	runtime.ReadMemStats(&now)
	if grown := int64(now.HeapAlloc) - int64(before.HeapAlloc); grown > 128<<20 {
		t.Errorf("the heap has grown by %d MiB", grown>>20)
	}
	came, whole := int64(0), 0
	for _, s := range []*service{one, two} {
		for _, id := range begun {
			if info, err := os.Stat(filepath.Join(s.dir, "uploads", id)); err == nil {
				came += info.Size()
				if info.Size() == each {
					whole++
				}
			}
		}
	}
	// What each had read when it was told, and a replica's own count of the rest.
	if most := int64(2*mib<<20 + len(begun)*(256<<10)); came > most || whole == len(begun) {
		t.Errorf("%d MiB came of %d, and %d files wholly", came>>20, mib, whole)
	}
	for _, id := range classmates {
		f.ready(id)
	}
	for range 2 {
		res, said, err := f.ask("HEAD", f.client.uploads+begun[0], begun[0], nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		waits(t, res, said, "")
	}

	nextMinute()
	rest := ""
	for _, id := range begun {
		res, _, err := f.ask("HEAD", f.client.uploads+id, id, nil, nil)
		if err != nil || res.StatusCode != http.StatusOK {
			t.Fatalf("%v %v", res, err)
		}
		if at := res.Header.Get("Upload-Offset"); at != strconv.Itoa(each) {
			rest = id
			n, _ := strconv.Atoi(at)
			f.until("the rest of what was cut", func() error {
				res, _, err := f.ask("PATCH", f.client.uploads+id, id, map[string]string{
					"Upload-Offset": at, "Content-Type": "application/offset+octet-stream",
				}, bytes.NewReader(body[n:]))
				if err == nil && res.StatusCode != http.StatusNoContent {
					err = fmt.Errorf("answered %s", res.Status)
				}
				return err
			})
			break
		}
	}
	if rest == "" {
		t.Error("nothing was cut")
	}
}

// TestAnAddressAsksSoOftenAndNoMore, for files and about uploads, at all replicas
// together; whoever watches over the service is always answered.
func TestAnAddressAsksSoOftenAndNoMore(t *testing.T) {
	const most = 40
	f, nextMinute := crowd(t, app.Limits{AddressFiles: most, AddressUploads: 100, AddressMiB: 1000})
	one, two := f.in("one", f.start), f.in("two", f.start)
	addresses := []string{one.addr + "/m/a/b/c/w640.webp", two.addr + "/m/a/b/c/w640.webp", one.uploads, two.uploads}
	flooding := func() (passed int) {
		for n := range 3 * most {
			method := "GET"
			if n%4 > 1 {
				method = "POST"
			}
			// Who claims to be another replica is counted, too.
			res, said, err := f.ask(method, addresses[n%4], "", map[string]string{"Fresque-Forwarded": "0123456789abcdef 00"}, nil)
			switch {
			case err != nil:
				t.Fatal(err)
			case res.StatusCode == http.StatusTooManyRequests:
				waits(t, res, said, "rate_limited")
			default:
				passed++
			}
		}
		return passed
	}
	for range 2 {
		if passed := flooding(); passed < most/2 || passed > most*3/2 {
			t.Errorf("%d requests passed, of %d", passed, most)
		}
		if res, _ := one.get("/livez"); res.StatusCode != http.StatusOK {
			t.Errorf("/livez answers %s", res.Status)
		}
		if res, _ := one.get("/m/a/b/c/w640.webp"); res.StatusCode != http.StatusNotFound {
			t.Errorf("another address is answered %s", res.Status)
		}
		nextMinute()
	}
}

// TestOneAddressLeavesConnectionsToOthers: somebody holds all the connections that
// they get, and says nothing.
func TestOneAddressLeavesConnectionsToOthers(t *testing.T) {
	w := newWorld(t)
	w.set = func(c *app.Config) { c.Connections, c.AddressConnections = 6, 4 }
	s := w.start()
	for _, at := range []string{s.addr, strings.TrimSuffix(s.uploads, "/uploads/")} {
		silent := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}
		for range 20 {
			conn, err := silent.DialContext(t.Context(), "tcp", strings.TrimPrefix(at, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = conn.Close() })
			_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n")
		}
		res, err := http.Get(at + "/nothing")
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusNotFound {
			t.Errorf("%s answers %s", at, res.Status)
		}
	}
}
