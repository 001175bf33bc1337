package metrics

import (
	"context"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"fresque.dev/services/internal/settings"
)

const (
	// Path is where the numbers are.
	Path = "/metrics"

	headersWithin = 5 * time.Second
	answerWithin  = 10 * time.Second
	closeWithin   = time.Second
)

// Config is where the numbers are told.
type Config struct {
	// MetricsAddr is host:port; empty for nowhere.
	MetricsAddr string
}

// Declare reads it.
func (c *Config) Declare(s *settings.Set) {
	s.String(&c.MetricsAddr, "METRICS_ADDR", "where Prometheus reads metrics, at "+Path+": host:port, by custom :9090; empty for nowhere. For Prometheus alone: nobody is asked who they are")
}

// Server tells the numbers at an address.
type Server struct {
	http     *http.Server
	listener net.Listener
}

// Listen binds the address; a server of no address does nothing.
func (m *Metrics) Listen(ctx context.Context, cfg Config) (*Server, error) {
	if cfg.MetricsAddr == "" {
		return &Server{}, nil
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", cfg.MetricsAddr)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET "+Path, promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: answerWithin}))
	return &Server{&http.Server{Handler: mux, ReadHeaderTimeout: headersWithin, ReadTimeout: headersWithin, WriteTimeout: answerWithin + headersWithin}, l}, nil
}

// Addr is where it listens; empty for nowhere.
func (s *Server) Addr() string {
	if s.listener == nil {
		return ""
	}
	return s.listener.Addr().String()
}

// Serve answers until the context ends.
func (s *Server) Serve(ctx context.Context) {
	if s.listener == nil {
		return
	}
	stop := context.AfterFunc(ctx, func() {
		closing, cancel := context.WithTimeout(context.Background(), closeWithin)
		defer cancel()
		_ = s.http.Shutdown(closing)
	})
	defer stop()
	_ = s.http.Serve(s.listener) // it says that it was closed
}

// Close frees the address, for who does not come to Serve.
func (s *Server) Close() {
	if s != nil && s.listener != nil {
		_ = s.listener.Close()
	}
}
