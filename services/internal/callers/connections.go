package callers

import (
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
)

// Connections is a listener that takes so many connections at a time, and so many
// of one address. One too many is closed without a word: whoever opens thousands
// does not read.
type Connections struct {
	net.Listener
	// most are those of all, and each those of one address; those of trusted proxies
	// have no such limit.
	most, each int
	proxies    Proxies

	mu  sync.Mutex
	all int
	of  map[string]int
}

// NewConnections bounds the connections of a listener.
func NewConnections(l net.Listener, most, each int, proxies Proxies) *Connections {
	return &Connections{Listener: l, most: most, each: each, proxies: proxies, of: make(map[string]int)}
}

// Accept gives the next connection that is not one too many, a *Connection.
func (l *Connections) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if held := l.admit(conn); held != nil {
			return held, nil
		}
		_ = conn.Close()
	}
}

func (l *Connections) admit(conn net.Conn) *Connection {
	// All of a proxy's are those of many people; nobody is "" by address.
	var who string
	if from, err := netip.ParseAddrPort(conn.RemoteAddr().String()); err == nil && !l.proxies.Trusts(from.Addr()) {
		who = neighbourhood(from.Addr())
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all >= l.most || who != "" && l.of[who] >= l.each {
		return nil
	}
	l.all++
	l.of[who]++
	return &Connection{Conn: conn, leave: sync.OnceFunc(func() { l.leave(who) })}
}

func (l *Connections) leave(who string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all--
	if l.of[who]--; l.of[who] == 0 {
		delete(l.of, who)
	}
}

// Count is how many there are now.
func (l *Connections) Count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all
}

// Connection is the server's, and counted, until it is closed or somebody takes
// it, as a live stream does: the server, which then closes it, uses again what it
// read its request with.
type Connection struct {
	net.Conn
	leave func()
	taken atomic.Bool
}

// Take gives the connection itself, which whoever takes it is to close.
func (c *Connection) Take() net.Conn {
	c.taken.Store(true)
	c.leave()
	return c.Conn
}

// Close closes the connection, unless it was taken.
func (c *Connection) Close() error {
	if c.taken.Load() {
		return nil
	}
	c.leave()
	return c.Conn.Close()
}
