// Package natsconn is how every service reaches NATS: the settings, the
// connection that outlives outages, and what to mend when NATS says no.
package natsconn

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"fresque.dev/proto/subject"
	"fresque.dev/services/internal/nowait"
	"fresque.dev/services/internal/settings"
)

const (
	// A cluster's servers are tried one after another; the jitter keeps replicas
	// from coming back in one moment.
	reconnectWait   = 500 * time.Millisecond
	reconnectJitter = time.Second
	// pingEvery and pingsLost find a connection that is silently dead within 15 s.
	pingEvery = 5 * time.Second
	pingsLost = 2
	// dialWithin is how long a command waits for one server.
	dialWithin = 5 * time.Second
	// drainWithin bounds an orderly end.
	drainWithin = 5 * time.Second
	// sameAgain is how often the same trouble is told.
	sameAgain = time.Minute
)

// Who makes streams.
const (
	// MakeStreams has the services make their streams and keep them up to date.
	MakeStreams = "make"
	// CheckStreams leaves that to an administrator (fresquectl nats streams -apply);
	// the services say what differs.
	CheckStreams = "check"
)

// Config is how a service reaches NATS. A process that holds a service inside
// it hands over a connection instead.
type Config struct {
	// URL is one address or several with commas, nats:// or tls:// each.
	URL string
	// Credentials is the path of a credentials file (.creds); empty for none.
	Credentials string
	// User and Password are another way to say who this is.
	User, Password string
	// PasswordFile is where the password is read anew for each connection, so that it
	// may be changed without a restart; empty where it was given as a value.
	PasswordFile string
	// CA, Cert and Key are paths of PEM files: whom to trust, and what to show. They
	// are read anew for each connection.
	CA, Cert, Key string
	// ServerName is the name that the server's certificate must have, where it is
	// not that of the address.
	ServerName string
	// Streams is MakeStreams or CheckStreams.
	Streams string
}

// Default reaches a server on this machine.
func Default() Config { return Config{URL: "nats://127.0.0.1:4222", Streams: MakeStreams} }

// Declare reads the settings.
func (c *Config) Declare(s *settings.Set) {
	s.String(&c.URL, "NATS_URL", "addresses of NATS, with commas, nats://HOST:PORT or tls://HOST:PORT each")
	s.String(&c.Credentials, "NATS_CREDENTIALS", "path of the NATS credentials file")
	s.String(&c.User, "NATS_USER", "the service's name at NATS, where it has no credentials file")
	s.SecretFrom(&c.Password, &c.PasswordFile, "NATS_PASSWORD", "its password at NATS; the file is read anew for each connection")
	s.String(&c.CA, "NATS_CA", "path of the certificates (PEM) that NATS is trusted by; the system's when empty")
	s.String(&c.Cert, "NATS_CERT", "path of the certificate (PEM) that is shown to NATS")
	s.String(&c.Key, "NATS_KEY", "path of its private key (PEM)")
	s.String(&c.ServerName, "NATS_SERVER_NAME", "name in NATS's certificate, where it is not that of the address")
	s.String(&c.Streams, "NATS_STREAMS", "make: the service makes its streams; check: an administrator does (fresquectl nats streams)")
}

// Check tells every fault.
func (c Config) Check() error {
	var faults []error
	fault := func(name, format string, args ...any) {
		faults = append(faults, fmt.Errorf("%s: "+format, append([]any{name}, args...)...))
	}
	for address := range strings.SplitSeq(c.URL, ",") {
		// What was given is not repeated: it may hold a password.
		switch u, err := url.Parse(strings.TrimSpace(address)); {
		case err != nil || u.Host == "" || u.Scheme != "nats" && u.Scheme != "tls":
			fault("NATS_URL", "must be nats://HOST:PORT or tls://HOST:PORT, or several with commas")
		case u.User != nil:
			fault("NATS_URL", "must not name a user: set NATS_USER and NATS_PASSWORD, or NATS_CREDENTIALS")
		}
	}
	if c.Credentials != "" && c.User != "" {
		fault("NATS_USER", "is given besides NATS_CREDENTIALS: choose one")
	}
	for _, pair := range [][2]struct{ name, value string }{
		{{"NATS_USER", c.User}, {"NATS_PASSWORD", c.Password}},
		{{"NATS_CERT", c.Cert}, {"NATS_KEY", c.Key}},
	} {
		for i, one := range pair {
			if other := pair[1-i]; one.value == "" && other.value != "" {
				fault(one.name, "must be set, since %s is", other.name)
			}
		}
	}
	for _, f := range []struct{ name, path string }{
		{"NATS_CREDENTIALS", c.Credentials}, {"NATS_CA", c.CA}, {"NATS_CERT", c.Cert}, {"NATS_KEY", c.Key},
	} {
		if f.path == "" {
			continue
		}
		if file, err := os.Open(f.path); err != nil {
			fault(f.name, "%w", err)
		} else {
			_ = file.Close()
		}
	}
	if c.Streams != MakeStreams && c.Streams != CheckStreams {
		fault("NATS_STREAMS", "%q is neither %s nor %s", c.Streams, MakeStreams, CheckStreams)
	}
	return errors.Join(faults...)
}

