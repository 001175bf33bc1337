package natsconn_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"fresque.dev/proto/subject"
	"fresque.dev/services/internal/natsconn"
	"fresque.dev/services/internal/natstest"
	"fresque.dev/services/internal/settings"
)

const secret = "a-secret-that-nobody-reads"

// log is what a service has told.
type log struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// guarded runs a server that wants a user, TLS and a client's certificate.
func guarded(t *testing.T, authority *natstest.Authority) string {
	t.Helper()
	cert, key := authority.Issue("server", "nats.example")
	return serve(t, fmt.Sprintf(`
		tls { cert_file: %q, key_file: %q, ca_file: %q, verify: true }
		authorization { users: [{user: board, password: %q, permissions: {publish: "fresque.>", subscribe: "_INBOX_board.>"}}] }`,
		cert, key, authority.Path, secret))
}

// serve runs a server of its own configuration, and gives its address.
func serve(t *testing.T, conf string) string {
	t.Helper()
	return "nats://" + start(t, conf).Addr().String()
}

func start(t *testing.T, conf string) *server.Server {
	t.Helper()
	return run(t, options(t, conf))
}

func options(t *testing.T, conf string) *server.Options {
	t.Helper()
	opts := &server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoLog: true, NoSigs: true}
	if err := opts.ProcessConfigString("debug: false\n" + conf); err != nil {
		t.Fatal(err)
	}
	return opts
}

func run(t *testing.T, opts *server.Options) *server.Server {
	t.Helper()
	s, err := server.NewServer(opts)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("NATS did not start")
	}
	return s
}

func eventually(t *testing.T, what string, cond func() bool) {
	t.Helper()
	for range 1000 {
		if cond() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("never: %s", what)
}

func TestWhatIsWrongIsToldWithTheSettingToMend(t *testing.T) {
	authority, other := natstest.NewAuthority(t), natstest.NewAuthority(t)
	cert, key := authority.Issue("client")
	strange, strangeKey := other.Issue("client")
	secured := guarded(t, authority)
	open := serve(t, "")
	right := natsconn.Config{URL: secured, CA: authority.Path, Cert: cert, Key: key, User: "board", Password: secret, Streams: natsconn.MakeStreams}
	for name, c := range map[string]struct {
		change func(*natsconn.Config)
		mend   string
	}{
		"password":         {func(c *natsconn.Config) { c.Password = "another-" + secret }, "NATS_USER with NATS_PASSWORD"},
		"nobody":           {func(c *natsconn.Config) { c.User, c.Password = "", "" }, "set NATS_CREDENTIALS, or NATS_USER"},
		"authority":        {func(c *natsconn.Config) { c.CA = other.Path }, "NATS_CA must name"},
		"no TLS":           {func(c *natsconn.Config) { c.CA, c.Cert, c.Key = "", "", "" }, "NATS_CA"},
		"no certificate":   {func(c *natsconn.Config) { c.Cert, c.Key = "", "" }, "set NATS_CERT and NATS_KEY"},
		"strange client":   {func(c *natsconn.Config) { c.Cert, c.Key = strange, strangeKey }, "NATS does not trust the certificate of NATS_CERT"},
		"name":             {func(c *natsconn.Config) { c.ServerName = "other.example" }, "NATS_SERVER_NAME"},
		"TLS not on offer": {func(c *natsconn.Config) { c.URL = open }, "NATS offers no TLS"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg, told := right, new(log)
			c.change(&cfg)
			if err := cfg.Check(); err != nil {
				t.Fatal(err)
			}
			nc, err := cfg.Connect(subject.BoardService, slog.New(slog.NewTextHandler(told, nil)))
			if err == nil {
				defer nc.Close()
				eventually(t, "it is told", func() bool { return strings.Contains(told.String(), c.mend) || nc.IsConnected() })
			} else if _, werr := told.Write([]byte(err.Error())); werr != nil {
				t.Fatal(werr)
			}
			if !strings.Contains(told.String(), c.mend) {
				t.Errorf("told %s", told)
			}
			if strings.Contains(told.String(), secret) {
				t.Errorf("the log tells the secret: %s", told)
			}
		})
	}
}

