package app

import (
	"crypto/hmac"
	"crypto/sha256"
	"time"

	"fresque.dev/services/internal/callers"
	"fresque.dev/services/internal/settings"
	"fresque.dev/services/media/internal/bounds"
)

// Limits bound one address in a minute, at all replicas together; a process that
// holds the service has the same settings.
type Limits struct {
	// AddressFiles are requests for files and about uploads, AddressUploads the
	// uploads that begin, and AddressMiB what comes of them.
	AddressFiles, AddressUploads, AddressMiB int
}

// DefaultLimits never refuse a class of 40 that comes by one address, whatever it
// does as fast as it can:
//
//   - requests: 40 people × a wall of 500 pictures that no browser has yet, opened
//     three times in the minute, are 60,000;
//   - uploads: 40 people × as many as one may begin in a minute at one replica, 4 ×
//     50 (UPLOADS_EACH), are 8,000: each is stopped by their own limit before all
//     of them are by this;
//   - what comes: a line of 1 Gbit/s brings 1,000,000,000 ÷ 8 × 60 bytes in a
//     minute, 7,153 MiB: who has such a line, and fills it, does not reach 8,192.
//     By a faster line 40 people send 200 MiB each, five minutes of a phone's
//     video, before the browsers wait for the next minute.
//
// A flood by one address costs a replica of two no more than that: 500 requests
// and 67 uploads a second, and half of what such a line brings.
func DefaultLimits() Limits {
	return Limits{AddressFiles: 60_000, AddressUploads: 8000, AddressMiB: 8192}
}

// Declare reads them.
func (l *Limits) Declare(s *settings.Set) {
	const most = 10_000_000
	s.Int(&l.AddressFiles, "ADDRESS_FILES", "requests of one address in a minute for files and about uploads; a school may share one", 1, most)
	s.Int(&l.AddressUploads, "ADDRESS_UPLOADS", "uploads that one address begins in a minute", 1, most)
	s.Int(&l.AddressMiB, "ADDRESS_MIB", "MiB of uploads that come from one address in a minute", 1, most)
}

// Of the connections a class of 40 by one address opens 40 × 6 = 240, the most that
// a browser opens to one host; half a replica's, four classes, are the most of one
// address, so that none keeps the others out. An idle one ends in a minute.
const (
	defaultConnections        = 2048
	defaultAddressConnections = 1024
)

// bounds count for all replicas.
func (a *App) bounds(now func() time.Time) *bounds.Bounds {
	if now == nil {
		now = time.Now
	}
	l := bounds.Limits{Requests: a.cfg.AddressFiles, Uploads: a.cfg.AddressUploads, Bytes: a.cfg.AddressMiB << 20}
	return bounds.New(a.proxies, l, callers.OfMany(a.events.Calls(a.shared("addresses")), now))
}

// shared is a key of 32 bytes that all replicas have, and nobody else: each that
// may write to the object store.
func (a *App) shared(what string) []byte {
	mac := hmac.New(sha256.New, []byte(a.cfg.S3.SecretKey))
	mac.Write([]byte("fresque media " + what))
	return mac.Sum(nil)
}
