package app

import (
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"time"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/board/internal/bus"
	"fresque.dev/services/board/internal/embed"
	"fresque.dev/services/board/internal/httpapi"
	"fresque.dev/services/board/internal/oidc"
	"fresque.dev/services/internal/callers"
	"fresque.dev/services/internal/metrics"
	"fresque.dev/services/internal/natsconn"
	"fresque.dev/services/internal/settings"
	"fresque.dev/services/internal/telemetry"
)

// Config is all that an operator may set.
type Config struct {
	// Addr is where the service listens, host:port.
	Addr string
	// PublicURL is where browsers reach the wall, MediaURL where they load
	// media and UploadURL where they send them: http or https, without a slash
	// at the end of the first two.
	PublicURL, MediaURL, UploadURL string
	// MediaInternalURL is where this service itself reads media, for archives;
	// MediaURL when empty.
	MediaInternalURL string
	// Store is sqlite:PATH or a mongodb:// address with the database as path.
	Store string
	// NATS is how it is reached; of no account when a connection is handed to New.
	NATS natsconn.Config
	// Replicas of the stream of events, 1 to 5.
	Replicas int
	// KeepHours is how long events are kept for browsers that come back.
	KeepHours int
	// KeepEvents is how many events of one board are kept.
	KeepEvents int
	// MasterKey is 32 bytes in base64; every other key is derived from it.
	MasterKey string
	// OperatorKey opens what only the operator may do; empty closes it.
	OperatorKey string
	// MasterKeyPrevious and OperatorKeyPrevious are those from before, while the
	// keys are changed; empty for none.
	MasterKeyPrevious, OperatorKeyPrevious string
	// AuditDays is how long it is kept what was done with the operator's key.
	AuditDays int
	// Pace is how many comments one person may make in a minute, and how many
	// reactions.
	Pace int
	// DrainSeconds is how long the service goes on, not ready, once it is told to
	// stop: its browsers are sent to other replicas meanwhile. 0 where there is
	// no other.
	DrainSeconds int
	// IOUring is "auto", or "off" for events never to be written by io_uring.
	IOUring string
	Sessions
	// Pacing is how fast platforms are told of what changed.
	Pacing Pacing
	Sites
	Uploads
	Database
	Limits
	Waits Waits
	telemetry.Logging
	// Tracing is where traces go; nowhere when it is empty.
	Tracing telemetry.Tracing
	Metrics metrics.Config
}

// Sessions are those of people on walls; a process that holds the service has
// the same settings.
type Sessions struct {
	// SessionSeconds is how long one lasts before the page renews it.
	SessionSeconds int
}

// Declare reads them.
func (c *Sessions) Declare(s *settings.Set) {
	s.Int(&c.SessionSeconds, "SESSION_SECONDS", "seconds that somebody's session on a wall lasts before their page renews it", 5, 3600)
}

// Pacing is how fast platforms are told of what changed; only tests change it.
type Pacing = bus.Pace

// Sites are those that the service has to do with; a process that holds it has
// the same settings.
type Sites struct {
	// PodHosts and PeerTubeHosts are whose videos are played in a frame, and
	// H5PHosts whose exercises.
	PodHosts, PeerTubeHosts, H5PHosts []string
	// EmbedSites are whose pages may show walls in a frame, each as
	// https://host[:port]; none when empty.
	EmbedSites []string
	// OIDCIssuer is the address of the OpenID provider by which people sign in,
	// empty for none; OIDCName is what they call it.
	OIDCIssuer, OIDCName string
	// OIDCClientID and OIDCClientSecret are what the provider gave us.
	OIDCClientID, OIDCClientSecret string
	// OIDCScopes are asked for besides openid, and OIDCAllow says who may come:
	// each claim=value.
	OIDCScopes, OIDCAllow []string
	// TrustedProxies are addresses or networks whose X-Forwarded-For is believed.
	TrustedProxies []string
}

