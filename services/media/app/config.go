package app

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"time"

	"fresque.dev/services/internal/callers"
	"fresque.dev/services/internal/metrics"
	"fresque.dev/services/internal/natsconn"
	"fresque.dev/services/internal/settings"
	"fresque.dev/services/internal/telemetry"
	"fresque.dev/services/media/internal/clamav"
	"fresque.dev/services/media/internal/kinds"
)

// Config is all that an operator may set.
type Config struct {
	// Addr is where pictures are served and UploadAddr where files are taken,
	// host:port each.
	Addr, UploadAddr string
	// UploadURL is where browsers reach the upload address, path included; it
	// ends in /uploads/. Empty is for tests: the upload address itself.
	UploadURL string
	// PeerURL is where other replicas reach the upload address of this one, without
	// a path; empty for the address that it listens at, or that NATS sees it at.
	PeerURL string
	// AppOrigins are those of the pages that may upload, scheme://host[:port],
	// exactly.
	AppOrigins []string
	// Dir is the quarantine: files on their way in, and what became of them. It
	// must last, and belongs to one process.
	Dir string
	// NATS is how it is reached; of no account when a connection is handed to New.
	NATS natsconn.Config
	// Replicas of the stream of events, 1 to 5.
	Replicas int
	S3       S3
	// MaxMiB is the largest file, whatever a ticket says, in MiB.
	MaxMiB int
	// ReserveMiB is the room that uploads leave on the disk, in MiB.
	ReserveMiB int
	// StaleHours is how long an unfinished upload may rest.
	StaleHours int
	// TakeOverSeconds is how long a replica may be silent before others take over
	// the uploads that it has.
	TakeOverSeconds int
	// UploadsEach is how many uploads one person may have on their way at a time.
	UploadsEach int
	// Connections are how many each address of the service takes at a time, and
	// AddressConnections those of them that one client's address may have.
	Connections, AddressConnections int
	// TrustedProxies are addresses or networks whose X-Forwarded-For is believed.
	TrustedProxies []string
	Limits
	// Workers render at a time; WorkerMiB is the memory of one, in MiB, and
	// WorkerSeconds what it may take for a picture.
	Workers, WorkerMiB, WorkerSeconds int
	Previews                          Previews
	Making
	telemetry.Logging
	// Tracing is where traces go; nowhere when it is empty.
	Tracing telemetry.Tracing
	Metrics metrics.Config
}

// Making is how files are made ready; a process that holds the service has the
// same settings.
type Making struct {
	// Clamd is where a ClamAV daemon listens, unix:PATH or tcp:HOST:PORT; empty
	// for no virus scan.
	Clamd string
	// Converters convert sounds and videos at a time, ConvertMinutes each at most.
	Converters, ConvertMinutes int
	// StoreMiB is the most MiB of all files together; 0 for no limit.
	StoreMiB int
	// Without names tools that are not to be used though they are installed.
	Without []string
}

// Declare reads them.
func (m *Making) Declare(s *settings.Set) {
	s.String(&m.Clamd, "CLAMD", "where a ClamAV daemon listens, unix:PATH or tcp:HOST:PORT; no virus scan when empty")
	s.Int(&m.Converters, "CONVERTERS", "sounds and videos converted at a time", 1, 64)
	s.Int(&m.ConvertMinutes, "CONVERT_MINUTES", "minutes that converting one may take", 1, 600)
	s.Int(&m.StoreMiB, "STORE_MIB", "most MiB of all files together; 0 for no limit", 0, 1<<30)
	s.Strings(&m.Without, "WITHOUT_TOOLS", "tools that are not to be used though they are installed: ffmpeg, ffprobe, pdfinfo, pdftoppm, soffice")
}

// DefaultMaking scans nothing and limits nothing.
func DefaultMaking() Making { return Making{Converters: 2, ConvertMinutes: 60} }

// S3 is the object store.
type S3 struct {
	// Endpoint is host[:port]; https when TLS is true.
	Endpoint string
	TLS      bool
	Region   string
	Bucket   string
	// AccessKey and SecretKey may put, get, list and delete in the bucket, and
	// make it if it is not there.
	AccessKey, SecretKey string
}

