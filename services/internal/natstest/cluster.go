package natstest

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"fresque.dev/proto/subject"
	"fresque.dev/services/internal/natsconn"
	"fresque.dev/services/internal/natsrights"
)

// serverVerb, and the path of a configuration, make a server of a test's program.
const serverVerb = "be-a-nats-server"

// BeServer makes this process a NATS server, until it is told to end, when it was
// started as one by StartCluster; else it does nothing. It stands at the beginning
// of TestMain.
func BeServer() {
	if len(os.Args) != 3 || os.Args[1] != serverVerb {
		return
	}
	opts, err := server.ProcessConfigFile(os.Args[2])
	if err == nil {
		var srv *server.Server
		if srv, err = server.NewServer(opts); err == nil {
			srv.ConfigureLogger()
			srv.Start()
			srv.WaitForShutdown()
			os.Exit(0)
		}
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// Cluster is three NATS servers, each a process that may be killed. Clients and
// servers speak TLS, and each service has its rights.
type Cluster struct {
	t         testing.TB
	authority *Authority
	Nodes     []*Node
}

// Node is one of them.
type Node struct {
	Name, URL string
	t         testing.TB
	conf      string
	health    string
	cmd       *exec.Cmd
}

// StartCluster starts them, and waits until they have a leader. The services may
// make their streams when makes is set.
func StartCluster(t testing.TB, makes bool) *Cluster {
	t.Helper()
	c := &Cluster{t: t, authority: NewAuthority(t)}
	cert, key := c.authority.Issue("nats", "nats.example")
	tls := fmt.Sprintf("{cert_file: %q, key_file: %q, ca_file: %q, timeout: 10}", cert, key, c.authority.Path)
	var ports, routes []string
	for range 3 {
		ports = append(ports, freePort(t))
		routes = append(routes, "nats://127.0.0.1:"+freePort(t))
	}
	for n, port := range ports {
		dir := t.TempDir()
		node := &Node{t: t, Name: fmt.Sprint("nats-", n), URL: "nats://127.0.0.1:" + port, conf: filepath.Join(dir, "nats.conf")}
		monitor := freePort(t)
		node.health = "http://127.0.0.1:" + monitor + "/healthz"
		conf := passwords() + natsrights.Conf(makes) + fmt.Sprintf(`
server_name: %s
listen: "127.0.0.1:%s"
http: "127.0.0.1:%s"
tls %s
log_file: %q
lame_duck_duration: 30s
lame_duck_grace_period: 1s
jetstream {store_dir: %q, max_file: 1G, max_mem: 64M}
cluster {name: fresque, listen: %q, routes: [%s], tls %s}
`, node.Name, port, monitor, tls, filepath.Join(dir, "log"), dir, strings.TrimPrefix(routes[n], "nats://"), strings.Join(routes, ", "), tls)
		if err := os.WriteFile(node.conf, []byte(conf), 0o600); err != nil {
			t.Fatal(err)
		}
		node.Start()
		t.Cleanup(node.Kill)
		c.Nodes = append(c.Nodes, node)
	}
	c.eventually("the cluster takes a stream of three", func(ctx context.Context, js jetstream.JetStream) bool {
		_, err := js.CreateStream(ctx, jetstream.StreamConfig{Name: "READY", Subjects: []string{"ready"}, Replicas: 3})
		return err == nil && js.DeleteStream(ctx, "READY") == nil
	})
	return c
}

func freePort(t testing.TB) string {
	t.Helper()
	var listen net.ListenConfig
	l, err := listen.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// Start starts a server that is not running.
func (n *Node) Start() {
	n.t.Helper()
	n.cmd = exec.CommandContext(context.Background(), os.Args[0], serverVerb, n.conf)
	n.cmd.Stderr = os.Stderr
	if err := n.cmd.Start(); err != nil {
		n.t.Fatal(err)
	}
}

// Kill is kill -9.
func (n *Node) Kill() { n.end(syscall.SIGKILL) }

// Retire ends a server as an upgrade does: it hands over what it leads, sends its
// clients elsewhere, and goes.
func (n *Node) Retire() { n.end(syscall.SIGUSR2) }

func (n *Node) end(with os.Signal) {
	if n.cmd == nil {
		return
	}
	_ = n.cmd.Process.Signal(with)
	_ = n.cmd.Wait()
	n.cmd = nil
}

// Settings are those of a service that is to use the cluster.
func (c *Cluster) Settings(who subject.Service) natsconn.Config {
	s := natsconn.Default()
	var urls []string
	for _, n := range c.Nodes {
		urls = append(urls, n.URL)
	}
	s.URL, s.User, s.Password, s.CA = strings.Join(urls, ","), string(who), string(who), c.authority.Path
	return s
}

// JetStream is that of an administrator, over a connection that lives through
// restarts.
func (c *Cluster) JetStream() jetstream.JetStream {
	c.t.Helper()
	s := c.Settings("")
	nc, err := nats.Connect(s.URL, nats.UserInfo(natsrights.Administrator, natsrights.Administrator), nats.RootCAs(s.CA),
		nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1), nats.ReconnectWait(100*time.Millisecond))
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		c.t.Fatal(err)
	}
	return js
}

// eventually waits for what an administrator may see.
func (c *Cluster) eventually(what string, cond func(context.Context, jetstream.JetStream) bool) {
	c.t.Helper()
	defer func(at time.Time) { c.t.Logf("%s: %.1f s", what, time.Since(at).Seconds()) }(time.Now())
	js := c.JetStream()
	ctx, cancel := context.WithTimeout(c.t.Context(), time.Minute)
	defer cancel()
	for ctx.Err() == nil {
		once, stop := context.WithTimeout(ctx, 3*time.Second)
		done := cond(once, js)
		stop()
		if done {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	c.t.Fatalf("never: %s", what)
}

// healthy tells what Kubernetes asks before it goes on to the next.
func (n *Node) healthy(ctx context.Context) bool {
	if n.cmd == nil {
		return true
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, n.health, nil)
	if err != nil {
		n.t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	return res.Body.Close() == nil && res.StatusCode == http.StatusOK
}

// Whole waits until the servers that run are healthy and each stream has so many
// copies, all of them up to date.
func (c *Cluster) Whole(copies int) {
	c.t.Helper()
	c.eventually("all copies are up to date", func(ctx context.Context, js jetstream.JetStream) bool {
		for _, node := range c.Nodes {
			if !node.healthy(ctx) {
				return false
			}
		}
		list := js.ListStreams(ctx)
		n := 0
		for info := range list.Info() {
			n++
			if info.Config.Replicas != copies || info.Cluster == nil || info.Cluster.Leader == "" || len(info.Cluster.Replicas) != copies-1 {
				return false
			}
			for _, peer := range info.Cluster.Replicas {
				if !peer.Current || peer.Offline {
					return false
				}
			}
		}
		return list.Err() == nil && n > 0
	})
}

// Leader is the server that leads a stream, or of a reader of it when that is named.
func (c *Cluster) Leader(stream, reader string) *Node {
	c.t.Helper()
	var leader *Node
	c.eventually("somebody leads "+stream+" "+reader, func(ctx context.Context, js jetstream.JetStream) bool {
		s, err := js.Stream(ctx, stream)
		if err != nil {
			return false
		}
		of := s.CachedInfo().Cluster
		if reader != "" {
			r, err := s.Consumer(ctx, reader)
			if err != nil {
				return false
			}
			of = r.CachedInfo().Cluster
		}
		for _, n := range c.Nodes {
			if of != nil && of.Leader == n.Name && n.cmd != nil {
				leader = n
			}
		}
		return leader != nil
	})
	return leader
}