// Declare reads them.
func (c *Sites) Declare(s *settings.Set) {
	s.Strings(&c.PodHosts, "POD_HOSTS", "hosts of Esup-Pod whose videos are played; PodÉduc when empty")
	s.Strings(&c.PeerTubeHosts, "PEERTUBE_HOSTS", "hosts of PeerTube whose videos are played; the tubes of apps.education.fr when empty")
	s.Strings(&c.H5PHosts, "H5P_HOSTS", "hosts below h5p.com whose exercises are played, each by name")
	s.Strings(&c.EmbedSites, "EMBED_SITES", "sites that may show walls in a frame, each as https://host; none when empty")
	s.String(&c.OIDCIssuer, "OIDC_ISSUER", "address of the OpenID provider by which trainers sign in; none when empty")
	s.String(&c.OIDCName, "OIDC_NAME", "what people call the provider")
	s.String(&c.OIDCClientID, "OIDC_CLIENT_ID", "our name at the provider; it sends people back to PUBLIC_URL/api/v1/account/oidc/callback")
	s.Secret(&c.OIDCClientSecret, "OIDC_CLIENT_SECRET", "what the provider gave us with our name")
	s.Strings(&c.OIDCScopes, "OIDC_SCOPES", "scopes asked for besides openid; profile and email when empty")
	s.Strings(&c.OIDCAllow, "OIDC_ALLOW", "who may come, such as email=*@school.example; everybody when empty")
	s.Strings(&c.TrustedProxies, "TRUSTED_PROXIES", "proxies whose X-Forwarded-For is believed")
}

// Default is a configuration for one machine; what it leaves empty must be set.
func Default() Config {
	return Config{
		Addr: "127.0.0.1:8080", PublicURL: "http://localhost:8080",
		MediaURL: "http://localhost:8081", UploadURL: "http://localhost:8082/uploads/",
		NATS: natsconn.Default(), Replicas: 1, KeepHours: 24, KeepEvents: 10_000, AuditDays: 730, Pace: 40, IOUring: ioUringAuto, Pacing: bus.UsualPace(),
		Uploads: defaultUploads(), Database: defaultDatabase(), Limits: defaultLimits(), Waits: defaultWaits(), Sessions: Sessions{SessionSeconds: 900}, Logging: telemetry.DefaultLogging(),
	}
}

// What IO_URING may be.
const (
	ioUringAuto = "auto"
	ioUringOff  = "off"
)

// prefix is that of the service's variables.
const prefix = "FRESQUE_BOARD"

// commands are what the program does.
const commands = `boardd is the board service.

  boardd [settings]                       serves
  boardd config [-json] [settings]        prints the settings that hold, without secrets
  boardd doctor [-o json] [settings]      examines all that it needs: docs/operations.md
  boardd health [settings]                asks the one that runs whether it is ready
  boardd migrate [status] [settings]      brings MongoDB up to date: docs/mongodb.md
  boardd backup DIR [settings]            docs/backup.md
  boardd verify DIR
  boardd restore [-resume] DIR [settings]

Each exits with 1 when something is wrong. Settings:
`

// Load reads the file of settings, the environment (FRESQUE_BOARD_…) and the command line, and
// checks the whole; every fault is told at once. Help goes to the writer.
func Load(args []string, help io.Writer) (Config, error) {
	c := Default()
	c.Tracing = telemetry.TracingFrom(os.Environ())
	s := settings.New(prefix, os.Environ())
	check := c.declare(s)
	err := s.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(help, commands)
		s.Usage(help)
		return c, err
	}
	return c, s.Faults(err, check())
}

// ShowConfig prints the settings that hold, without secrets, or describes all
// there are.
func ShowConfig(args []string, out io.Writer) error {
	c := Default()
	c.Tracing = telemetry.TracingFrom(os.Environ())
	return settings.Show("boardd", prefix, os.Environ(), args, out, c.declare)
}

