package app_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"fresque.dev/services/board/app"
	"fresque.dev/services/internal/natstest"
)

// limited runs replicas with limits of a test's own, in the middle of a minute
// whose end it does not see.
func limited(t *testing.T, replicas int, set func(*app.Config)) ([]*service, *natstest.Server) {
	t.Helper()
	events := natstest.Start(t)
	cfg := app.LocalConfig(t)
	set(&cfg)
	at := time.Now().UTC().Truncate(time.Minute).Add(15 * time.Second)
	out := make([]*service, replicas)
	for i := range out {
		out[i] = startWith(t, cfg, events, app.Deps{Now: func() time.Time { return at }})
	}
	return out, events
}

// TestAPersonCallsSoOftenAndNoMore, at all replicas together, and is told; others
// at the same address go on.
func TestAPersonCallsSoOftenAndNoMore(t *testing.T) {
	replicas, events := limited(t, 2, func(c *app.Config) { c.SessionWrites, c.SessionReads = 12, 6 })
	s := replicas[0]
	ada, zoe := s.writer("Ada"), s.writer("Zoé")
	post := func(at *service, who string) answer {
		t.Helper()
		return at.call("POST", wall+"/posts", who, map[string]any{"title": "x"})
	}
	first := post(s, ada).wants(t, 201, "")
	if first.header.Get("RateLimit-Limit") != "12" || first.header.Get("RateLimit-Remaining") != "11" || first.header.Get("RateLimit-Reset") != "45" {
		t.Errorf("told %v", first.header)
	}
	passed := 1
	for n := range 40 {
		switch a := post(replicas[n%2], ada); a.status {
		case 201:
			passed++
		case 429:
			a.wants(t, 429, "rate_limited")
			if a.header.Get("Retry-After") != "45" || a.header.Get("RateLimit-Remaining") != "0" {
				t.Errorf("told %v", a.header)
			}
		default:
			t.Fatalf("answered %d %s", a.status, a.raw)
		}
	}
	// Each replica may be late by one share of the limit.
	if passed < 12 || passed > 15 {
		t.Errorf("%d of 12 passed", passed)
	}
	post(s, zoe).wants(t, 201, "")
	for range 6 {
		s.call("GET", wall+"/snapshot", ada, nil).wants(t, 200, "")
	}
	refused := s.call("GET", wall+"/snapshot", ada, nil).wants(t, 429, "rate_limited")
	if refused.header.Get("Retry-After") != "45" {
		t.Errorf("told %v", refused.header)
	}
	if status, code := s.peek(wall+"/events", ada); status != 429 || code != "rate_limited" {
		t.Errorf("a stream answers %d %s", status, code)
	}
	// Without NATS each replica goes by its own count: nobody is shut out.
	events.Stop()
	mia := s.writer("Mia")
	for range 12 {
		if a := post(s, mia); a.status == 429 {
			t.Fatalf("refused: %s", a.raw)
		}
	}
	post(s, mia).wants(t, 429, "rate_limited")
}

// TestASchoolBehindOneAddressComesInAtOnce with what is there unless an operator
// says otherwise; a flood from one does not.
func TestASchoolBehindOneAddressComesInAtOnce(t *testing.T) {
	replicas, _ := limited(t, 1, func(c *app.Config) { c.Limits = app.Default().Limits })
	s := replicas[0]
	people := 500
	if testing.Short() {
		people = 50
	}
	for n := range people {
		token := s.writer(fmt.Sprint("P", n))
		s.call("GET", wall+"/snapshot", token, nil).wants(t, 200, "")
	}
	flood, _ := limited(t, 1, func(c *app.Config) { c.AddressCalls, c.AddressSessions = 20, 5 })
	s = flood[0]
	for range 5 {
		s.call("POST", "/api/v1/sessions", "", map[string]any{"code": "222222"}).wants(t, 401, "code_invalid")
	}
	s.call("POST", "/api/v1/sessions", "", map[string]any{"code": "222222"}).wants(t, 429, "rate_limited")
	s.call("POST", "/api/v1/account/sessions", "", map[string]any{"login": "a", "password": "b"}, "Fresque-Account", "1").wants(t, 429, "rate_limited")
	for range 13 {
		s.call("GET", wall, "", nil).wants(t, 401, "session_missing")
	}
	a := s.call("GET", wall, "", nil).wants(t, 429, "rate_limited")
	if a.header.Get("Retry-After") != "45" || a.header.Get("RateLimit-Limit") != "20" {
		t.Errorf("told %v", a.header)
	}
	// Whoever watches over the process is always answered.
	s.call("GET", "/livez", "", nil).wants(t, 200, "")
}

