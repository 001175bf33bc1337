package app_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"fresque.dev/services/board/app"
	"fresque.dev/services/internal/natstest"
)

// impatient is a service that waits for nobody for long.
func impatient(t *testing.T) *service {
	t.Helper()
	cfg := app.LocalConfig(t)
	cfg.Waits = app.Waits{Read: 700 * time.Millisecond, Write: 700 * time.Millisecond, Idle: 700 * time.Millisecond}
	return start(t, cfg, natstest.Start(t))
}

// dial opens a connection on which anything can be said.
func (s *service) dial() net.Conn {
	s.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.base, "http://"))
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// TestWhoDawdlesIsCutOffAndOthersAreServed: heads and bodies that come a byte at a
// time, a thousand connections on which nothing comes, and answers that nobody
// reads. Whoever is quick is served meanwhile.
func TestWhoDawdlesIsCutOffAndOthersAreServed(t *testing.T) {
	s := impatient(t)
	ada := s.writer("Ada")
	idle := make([]net.Conn, 1000)
	for i := range idle {
		idle[i] = s.dial()
	}
	ended := make(chan string)
	trickle := func(name, head string, drip func(conn net.Conn) error) {
		conn := s.dial()
		go func() {
			_, err := io.WriteString(conn, head)
			for end := time.Now().Add(time.Minute); err == nil || errors.Is(err, os.ErrDeadlineExceeded); {
				if time.Now().After(end) {
					ended <- name + " goes on"
					return
				}
				time.Sleep(20 * time.Millisecond)
				err = drip(conn)
			}
			ended <- ""
		}()
	}
	byByte := func(conn net.Conn) error {
		_, err := conn.Write([]byte("a"))
		return err
	}
	trickle("a head", "GET /livez HTTP/1.1\r\nHost: x\r\nX-A: ", byByte)
	trickle("a head of many lines", "GET /livez HTTP/1.1\r\n", func(conn net.Conn) error {
		_, err := io.WriteString(conn, "A: b\r\n")
		return err
	})
	body := "POST " + wall + "/posts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + ada + "\r\nContent-Type: application/json\r\n"
	trickle("a body", body+"Content-Length: 100000\r\n\r\n{", byByte)
	trickle("a body in chunks", body+"Transfer-Encoding: chunked\r\n\r\n", func(conn net.Conn) error {
		_, err := io.WriteString(conn, "1\r\na\r\n")
		return err
	})
	trickle("a reader that reads nothing", "", func(conn net.Conn) error {
		_ = conn.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
		_, err := io.WriteString(conn, strings.Repeat("GET /api/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n", 50))
		return err
	})
	for range 5 {
		for served := false; !served; {
			s.call("POST", wall+"/posts", ada, map[string]any{"title": "x"}).wants(t, 201, "")
			s.call("GET", wall+"/snapshot", ada, nil).wants(t, 200, "")
			select {
			case fault := <-ended:
				if served = true; fault != "" {
					t.Error(fault)
				}
			default:
			}
		}
	}
	for _, conn := range idle {
		_ = conn.SetReadDeadline(time.Now().Add(time.Minute))
		if _, err := io.Copy(io.Discard, conn); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatal("a connection on which nothing comes is kept")
		}
	}
}

// say sends bytes, and gives all that is answered until the connection is closed.
func (s *service) say(text string) []*http.Response {
	s.t.Helper()
	conn := s.dial()
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	_, _ = io.WriteString(conn, text)
	var out []*http.Response
	for r := bufio.NewReader(conn); ; {
		res, err := http.ReadResponse(r, nil)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			s.t.Fatalf("the connection stays open after %.200q", text)
		}
		if err != nil {
			return out
		}
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
		out = append(out, res)
	}
}

