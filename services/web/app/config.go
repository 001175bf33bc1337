package app

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"time"

	"fresque.dev/services/internal/metrics"
	"fresque.dev/services/internal/settings"
	"fresque.dev/services/internal/telemetry"
)

// Config is all that an operator may set.
type Config struct {
	// Addr is where the app is served, host:port.
	Addr string
	// BoardURL is where the board service is reached from here; it tells what
	// the pages may show.
	BoardURL string
	// DrainSeconds is how long the server goes on, not ready, once it is told to
	// end: for as long as an ingress may send requests still.
	DrainSeconds int
	telemetry.Logging
	// Tracing is where traces go; nowhere when it is empty.
	Tracing telemetry.Tracing
	Metrics metrics.Config
}

// Default is a configuration for one machine.
func Default() Config {
	return Config{Addr: "127.0.0.1:8083", BoardURL: "http://127.0.0.1:8080", Logging: telemetry.DefaultLogging()}
}

// prefix is that of the server's variables.
const prefix = "FRESQUE_WEB"

// commands are what the program does.
const commands = `webd serves the web app.

  webd [settings]                         serves
  webd config [-json] [settings]          prints the settings that hold
  webd health [settings]                  asks the one that runs whether it is ready

Each exits with 1 when something is wrong. Settings:
`

// Load reads the file of settings, the environment (FRESQUE_WEB_…) and the command line, and checks
// the whole; every fault is told at once. Help goes to the writer.
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
	return settings.Show("webd", prefix, os.Environ(), args, out, c.declare)
}

// declare says what may be set; check is for when it has been read.
func (c *Config) declare(s *settings.Set) (check func() error) {
	s.String(&c.Addr, "ADDR", "where to listen, host:port")
	s.String(&c.BoardURL, "BOARD_URL", "where the board service is reached from here")
	s.Int(&c.DrainSeconds, "DRAIN_SECONDS", "seconds that the server goes on, not ready, once it is told to end", 0, 600)
	c.Declare(s)
	c.Metrics.Declare(s)
	return func() error {
		c.BoardURL = strings.TrimSuffix(c.BoardURL, "/")
		return c.Check()
	}
}

// Check tells every fault of a configuration, or nil.
func (c Config) Check() error {
	faults := []error{c.Logging.Check(), c.Tracing.Check()}
	if _, _, err := net.SplitHostPort(c.Addr); err != nil {
		faults = append(faults, fmt.Errorf("ADDR: %q is not host:port", c.Addr))
	}
	u, err := url.Parse(c.BoardURL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" {
		faults = append(faults, fmt.Errorf("BOARD_URL: %q is not an http or https address", c.BoardURL))
	}
	return errors.Join(faults...)
}

func (c Config) drain() time.Duration { return time.Duration(c.DrainSeconds) * time.Second }
