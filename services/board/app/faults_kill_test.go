//go:build faults

package app

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"fresque.dev/proto/subject"
	"fresque.dev/services/board/internal/wallcheck"
)

// process is a real board service, that can be killed.
type process struct {
	t    *testing.T
	path string
	addr string
	cfg  Config
	cmd  *exec.Cmd
	log  *SafeLog
}

func (p *process) base() string { return "http://" + p.addr }

// build makes the service's binary.
func build(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "boardd")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", path, "../cmd/boardd").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return path
}

// run starts the process and waits until it is ready.
func (p *process) run() {
	p.t.Helper()
	c := p.cfg
	p.cmd = exec.Command(p.path, "-addr", p.addr, "-public-url", c.PublicURL, "-media-url", c.MediaURL, "-upload-url", c.UploadURL,
		"-store", c.Store, "-nats-url", c.NATS.URL, "-nats-user", c.NATS.User)
	p.cmd.Env = append(os.Environ(), "FRESQUE_BOARD_MASTER_KEY="+c.MasterKey, "FRESQUE_BOARD_OPERATOR_KEY="+c.OperatorKey, "FRESQUE_BOARD_NATS_PASSWORD="+c.NATS.Password,
		// Its people write faster than people do, all from one address.
		"FRESQUE_BOARD_SESSION_WRITES=1000000", "FRESQUE_BOARD_SESSION_READS=1000000", "FRESQUE_BOARD_SESSION_STREAMS=1000000",
		"FRESQUE_BOARD_ADDRESS_CALLS=1000000", "FRESQUE_BOARD_ADDRESS_SESSIONS=1000000", "FRESQUE_BOARD_ADDRESS_STREAMS=1000000")
	p.cmd.Stderr = p.log
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	eventually(p.t, "the process is ready", func() bool {
		status, _, err := request(p.t.Context(), "GET", p.base()+"/readyz", "", "", nil)
		return err == nil && status == http.StatusOK
	})
}

// kill is kill -9.
func (p *process) kill() {
	p.t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		p.t.Error(err)
	}
	_ = p.cmd.Wait()
}

func TestS4_S5_KillDashNineUnderLoad(t *testing.T) {
	c := prepareCluster(t)
	c.cfg.NATS = c.nats.Settings(subject.BoardService)
	path := build(t)
	var processes []*process
	var bases []string
	for range 2 {
		p := &process{t: t, path: path, addr: FreeAddress(t), cfg: c.cfg, log: new(SafeLog)}
		p.run()
		t.Cleanup(func() {
			p.kill()
			if t.Failed() {
				t.Log(tail(p.log))
			}
		})
		processes, bases = append(processes, p), append(bases, p.base())
	}
	c.token = openSession(t, bases[0], byLink(makeWall(t, bases[0], c.cfg.OperatorKey), "Ada")).Token
	c.watch("browser on the first", bases...).opened()
	c.watch("browser on the second", bases[1], bases[0]).opened()
	walls := []*wallcheck.Wall{c.browsers[0].wall, c.browsers[1].wall}

	for round := range 4 {
		victim, other := processes[round%2], processes[(round+1)%2]
		crowd := c.writes(8, 0, 0, bases...)
		time.Sleep(700 * time.Millisecond)
		victim.kill()
		end := time.Now()
		// Whoever was cut off in mid-write goes on with the other.
		crowd.end()
		settles(t, end, c.token, c.ledger, walls, []string{other.base()})
		victim.run()
		settles(t, time.Now(), c.token, c.ledger, walls, bases)
	}
}

// makeWall makes the wall as the operator does, and gives the link of those who
// write.
func makeWall(t *testing.T, base, operatorKey string) string {
	t.Helper()
	status, body, err := request(t.Context(), "POST", base+"/api/v1/boards", operatorKey, "", map[string]any{"id": faultyWall, "title": "Mur"})
	if err != nil || status != http.StatusCreated {
		t.Fatalf("no wall: %d %s %v", status, body, err)
	}
	var made struct {
		Links []struct{ Role, URL string }
	}
	if err := json.Unmarshal(body, &made); err != nil {
		t.Fatal(err)
	}
	for _, link := range made.Links {
		if link.Role == "writer" {
			return link.URL
		}
	}
	t.Fatal("no link for those who write")
	return ""
}