// Declared tells whether an administrator makes the streams.
func (c Config) Declared() bool { return c.Streams == CheckStreams }

// Connect opens a service's connection. It waits for NATS as long as it takes,
// the first time too; an error is one of the settings.
func (c Config) Connect(who subject.Service, log *slog.Logger) (*nats.Conn, error) {
	t := &teller{cfg: c, log: log}
	options := []nats.Option{
		nats.Name("fresque-" + string(who)),
		nats.CustomInboxPrefix(who.Inbox()),
		nats.RetryOnFailedConnect(true),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(reconnectWait),
		nats.ReconnectJitter(reconnectJitter, reconnectJitter),
		nats.PingInterval(pingEvery),
		nats.MaxPingsOutstanding(pingsLost),
		nats.DrainTimeout(drainWithin),
		nats.SetCustomDialer(nowait.NewDialer(nats.DefaultTimeout)),
		// What is not sent now is sent again by whoever wants it sent.
		nats.ReconnectBufSize(-1),
		// Credentials may be mended while the service waits.
		nats.IgnoreAuthErrorAbort(),
		nats.ReconnectErrHandler(func(_ *nats.Conn, err error) { t.tell("NATS is out of reach", err) }),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				t.tell("NATS is away", err)
			}
		}),
		nats.ConnectHandler(func(nc *nats.Conn) { log.Info("NATS is there", "server", nc.ConnectedServerName()) }),
		nats.ReconnectHandler(func(nc *nats.Conn) { log.Info("NATS is back", "server", nc.ConnectedServerName()) }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { t.tell("NATS refuses", err) }),
	}
	options = append(options, c.identity()...)
	nc, err := nats.Connect(c.URL, append(options, c.security()...)...)
	if err != nil {
		return nil, Explain(c, err)
	}
	return nc, nil
}

func (c Config) identity() []nats.Option {
	switch {
	case c.Credentials != "":
		return []nats.Option{nats.UserCredentials(c.Credentials)}
	case c.User != "":
		return []nats.Option{nats.UserInfoHandler(func() (user, password string) { return c.User, c.password() })}
	}
	return nil
}

// password is the one that holds now: a file that cannot be read changes nothing.
func (c Config) password() string {
	if c.PasswordFile != "" {
		if data, err := os.ReadFile(c.PasswordFile); err == nil {
			return settings.SecretIn(data)
		}
	}
	return c.Password
}

// Close ends a connection in order: what was sent arrives, what was asked is
// answered.
func Close(nc *nats.Conn) {
	closed := make(chan struct{})
	nc.SetClosedHandler(func(*nats.Conn) { close(closed) })
	if nc.Drain() != nil {
		nc.Close() // it is not there
		return
	}
	select {
	case <-closed:
	case <-time.After(drainWithin + time.Second):
		nc.Close()
	}
}

// teller logs trouble, the same one once in a while.
type teller struct {
	cfg Config
	log *slog.Logger

	mu   sync.Mutex
	last string
	at   time.Time
}

func (t *teller) tell(what string, err error) {
	err = Explain(t.cfg, err)
	t.mu.Lock()
	defer t.mu.Unlock()
	if told := what + err.Error(); told != t.last || time.Since(t.at) > sameAgain {
		t.last, t.at = told, time.Now()
		t.log.Warn(what, "error", err)
	}
}

// Dial connects at once or not at all, for a command that somebody waits for.
func (c Config) Dial(name string) (*nats.Conn, error) {
	options := append([]nats.Option{nats.Name(name), nats.MaxReconnects(0), nats.Timeout(dialWithin)}, c.identity()...)
	nc, err := nats.Connect(c.URL, append(options, c.security()...)...)
	if err != nil {
		return nil, Explain(c, err)
	}
	return nc, nil
}