// TestNoRequestHidesInAnother: two who read the same bytes, a proxy and the
// service, agree on where a request ends, or the service answers no second one.
func TestNoRequestHidesInAnother(t *testing.T) {
	s := impatient(t)
	const hidden = "GET /version HTTP/1.1\r\nHost: x\r\n\r\n"
	post := "POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
	for name, text := range map[string]string{
		"a length and chunks":            post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden,
		"chunks and a length":            post + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + hidden,
		"two lengths":                    post + "Content-Length: 0\r\nContent-Length: 45\r\n\r\n" + hidden,
		"a list of lengths":              post + "Content-Length: 0, 45\r\n\r\n" + hidden,
		"a signed length":                post + "Content-Length: +0\r\n\r\n" + hidden,
		"a negative length":              post + "Content-Length: -1\r\n\r\n" + hidden,
		"a length in hexadecimal":        post + "Content-Length: 0x0\r\n\r\n" + hidden,
		"a length that overflows":        post + "Content-Length: 99999999999999999999\r\n\r\n" + hidden,
		"a coding that is none":          post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + hidden,
		"two codings":                    post + "Transfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n" + hidden,
		"a space before the colon":       post + "Transfer-Encoding : chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + hidden,
		"a folded line":                  post + "X-A: b\r\n Content-Length: 0\r\nContent-Length: 36\r\n\r\n" + hidden,
		"a chunk that overflows":         post + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n" + hidden,
		"a chunk with a sign":            post + "Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n" + hidden,
		"a return alone within a header": post + "X-A: b\rContent-Length: 45\r\nContent-Length: 0\r\n\r\n" + hidden,
	} {
		t.Run(name, func(t *testing.T) {
			answers := s.say(text)
			if len(answers) > 1 {
				t.Fatalf("what was hidden was answered: %d answers, the first %s", len(answers), answers[0].Status)
			}
			if len(answers) == 1 && (answers[0].StatusCode < 400 || answers[0].StatusCode > 499) {
				t.Errorf("answered %s", answers[0].Status)
			}
		})
	}
	if answers := s.say("GET /version HTTP/1.1\r\nHost: x\r\n\r\n" + hidden); len(answers) != 2 {
		t.Fatalf("two requests have %d answers", len(answers))
	}
}

// TestWhatIsTooMuchIsRefused: heads, lines of them, depth, length; and nothing that
// is odd in an address is found or fails.
func TestWhatIsTooMuchIsRefused(t *testing.T) {
	s := impatient(t)
	ada := s.writer("Ada")
	many := new(strings.Builder)
	for n := range 5000 {
		fmt.Fprintf(many, "X-%d: y\r\n", n)
	}
	for name, head := range map[string]string{"a long line": "X-A: " + strings.Repeat("a", 1<<20) + "\r\n", "many lines": many.String(), "a long address": ""} {
		path := "/livez"
		if head == "" {
			path = "/" + strings.Repeat("a", 1<<20)
		}
		for _, a := range s.say("GET " + path + " HTTP/1.1\r\nHost: x\r\n" + head + "\r\n") {
			if a.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
				t.Errorf("%s answers %s", name, a.Status)
			}
		}
	}
	deep := strings.Repeat("[", 400_000) + strings.Repeat("]", 400_000)
	for _, body := range []string{deep, `{"title":` + deep + `}`, `{"title":"x","attachments":` + deep + `}`, strings.Repeat(`{"a":`, 100_000), `{"title":"` + "\xff\xfe" + `","attachments":[{}]}`, ""} {
		if a := s.call("POST", wall+"/posts", ada, body); a.status < 400 || a.status > 499 {
			t.Errorf("%.40q answers %d %.200s", body, a.status, a.raw)
		}
	}
	if head := s.announce("POST", wall+"/posts", ada, 2<<20); !strings.HasPrefix(head, "HTTP/1.1 413") {
		t.Errorf("a body that is too long answers %s", head)
	}
	for _, path := range []string{
		"//api/v1/boards/" + wallID, "/api/v1//boards/" + wallID, "/api/v1/boards/../boards/" + wallID, "/api/v1/boards/%2e%2e/" + wallID,
		"/api/v1/boards/" + wallID + "%00", "/api/v1/boards/" + wallID + ";x", "/api/v1/boards/" + wallID + `\snapshot`, "/API/V1/boards/" + wallID,
		"/api/v1/boards/" + strings.ToUpper(wallID) + "x", "/api/v1/boards/%ff%fe/snapshot", "/api/v1/boards/$where/snapshot", "/api/v1/boards/" + wallID + "/posts/%27%20OR%201=1", "/%2e%2e/%2e%2e/etc/passwd",
	} {
		for _, token := range []string{"", ada} {
			for _, a := range s.say("GET " + path + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + token + "\r\nConnection: close\r\n\r\n") {
				if a.StatusCode < 400 || a.StatusCode > 499 {
					t.Errorf("GET %s answers %s", path, a.Status)
				}
			}
		}
	}
	// An address has one way to be written: nobody is counted elsewhere by another.
	for _, path := range []string{"/API/v1/sessions", "/api/v1/Sessions"} {
		if a := s.call("POST", path, "", map[string]any{"code": "222222"}); a.status != 404 {
			t.Errorf("%s answers %d", path, a.status)
		}
	}
}