// declare says what may be set; check is for when it has been read.
func (c *Config) declare(s *settings.Set) (check func() error) {
	s.String(&c.Addr, "ADDR", "where to listen, host:port")
	s.String(&c.PublicURL, "PUBLIC_URL", "where browsers reach the wall")
	s.String(&c.MediaURL, "MEDIA_URL", "where browsers load media: another origin")
	s.String(&c.MediaInternalURL, "MEDIA_INTERNAL_URL", "where this service reads media to put them into archives; MEDIA_URL when empty")
	s.String(&c.UploadURL, "UPLOAD_URL", "where browsers send media")
	s.String(&c.Store, "STORE", "sqlite:PATH or mongodb://HOST/DATABASE")
	c.NATS.Declare(s)
	s.Int(&c.Replicas, "REPLICAS", "copies of the stream of events", 1, 5)
	s.Int(&c.KeepHours, "KEEP_HOURS", "hours that events are kept", 1, 24*30)
	s.Int(&c.KeepEvents, "KEEP_EVENTS", "events of one board that are kept", 100, 1_000_000)
	s.Int(&c.AuditDays, "AUDIT_DAYS", "days that it is kept what was done with the operator's key", 1, 3650)
	s.Int(&c.Pace, "PACE", "comments, and reactions, that one person may make in a minute", 1, 1_000_000)
	s.Int(&c.DrainSeconds, "DRAIN_SECONDS", "seconds over which a replica that is told to stop sends its browsers to the others; 0 where there is no other", 0, 600)
	s.String(&c.IOUring, "IO_URING", "auto: events are written to many browsers by one system call where the system lets us (docs/performance.md); off: never")
	s.Secret(&c.MasterKey, "MASTER_KEY", "32 bytes in base64 of which every other key is made; the same for all replicas")
	s.Secret(&c.OperatorKey, "OPERATOR_KEY", "opens what only the operator may do, 20 characters at least; closed when empty")
	s.Secret(&c.MasterKeyPrevious, "MASTER_KEY_PREVIOUS", "the master key before this one, while keys are changed")
	s.Secret(&c.OperatorKeyPrevious, "OPERATOR_KEY_PREVIOUS", "the operator's key before this one, while keys are changed")
	c.Sessions.Declare(s)
	c.Sites.Declare(s)
	c.Uploads.Declare(s)
	c.Limits.Declare(s)
	c.Database.Declare(s)
	c.Logging.Declare(s)
	c.Metrics.Declare(s)
	return func() error { return c.Check() }
}

// Check tells every fault of a configuration, or nil.
func (c Config) Check() error {
	var faults []error
	for name, address := range map[string]string{"PUBLIC_URL": c.PublicURL, "MEDIA_URL": c.MediaURL, "UPLOAD_URL": c.UploadURL} {
		if err := checkURL(address); err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", name, err))
		}
	}
	if c.MediaInternalURL != "" {
		if err := checkURL(c.MediaInternalURL); err != nil {
			faults = append(faults, fmt.Errorf("MEDIA_INTERNAL_URL: %w", err))
		}
	}
	if origin(c.PublicURL) == origin(c.MediaURL) {
		faults = append(faults, errors.New("MEDIA_URL: must be of another origin than PUBLIC_URL, since it serves people's files"))
	}
	if !strings.HasPrefix(c.Store, "sqlite:") && !strings.HasPrefix(c.Store, "mongodb://") && !strings.HasPrefix(c.Store, "mongodb+srv://") {
		faults = append(faults, errors.New("STORE: must be sqlite:PATH or mongodb://HOST/DATABASE"))
	}
	if err := c.checkMigrate(); err != nil {
		faults = append(faults, err)
	}
	if c.IOUring != ioUringAuto && c.IOUring != ioUringOff {
		faults = append(faults, fmt.Errorf("IO_URING: %q is neither %s nor %s", c.IOUring, ioUringAuto, ioUringOff))
	}
	if _, err := c.masterKeys(); err != nil {
		faults = append(faults, err)
	}
	if c.OperatorKeyPrevious != "" && len(c.OperatorKeyPrevious) < 20 {
		faults = append(faults, errors.New("OPERATOR_KEY_PREVIOUS: must have 20 characters at least"))
	}
	if _, err := c.players(); err != nil {
		faults = append(faults, err)
	}
	for _, site := range c.EmbedSites {
		if err := checkSite(site); err != nil {
			faults = append(faults, fmt.Errorf("EMBED_SITES: %w", err))
		}
	}
	if _, err := callers.ParseProxies(c.TrustedProxies); err != nil {
		faults = append(faults, fmt.Errorf("TRUSTED_PROXIES: %w", err))
	}
	faults = append(faults, c.NATS.Check(), c.Logging.Check(), c.Tracing.Check())
	faults = append(faults, c.check()...)
	if c.OperatorKey != "" && len(c.OperatorKey) < 20 {
		faults = append(faults, errors.New("OPERATOR_KEY: must have 20 characters at least"))
	}
	if c.OIDCIssuer != "" {
		if err := checkURL(c.OIDCIssuer); err != nil {
			faults = append(faults, fmt.Errorf("OIDC_ISSUER: %w", err))
		}
		if c.OIDCClientID == "" {
			faults = append(faults, errors.New("OIDC_CLIENT_ID: must be set with OIDC_ISSUER"))
		}
		if _, err := oidc.ParseRules(c.OIDCAllow); err != nil {
			faults = append(faults, fmt.Errorf("OIDC_ALLOW: %w", err))
		}
	}
	return errors.Join(faults...)
}

