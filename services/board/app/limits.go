package app

import (
	"time"

	"fresque.dev/services/board/internal/httpapi"
	"fresque.dev/services/internal/settings"
)

// Limits bound whoever calls; a process that holds the service has the same
// settings. Those of a minute are of all replicas together, those at a time of
// each.
type Limits struct {
	// AddressCalls, AddressSessions and AddressStreams are those of one address,
	// which a whole school may share.
	AddressCalls, AddressSessions, AddressStreams int
	// SessionWrites, SessionReads and SessionStreams are those of one person.
	SessionWrites, SessionReads, SessionStreams int
	// Streams are the live streams of all, Connections the connections besides them
	// and AddressConnections those of one address.
	Streams, Connections, AddressConnections int
}

// Waits bound how long the server waits for a client; only tests change them.
type Waits struct {
	// Read is for a whole request, from its first byte, and for that byte on a new
	// connection; Write is for each answer, and Idle for the next request.
	Read, Write, Idle time.Duration
}

func defaultWaits() Waits {
	return Waits{Read: 20 * time.Second, Write: 60 * time.Second, Idle: 75 * time.Second}
}

func defaultLimits() Limits {
	return Limits{
		AddressCalls: 30_000, AddressSessions: 6000, AddressStreams: 4000,
		SessionWrites: 600, SessionReads: 900, SessionStreams: 30,
		Streams: 40_000, Connections: 10_000, AddressConnections: 4000,
	}
}

// Declare reads them.
func (l *Limits) Declare(s *settings.Set) {
	const most = 10_000_000
	s.Int(&l.AddressCalls, "ADDRESS_CALLS", "requests of one address in a minute; a school may share one", 1, most)
	s.Int(&l.AddressSessions, "ADDRESS_SESSIONS", "requests of one address in a minute that open or renew sessions", 1, most)
	s.Int(&l.AddressStreams, "ADDRESS_STREAMS", "live streams of one address at a time", 1, most)
	s.Int(&l.SessionWrites, "SESSION_WRITES", "requests of one person in a minute that change something", 1, most)
	s.Int(&l.SessionReads, "SESSION_READS", "requests of one person in a minute that read", 1, most)
	s.Int(&l.SessionStreams, "SESSION_STREAMS", "live streams of one person at a time", 1, most)
	s.Int(&l.Streams, "STREAMS", "live streams at a time", 1, most)
	s.Int(&l.Connections, "CONNECTIONS", "connections at a time, besides live streams", 1, most)
	s.Int(&l.AddressConnections, "ADDRESS_CONNECTIONS", "connections of one address at a time, besides live streams; trusted proxies have no such limit", 1, most)
}

func (l Limits) limits() httpapi.Limits {
	return httpapi.Limits{
		AddressCalls: l.AddressCalls, AddressSessions: l.AddressSessions, SessionWrites: l.SessionWrites, SessionReads: l.SessionReads,
		AddressStreams: l.AddressStreams, SessionStreams: l.SessionStreams, Streams: l.Streams,
	}
}