// TestSoManyStreamsAtATime: of a person, and what has ended is free again.
func TestSoManyStreamsAtATime(t *testing.T) {
	replicas, _ := limited(t, 1, func(c *app.Config) { c.SessionStreams, c.AddressStreams = 2, 3 })
	s := replicas[0]
	ada, zoe := s.writer("Ada"), s.writer("Zoé")
	open := func(who string) *http.Response { return s.stream(wall+"/events", who, "") }
	one, two := open(ada), open(ada)
	if status, code := s.peek(wall+"/events", ada); status != 429 || code != "too_many_streams" {
		t.Errorf("one too many answers %d %s", status, code)
	}
	if res := open(zoe); res.StatusCode != 200 {
		t.Errorf("another answers %d", res.StatusCode)
	}
	if status, code := s.peek(wall+"/events", zoe); status != 429 || code != "too_many_streams" {
		t.Errorf("one too many of the address answers %d %s", status, code)
	}
	for _, res := range []*http.Response{one, two} {
		_ = res.Body.Close()
	}
	s.until(func() bool {
		// What is written to a stream tells that nobody reads it.
		s.call("POST", wall+"/posts", zoe, map[string]any{"title": "x"}).wants(t, 201, "")
		res := open(ada)
		_ = res.Body.Close()
		return res.StatusCode == 200
	})
}

// until waits for what must come.
func (s *service) until(holds func() bool) {
	s.t.Helper()
	for end := time.Now().Add(30 * time.Second); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			s.t.Fatal("it does not come")
		}
	}
}

// TestSoManyConnectionsOfOneAddress: those that are over are free again, those of
// a proxy are many people's, and a stream is not counted among them.
func TestSoManyConnectionsOfOneAddress(t *testing.T) {
	for name, trusted := range map[string][]string{"of a person": nil, "of a proxy": {"127.0.0.1"}} {
		t.Run(name, func(t *testing.T) {
			replicas, _ := limited(t, 1, func(c *app.Config) { c.AddressConnections, c.Connections, c.TrustedProxies = 3, 6, trusted })
			s := replicas[0]
			http.DefaultTransport.(*http.Transport).CloseIdleConnections()
			most := 3
			if trusted != nil {
				most = 6
			}
			var conns []net.Conn
			alive := func(conn net.Conn) bool {
				_, _ = io.WriteString(conn, "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
				_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
				res, err := http.ReadResponse(bufio.NewReader(conn), nil)
				return err == nil && res.StatusCode == 200
			}
			dial := func() net.Conn {
				conn, err := net.Dial("tcp", strings.TrimPrefix(s.base, "http://"))
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = conn.Close() })
				return conn
			}
			s.until(func() bool {
				conn := dial()
				if alive(conn) {
					conns = append(conns, conn)
				}
				return len(conns) == most
			})
			if alive(dial()) {
				t.Fatalf("connection %d is served", most+1)
			}
			_ = conns[0].Close()
			s.until(func() bool { return alive(dial()) })
		})
	}
}

// TestLimitsAreSettings, each by its name.
func TestLimitsAreSettings(t *testing.T) {
	t.Setenv("FRESQUE_BOARD_MASTER_KEY", app.LocalConfig(t).MasterKey)
	args := []string{"-store", "sqlite:x"}
	for n, name := range []string{"address-calls", "address-sessions", "address-streams", "session-writes", "session-reads", "session-streams", "streams", "connections", "address-connections"} {
		args = append(args, "-"+name, strconv.Itoa(n+1))
	}
	cfg, err := app.Load(args, io.Discard)
	if err != nil || cfg.Limits != (app.Limits{1, 2, 3, 4, 5, 6, 7, 8, 9}) {
		t.Fatalf("%+v, %v", cfg.Limits, err)
	}
}