func TestAServiceComesInAsItself(t *testing.T) {
	authority := natstest.NewAuthority(t)
	cert, key := authority.Issue("client")
	told := new(log)
	cfg := natsconn.Config{
		// The first of the addresses is of nobody.
		URL: "nats://127.0.0.1:1," + guarded(t, authority), CA: authority.Path, Cert: cert, Key: key, ServerName: "nats.example",
		User: "board", Password: secret, Streams: natsconn.CheckStreams,
	}
	if err := cfg.Check(); err != nil {
		t.Fatal(err)
	}
	nc, err := cfg.Connect(subject.BoardService, slog.New(slog.NewTextHandler(told, nil)))
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is there", nc.IsConnected)
	if !strings.HasPrefix(nc.NewInbox(), "_INBOX_board.") {
		t.Errorf("answers come to %s", nc.NewInbox())
	}
	if err := nc.Publish("elsewhere", nil); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is told what it may not", func() bool {
		return strings.Contains(told.String(), "has not the rights") && strings.Contains(told.String(), "elsewhere")
	})
	natsconn.Close(nc)
	if !nc.IsClosed() {
		t.Error("it is not closed")
	}
}

// TestARefusedServiceWaits until its user is mended, and nobody has to start it
// again: a second refusal is usually the end of a connection.
func TestARefusedServiceWaits(t *testing.T) {
	told := new(log)
	conf := `authorization { users: [{user: board, password: %q}] }`
	s := start(t, fmt.Sprintf(conf, secret))
	cfg := natsconn.Config{URL: "nats://" + s.Addr().String(), User: "board", Password: "new"}
	nc, err := cfg.Connect(subject.BoardService, slog.New(slog.NewTextHandler(told, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { natsconn.Close(nc) })
	eventually(t, "it is refused twice", func() bool {
		v, err := s.Varz(nil)
		return err == nil && v.TotalConnections >= 3
	})
	if !strings.Contains(told.String(), "NATS_PASSWORD") {
		t.Errorf("told %s", told)
	}
	again := options(t, fmt.Sprintf(conf, "new"))
	again.Port = s.Addr().(*net.TCPAddr).Port
	s.Shutdown()
	s.WaitForShutdown()
	run(t, again)
	eventually(t, "it is let in", nc.IsConnected)
}

// TestAPasswordIsChangedWithoutARestart: the file has the new one before NATS does.
func TestAPasswordIsChangedWithoutARestart(t *testing.T) {
	conf := `authorization { users: [{user: board, password: %q}] }`
	s := start(t, fmt.Sprintf(conf, secret))
	file := filepath.Join(t.TempDir(), "password")
	write := func(password string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(password+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(secret)
	var cfg natsconn.Config
	set := settings.New("FRESQUE", []string{"FRESQUE_NATS_URL=nats://" + s.Addr().String(), "FRESQUE_NATS_USER=board", "FRESQUE_NATS_PASSWORD_FILE=" + file})
	cfg.Declare(set)
	if err := set.Parse(nil); err != nil {
		t.Fatal(err)
	}
	nc, err := cfg.Connect(subject.BoardService, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { natsconn.Close(nc) })
	eventually(t, "it is there", nc.IsConnected)
	write("new")
	again := options(t, fmt.Sprintf(conf, "new"))
	again.Port = s.Addr().(*net.TCPAddr).Port
	s.Shutdown()
	s.WaitForShutdown()
	run(t, again)
	eventually(t, "it is back", func() bool { return nc.IsConnected() && nc.Stats().Reconnects > 0 })
}

func TestSettingsAreCheckedWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "there")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	wrong := natsconn.Config{
		URL: "http://x, nats://user:" + secret + "@127.0.0.1:4222", Credentials: path + "-not", User: "u", Cert: path, Streams: "perhaps",
	}
	told := fmt.Sprint(wrong.Check())
	for _, name := range []string{
		"NATS_URL: must be nats://", "NATS_URL: must not name a user", "NATS_CREDENTIALS: open", "NATS_USER: is given besides",
		"NATS_PASSWORD: must be set", "NATS_KEY: must be set", "NATS_STREAMS:",
	} {
		if !strings.Contains(told, name) {
			t.Errorf("%s is not told: %s", name, told)
		}
	}
	if strings.Contains(told, secret) {
		t.Error("the faults tell the password")
	}
	if err := natsconn.Default().Check(); err != nil {
		t.Error(err)
	}
}