// Default is a configuration for one machine; what it leaves empty must be set.
func Default() Config {
	return Config{
		Addr: "127.0.0.1:8081", UploadAddr: "127.0.0.1:8082",
		UploadURL:  "http://localhost:8082/uploads/",
		AppOrigins: []string{"http://localhost:8080"},
		NATS:       natsconn.Default(), Replicas: 1,
		S3:     S3{Region: "us-east-1", Bucket: "fresque-media"},
		MaxMiB: 1024, ReserveMiB: 256, StaleHours: 24, TakeOverSeconds: 120, UploadsEach: 50,
		Connections: defaultConnections, AddressConnections: defaultAddressConnections, Limits: DefaultLimits(),
		Workers: 2, WorkerMiB: 1024, WorkerSeconds: 60,
		Previews: Previews{Read: "yes"}, Making: DefaultMaking(), Logging: telemetry.DefaultLogging(),
	}
}

// prefix is that of the service's variables.
const prefix = "FRESQUE_MEDIA"

// commands are what the program does.
const commands = `mediad is the media service.

  mediad [settings]                       serves
  mediad config [-json] [settings]        prints the settings that hold, without secrets
  mediad doctor [-o json] [settings]      examines all that it needs: docs/operations.md
  mediad health [settings]                asks the one that runs whether it is ready
  mediad backup DIR [settings]            docs/backup.md
  mediad verify DIR
  mediad restore DIR [settings]

Each exits with 1 when something is wrong. Settings:
`

// Load reads the file of settings, the environment (FRESQUE_MEDIA_…) and the command line, and
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
	return settings.Show("mediad", prefix, os.Environ(), args, out, c.declare)
}

// declare says what may be set; check is for when it has been read.
func (c *Config) declare(s *settings.Set) (check func() error) {
	scheme := "http"
	s.String(&c.Addr, "ADDR", "where to serve pictures, host:port")
	s.String(&c.UploadAddr, "UPLOAD_ADDR", "where to take files, host:port")
	s.String(&c.UploadURL, "UPLOAD_URL", "where browsers reach that, ending in /uploads/")
	s.String(&c.PeerURL, "PEER_URL", "where other replicas reach that, such as http://10.0.0.7:8082; the address that NATS sees when empty")
	s.Strings(&c.AppOrigins, "APP_ORIGINS", "origins of the pages that may upload")
	s.String(&c.Dir, "DIR", "folder for files on their way in; it must last")
	c.NATS.Declare(s)
	s.Int(&c.Replicas, "REPLICAS", "copies of the stream of events", 1, 5)
	s.String(&c.S3.Endpoint, "S3_ENDPOINT", "the S3, host:port")
	s.String(&scheme, "S3_SCHEME", "http or https")
	s.String(&c.S3.Region, "S3_REGION", "region of the S3")
	s.String(&c.S3.Bucket, "S3_BUCKET", "bucket, made if it is not there")
	s.Secret(&c.S3.AccessKey, "S3_ACCESS_KEY", "may put, get, list and delete in the bucket, and make it if it is not there")
	s.Secret(&c.S3.SecretKey, "S3_SECRET_KEY", "that of the access key")
	s.Int(&c.MaxMiB, "MAX_MIB", "largest file in MiB", 1, 1024)
	s.Int(&c.ReserveMiB, "RESERVE_MIB", "room in MiB that uploads leave on the disk", 0, 1<<20)
	s.Int(&c.StaleHours, "STALE_HOURS", "hours that an unfinished upload may rest", 1, 24*30)
	s.Int(&c.TakeOverSeconds, "TAKEOVER_SECONDS", "seconds that a replica may be silent before others take over its uploads", 1, 3600)
	s.Int(&c.UploadsEach, "UPLOADS_EACH", "uploads that one person may have on their way at a time", 1, 10_000)
	s.Int(&c.Connections, "CONNECTIONS", "connections at a time, of each address that is listened at", 1, 100_000)
	s.Int(&c.AddressConnections, "ADDRESS_CONNECTIONS", "connections of one client's address at a time, at each address that is listened at; trusted proxies have no such limit", 1, 100_000)
	s.Strings(&c.TrustedProxies, "TRUSTED_PROXIES", "proxies whose X-Forwarded-For is believed")
	c.Limits.Declare(s)
	s.Int(&c.Workers, "WORKERS", "files looked at, and pictures rendered, at a time", 1, 64)
	s.Int(&c.WorkerMiB, "WORKER_MIB", "memory for rendering one picture in MiB", 512, 16_384)
	c.Previews.Declare(s)
	s.Int(&c.WorkerSeconds, "WORKER_SECONDS", "seconds for looking at one file or rendering one picture", 5, 600)
	c.Making.Declare(s)
	c.Logging.Declare(s)
	c.Metrics.Declare(s)
	return func() error {
		var unknown error
		if scheme != "http" && scheme != "https" {
			unknown = fmt.Errorf("S3_SCHEME: %q is neither http nor https", scheme)
		}
		c.S3.TLS = scheme == "https"
		return errors.Join(unknown, c.Check())
	}
}