// provider is the OpenID provider; nil for none.
func (c Config) provider(key []byte, now func() time.Time) (httpapi.Provider, error) {
	if c.OIDCIssuer == "" {
		return nil, nil
	}
	scopes, name := c.OIDCScopes, c.OIDCName
	if len(scopes) == 0 {
		scopes = []string{"profile", "email"}
	}
	if name == "" {
		name = strings.Join(hosts(c.OIDCIssuer), "")
	}
	return oidc.New(oidc.Config{
		Issuer: c.OIDCIssuer, ClientID: c.OIDCClientID, Secret: c.OIDCClientSecret, Scopes: scopes, Allow: c.OIDCAllow, Name: name,
		RedirectURL: c.PublicURL + httpapi.CallbackPath, Key: key, Within: httpapi.SignInWithin,
	}, now)
}

func checkURL(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.RawQuery != "" || u.User != nil {
		return fmt.Errorf("%q is not an http or https address", address)
	}
	return nil
}

func checkSite(site string) error {
	if !strings.HasPrefix(site, "https://") || !board.IsOrigin(site) {
		return fmt.Errorf("%q is not an origin such as https://moodle.example.org, in lower case, without a path or *", site)
	}
	return nil
}

// players is the table of whose frames a page may show.
func (c Config) players() (*embed.Table, error) {
	return embed.New(embed.Config{
		PodHosts: c.PodHosts, PeerTubeHosts: c.PeerTubeHosts, H5PHosts: c.H5PHosts,
		Self: hosts(c.PublicURL, c.MediaURL, c.UploadURL),
	})
}

// hosts are the host names of addresses; what is no address has none.
func hosts(addresses ...string) []string {
	var out []string
	for _, address := range addresses {
		if u, err := url.Parse(address); err == nil && u.Hostname() != "" {
			out = append(out, strings.ToLower(u.Hostname()))
		}
	}
	return out
}

// origin is the scheme, host and port of an address.
func origin(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// masterKeys are the master key and, while it is changed, the one from before.
func (c Config) masterKeys() ([][]byte, error) {
	var out [][]byte
	for _, m := range []struct{ name, key string }{{"MASTER_KEY", c.MasterKey}, {"MASTER_KEY_PREVIOUS", c.MasterKeyPrevious}} {
		if m.key == "" && m.name == "MASTER_KEY_PREVIOUS" {
			continue
		}
		key, err := base64.StdEncoding.DecodeString(m.key)
		switch {
		case m.key == "":
			return nil, fmt.Errorf("%s: must be set: the one that this store has, or for a new store one from: openssl rand -base64 32", m.name)
		case err != nil || len(key) != 32:
			return nil, fmt.Errorf("%s: must be 32 bytes in base64, such as openssl rand -base64 32 makes for a new store", m.name)
		}
		out = append(out, key)
	}
	return out, nil
}

func (c Config) keep() time.Duration { return time.Duration(c.KeepHours) * time.Hour }
