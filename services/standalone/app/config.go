package app

import (
	"context"
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	board "fresque.dev/services/board/app"
	"fresque.dev/services/internal/metrics"
	"fresque.dev/services/internal/settings"
	"fresque.dev/services/internal/telemetry"
	media "fresque.dev/services/media/app"
)

// Config is all that may be set of the standalone process.
type Config struct {
	// Addr serves the wall and its API, MediaAddr people's files and UploadAddr
	// takes them: three origins, host:port each.
	Addr, MediaAddr, UploadAddr string
	// PublicURL, MediaURL and UploadURL are where browsers reach them; empty
	// for http://localhost with the port.
	PublicURL, MediaURL, UploadURL string
	// Data is the folder that holds everything.
	Data string
	// Sessions are those of people on walls.
	board.Sessions
	// Sites are those that the board service has to do with.
	board.Sites
	// Uploads are what may be sent to a wall.
	board.Uploads
	// Limits bound whoever calls.
	board.Limits
	// MediaLimits bound whoever sends and fetches files.
	MediaLimits media.Limits
	// Previews are those of links.
	Previews media.Previews
	// Making is how they are made ready.
	media.Making
	telemetry.Logging
	// Tracing is where traces go; nowhere when it is empty.
	Tracing telemetry.Tracing
	Metrics metrics.Config
}

// Default is a configuration for one's own machine.
func Default() Config {
	return Config{
		Addr: "127.0.0.1:8080", MediaAddr: "127.0.0.1:8081", UploadAddr: "127.0.0.1:8082", Data: "data",
		Uploads: board.Default().Uploads, Limits: board.Default().Limits, Sessions: board.Default().Sessions, MediaLimits: media.DefaultLimits(), Previews: media.Default().Previews, Making: media.DefaultMaking(),
		Logging: telemetry.Logging{LogLevel: "warn", LogFormat: telemetry.Text}, // for a person who looks on
	}
}

// prefix is that of the process's variables.
const prefix = "FRESQUE"

// Load reads the file of settings, the environment (FRESQUE_…) and the command line and looks
// whether the process could run so; every fault is told at once. Help goes to
// the writer.
func Load(args []string, help io.Writer) (Config, error) {
	c, err := parse(args, help)
	if errors.Is(err, flag.ErrHelp) {
		return c, err
	}
	return c, errors.Join(err, c.check())
}

// parse is Load for a process that does not serve itself.
func parse(args []string, help io.Writer) (Config, error) {
	c := Default()
	c.Tracing = telemetry.TracingFrom(os.Environ())
	s := settings.New(prefix, os.Environ())
	c.declare(s)
	err := s.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(help, "Fresque, all in one process.\n\n  fresque [settings]\n  fresque config [-json] [settings]         the settings that hold, without secrets\n  fresque reset-password LOGIN [settings]   while it runs: a link to choose a new password\n\nSettings, as flags, in the environment or in a file:")
		s.Usage(help)
		return c, err
	}
	c.complete()
	return c, err
}

// ShowConfig prints the settings that hold, or describes all there are. The
// process may run already, so that its addresses may be taken.
func ShowConfig(args []string, out io.Writer) error {
	c := Default()
	c.Tracing = telemetry.TracingFrom(os.Environ())
	return settings.Show("fresque", prefix, os.Environ(), args, out, func(s *settings.Set) func() error {
		c.declare(s)
		return func() error {
			c.complete()
			return errors.Join(c.checkSettings()...)
		}
	})
}

// declare says what may be set.
func (c *Config) declare(s *settings.Set) {
	s.String(&c.Addr, "ADDR", "where the wall is served, host:port")
	s.String(&c.MediaAddr, "MEDIA_ADDR", "where people's files are served, host:port")
	s.String(&c.UploadAddr, "UPLOAD_ADDR", "where people's files are taken, host:port")
	s.String(&c.PublicURL, "PUBLIC_URL", "where browsers reach the wall; http://localhost with the port when empty")
	s.String(&c.MediaURL, "MEDIA_URL", "where browsers load files")
	s.String(&c.UploadURL, "UPLOAD_URL", "where browsers send files")
	s.String(&c.Data, "DATA", "the folder that holds everything")
	c.Sessions.Declare(s)
	c.Sites.Declare(s)
	c.Uploads.Declare(s)
	c.Limits.Declare(s)
	c.MediaLimits.Declare(s)
	c.Previews.Declare(s)
	c.Making.Declare(s)
	c.Logging.Declare(s)
	c.Metrics.Declare(s)
}

// complete fills in the addresses that follow from others.
func (c *Config) complete() {
	for _, d := range []struct {
		url        *string
		addr, path string
	}{{&c.PublicURL, c.Addr, ""}, {&c.MediaURL, c.MediaAddr, ""}, {&c.UploadURL, c.UploadAddr, "/uploads/"}} {
		if *d.url == "" {
			_, port, _ := net.SplitHostPort(d.addr)
			*d.url = "http://localhost:" + port + d.path
		}
	}
	c.PublicURL, c.MediaURL = strings.TrimSuffix(c.PublicURL, "/"), strings.TrimSuffix(c.MediaURL, "/")
	if abs, err := filepath.Abs(c.Data); err == nil {
		c.Data = abs
	}
}

// check tells every fault that would keep the process from running.
func (c Config) check() error {
	faults := c.checkSettings()
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	for _, a := range []struct{ name, addr string }{{"ADDR", c.Addr}, {"MEDIA_ADDR", c.MediaAddr}, {"UPLOAD_ADDR", c.UploadAddr}} {
		if err := canListen(a.addr); err != nil {
			fault("FRESQUE_%s: %w", a.name, err)
		}
	}
	if err := canWrite(c.Data); err != nil {
		fault("FRESQUE_DATA: %w", err)
	}
	return errors.Join(faults...)
}

// checkSettings tells what is wrong wherever the process runs.
func (c Config) checkSettings() (faults []error) {
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	faults = append(faults, settings.Each(c.Tracing.Check())...)
	// What the board service would find wrong is told here, with the rest.
	for _, err := range settings.Each(c.boardConfig("sqlite:board.db", anyMasterKey, "").Check()) {
		fault("FRESQUE_%w", err)
	}
	for _, err := range settings.Each(errors.Join(c.Previews.Check(), media.Making.Check(c.Making), c.Logging.Check())) {
		fault("FRESQUE_%w", err)
	}
	return faults
}

// anyMasterKey stands in for the real one, which is made later.
var anyMasterKey = base64.StdEncoding.EncodeToString(make([]byte, 32))

// boardConfig is the board service's part.
func (c Config) boardConfig(store, masterKey, operatorKey string) board.Config {
	cfg := board.Default()
	cfg.Addr, cfg.PublicURL, cfg.MediaURL, cfg.UploadURL = c.Addr, c.PublicURL, c.MediaURL, c.UploadURL
	cfg.Store, cfg.MasterKey, cfg.OperatorKey, cfg.Sites, cfg.Uploads, cfg.Sessions = store, masterKey, operatorKey, c.Sites, c.Uploads, c.Sessions
	cfg.MediaInternalURL, cfg.Limits = "http://"+c.MediaAddr, c.Limits
	return cfg
}

func canListen(addr string) error {
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", addr)
	if err != nil {
		return err
	}
	return l.Close()
}

func canWrite(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	probe, err := os.CreateTemp(dir, ".probe-*")
	if err != nil {
		return err
	}
	_ = probe.Close()
	return os.Remove(probe.Name())
}

// origin is the scheme, host and port of an address.
func origin(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}