// Check tells every fault of a configuration, or nil.
func (c Config) Check() error {
	var faults []error
	fault := func(name, format string, args ...any) {
		faults = append(faults, fmt.Errorf("%s: "+format, append([]any{name}, args...)...))
	}
	for _, a := range []struct{ name, addr string }{{"ADDR", c.Addr}, {"UPLOAD_ADDR", c.UploadAddr}} {
		if _, _, err := net.SplitHostPort(a.addr); err != nil {
			fault(a.name, "%q is not host:port", a.addr)
		}
	}
	if c.UploadURL != "" && !isUploadURL(c.UploadURL) {
		fault("UPLOAD_URL", "%q is not an http or https address that ends in /uploads/", c.UploadURL)
	}
	if c.PeerURL != "" && !isOrigin(c.PeerURL) {
		fault("PEER_URL", "%q is not scheme://host[:port]", c.PeerURL)
	}
	if len(c.AppOrigins) == 0 {
		fault("APP_ORIGINS", "must name the origin of the app at least")
	}
	for _, o := range c.AppOrigins {
		if !isOrigin(o) {
			fault("APP_ORIGINS", "%q is not scheme://host[:port]", o)
		}
	}
	if !filepath.IsAbs(c.Dir) {
		fault("DIR", "must be an absolute path")
	}
	if c.Replicas < 1 || c.Replicas > 5 {
		fault("REPLICAS", "must be from 1 to 5")
	}
	for _, v := range []struct{ name, value string }{
		{"S3_ENDPOINT", c.S3.Endpoint}, {"S3_BUCKET", c.S3.Bucket},
		{"S3_ACCESS_KEY", c.S3.AccessKey}, {"S3_SECRET_KEY", c.S3.SecretKey},
	} {
		if v.value == "" {
			fault(v.name, "must be set")
		}
	}
	for _, n := range []struct {
		name  string
		value int
	}{
		{"MAX_MIB", c.MaxMiB}, {"STALE_HOURS", c.StaleHours}, {"TAKEOVER_SECONDS", c.TakeOverSeconds}, {"UPLOADS_EACH", c.UploadsEach}, {"CONNECTIONS", c.Connections}, {"ADDRESS_CONNECTIONS", c.AddressConnections},
		{"ADDRESS_FILES", c.AddressFiles}, {"ADDRESS_UPLOADS", c.AddressUploads}, {"ADDRESS_MIB", c.AddressMiB},
		{"CONVERTERS", c.Converters}, {"CONVERT_MINUTES", c.ConvertMinutes}, {"WORKERS", c.Workers}, {"WORKER_MIB", c.WorkerMiB}, {"WORKER_SECONDS", c.WorkerSeconds},
	} {
		if n.value < 1 {
			fault(n.name, "must be 1 at least")
		}
	}
	if _, err := callers.ParseProxies(c.TrustedProxies); err != nil {
		fault("TRUSTED_PROXIES", "%w", err)
	}
	faults = append(faults, c.NATS.Check())
	faults = append(faults, c.Previews.Check())
	faults = append(faults, c.Making.Check(), c.Logging.Check(), c.Tracing.Check())
	return errors.Join(faults...)
}

// Check tells every fault.
func (m Making) Check() error {
	var faults []error
	if m.Clamd != "" {
		if _, err := clamav.New(m.Clamd); err != nil {
			faults = append(faults, fmt.Errorf("CLAMD: %w", err))
		}
	}
	for _, name := range m.Without {
		if !slices.Contains(kinds.Tools(), name) {
			faults = append(faults, fmt.Errorf("WITHOUT_TOOLS: %q is none of %v", name, kinds.Tools()))
		}
	}
	return errors.Join(faults...)
}

func isUploadURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.RawQuery == "" && u.User == nil &&
		len(u.Path) >= len("/uploads/") && u.Path[len(u.Path)-len("/uploads/"):] == "/uploads/"
}

// isOrigin is strict, since an origin is compared as a whole: no path, no
// slash at the end, no wildcard.
func isOrigin(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && s == u.Scheme+"://"+u.Host && u.Hostname() != "*"
}

func (c Config) goneAfter() time.Duration { return time.Duration(c.TakeOverSeconds) * time.Second }

func (c Config) stale() time.Duration { return time.Duration(c.StaleHours) * time.Hour }
