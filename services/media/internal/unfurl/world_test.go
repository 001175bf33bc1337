package unfurl_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"fresque.dev/services/media/internal/media"
	"fresque.dev/services/media/internal/unfurl"
)

// names is a DNS server over UDP. Of each name and type it gives the answers in
// turn, the last one for good.
type names struct {
	mu      sync.Mutex
	answers map[string][][]netip.Addr
	asked   map[string]int
	addr    string
}

func serveNames(t *testing.T) *names {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	n := &names{answers: map[string][][]netip.Addr{}, asked: map[string]int{}, addr: conn.LocalAddr().String()}
	var work sync.WaitGroup
	work.Go(func() {
		buf := make([]byte, 1500)
		for {
			size, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			if reply, err := n.reply(buf[:size]); err == nil {
				_, _ = conn.WriteTo(reply, from)
			}
		}
	})
	t.Cleanup(func() { _ = conn.Close(); work.Wait() })
	return n
}

// set makes a name answer with one list of addresses after the other.
func (n *names) set(name string, turns ...string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.answers[name+"."] = nil
	for _, turn := range turns {
		var list []netip.Addr
		for text := range strings.FieldsSeq(turn) {
			list = append(list, netip.MustParseAddr(text))
		}
		n.answers[name+"."] = append(n.answers[name+"."], list)
	}
}

// lookUps tells how often the IPv4 addresses of a name were asked for.
func (n *names) lookUps(name string) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.asked[name+"."]
}

func (n *names) reply(query []byte) ([]byte, error) {
	var p dnsmessage.Parser
	head, err := p.Start(query)
	if err != nil {
		return nil, err
	}
	q, err := p.Question()
	if err != nil {
		return nil, err
	}
	list := n.next(q.Name.String(), q.Type)
	m := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: head.ID, Response: true, Authoritative: true, RecursionAvailable: true},
		Questions: []dnsmessage.Question{q},
	}
	for _, a := range list {
		h := dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class}
		switch {
		case q.Type == dnsmessage.TypeA && a.Is4():
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: h, Body: &dnsmessage.AResource{A: a.As4()}})
		case q.Type == dnsmessage.TypeAAAA && a.Is6():
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: h, Body: &dnsmessage.AAAAResource{AAAA: a.As16()}})
		}
	}
	return m.Pack()
}

// next takes the turn with the question for IPv4, which is asked first.
func (n *names) next(name string, kind dnsmessage.Type) []netip.Addr {
	n.mu.Lock()
	defer n.mu.Unlock()
	turns := n.answers[name]
	if len(turns) == 0 {
		return nil
	}
	turn := n.asked[name]
	if kind == dnsmessage.TypeA {
		n.asked[name]++
	} else {
		turn--
	}
	return turns[min(max(turn, 0), len(turns)-1)]
}

// world is the outside: a web server, and names for it.
type world struct {
	*names
	mux *http.ServeMux
	// base is http://site.example:port and at is where it answers.
	base string
	at   netip.AddrPort
	mu   sync.Mutex
	hits []string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{names: serveNames(t), mux: http.NewServeMux()}
	s := httptest.NewServer(w)
	t.Cleanup(s.Close)
	w.at = netip.MustParseAddrPort(s.Listener.Addr().String())
	w.set("site.example", "127.0.0.1")
	w.base = "http://site.example:" + w.port()
	return w
}

// ServeHTTP notes who asks for what.
func (w *world) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	w.hits = append(w.hits, r.URL.Path)
	w.mu.Unlock()
	w.mux.ServeHTTP(rw, r)
}

func (w *world) port() string { return w.at.String()[strings.LastIndexByte(w.at.String(), ':')+1:] }

// served are the paths that were asked for.
func (w *world) served() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Join(w.hits, " ")
}

// page serves a page.
func (w *world) page(path, contentType, body string) {
	w.mux.HandleFunc(path, func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", contentType)
		_, _ = rw.Write([]byte(body))
	})
}

// redirect leads from a path to an address.
func (w *world) redirect(path, to string) {
	w.mux.HandleFunc(path, func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Location", to)
		rw.WriteHeader(http.StatusFound)
	})
}

// reader reads this world: its one server, besides what is public.
func (w *world) reader(t *testing.T, allow ...string) *unfurl.Reader {
	t.Helper()
	rules, err := unfurl.ParseRules(append(allow, w.at.String()), nil)
	if err != nil {
		t.Fatal(err)
	}
	return unfurl.NewReader(unfurl.Config{Resolver: unfurl.NewResolver(w.addr), Rules: rules, Agent: "Fresque/test"})
}

func read(t *testing.T, r *unfurl.Reader, url string) (media.Page, error) {
	t.Helper()
	return r.Read(context.Background(), media.Lookup{URL: url})
}

func wantRefused(t *testing.T, r *unfurl.Reader, url string) {
	t.Helper()
	if _, err := read(t, r, url); !errors.Is(err, unfurl.ErrRefused) {
		t.Errorf("%s: %v", url, err)
	}
}
