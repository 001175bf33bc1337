package app

import (
	"net"
	"net/netip"
	"sync"
	"sync/atomic"

	"github.com/valyala/fasthttp"

	"fresque.dev/services/board/internal/httpapi"
)

// connections is a listener that takes so many connections at a time, and so many
// of one address. One too many is closed without a word: whoever opens thousands
// does not read. A connection that a live stream has taken over counts there.
type connections struct {
	net.Listener
	limits  Limits
	proxies httpapi.Proxies

	mu  sync.Mutex
	all int
	of  map[string]int
	// by tells as whose a connection was counted.
	by map[net.Conn]string
}

func newConnections(l net.Listener, limits Limits, proxies httpapi.Proxies) *connections {
	return &connections{Listener: l, limits: limits, proxies: proxies, of: make(map[string]int), by: make(map[net.Conn]string)}
}

// Accept gives the next connection that is not one too many.
func (l *connections) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		held := &connection{Conn: conn}
		if l.admit(held) {
			return held, nil
		}
		_ = conn.Close()
	}
}

func (l *connections) admit(conn net.Conn) bool {
	// All of a proxy's are those of many people; nobody is "" by address.
	var who string
	if from, err := netip.ParseAddrPort(conn.RemoteAddr().String()); err == nil && !l.proxies.Trusts(from.Addr()) {
		who = httpapi.Neighbourhood(from.Addr())
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all >= l.limits.Connections || who != "" && l.of[who] >= l.limits.AddressConnections {
		return false
	}
	l.all++
	l.of[who]++
	l.by[conn] = who
	return true
}

func (l *connections) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all
}

// changed is told by the server what becomes of a connection.
func (l *connections) changed(conn net.Conn, state fasthttp.ConnState) {
	if state != fasthttp.StateClosed && state != fasthttp.StateHijacked {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	who, counted := l.by[conn]
	if !counted {
		return
	}
	delete(l.by, conn)
	l.all--
	if l.of[who]--; l.of[who] == 0 {
		delete(l.of, who)
	}
}

// connection is the server's until a live stream takes it: the server, which then
// closes it, uses again what it read its request with.
type connection struct {
	net.Conn
	taken atomic.Bool
}

// Take gives the connection itself, which whoever takes it is to close.
func (c *connection) Take() net.Conn {
	c.taken.Store(true)
	return c.Conn
}

// Close closes the connection, unless it was taken.
func (c *connection) Close() error {
	if c.taken.Load() {
		return nil
	}
	return c.Conn.Close()
}
