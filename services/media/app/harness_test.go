package app_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"

	boardv1 "fresque.dev/proto/gen/go/fresque/board/v1"
	mediav1 "fresque.dev/proto/gen/go/fresque/media/v1"
	"fresque.dev/proto/subject"
	"fresque.dev/services/internal/natstest"
	"fresque.dev/services/internal/token"
	"fresque.dev/services/media/app"
	"fresque.dev/services/media/internal/s3test"
)

const (
	boardID = "0190a6a0-0000-7000-8000-000000000001"
	ownerID = "0190a6a0-0000-7000-8000-000000000002"
	// patience is how long a test waits for what must happen before it gives up.
	patience = 60 * time.Second
	runVerb  = "run-mediad"
)

// TestMain lets the test's program be a worker, or the service itself where a
// test has to kill it.
func TestMain(m *testing.M) {
	app.RunWorkerIfAsked()
	if len(os.Args) > 1 && os.Args[1] == runVerb {
		if err := runService(os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// runService is cmd/mediad, and tells its addresses.
func runService(args []string) error {
	cfg, err := app.Load(args, io.Discard)
	if err != nil {
		return err
	}
	a, err := app.New(cfg, app.Deps{Log: slog.New(slog.NewTextHandler(os.Stderr, nil))})
	if err != nil {
		return err
	}
	fmt.Println(a.Addr(), a.UploadAddr())
	return a.Run(context.Background())
}

// world is a real NATS, a real S3, and a board that signs tickets.
type world struct {
	t      *testing.T
	nats   *natstest.Server
	s3     *s3test.Server
	signer *token.Signer
	dir    string
	next   int
	// allow is what previews may read.
	allow      []string
	noPreviews bool
	// said is what the board says of each upload; of others, that they are
	// pictures.
	said map[string]token.Claims
	// front is where clients reach all replicas, and goneAfter how many seconds one
	// may be silent; that of the service itself when empty.
	front     string
	goneAfter int
	// set changes the settings, and now tells the minute of whoever is counted; nil
	// for what there is.
	set func(*app.Config)
	now func() time.Time
	// making is how files are made ready.
	making app.Making
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{
		t: t, nats: natstest.StartDeclared(t), s3: s3test.Start(t), dir: filepath.Join(t.TempDir(), "media"),
		said: map[string]token.Claims{}, making: app.DefaultMaking(),
		signer: token.NewSigner(bytes.Repeat([]byte{7}, 32), time.Now),
	}
	answer := new(boardv1.GetVerificationKeysResponse)
	for id, key := range w.signer.PublicKeys() {
		answer.Keys = append(answer.Keys, &boardv1.VerificationKey{KeyId: id, PublicKey: key})
	}
	data, err := proto.Marshal(answer)
	if err != nil {
		t.Fatal(err)
	}
	nc := w.nats.Connect()
	if _, err := nc.Subscribe(subject.VerificationKeys, func(m *nats.Msg) { _ = m.Respond(data) }); err != nil {
		t.Fatal(err)
	}
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) config() app.Config {
	s3 := w.s3.Config()
	c := app.Default()
	c.Addr, c.UploadAddr, c.UploadURL = "127.0.0.1:0", "127.0.0.1:0", ""
	c.AppOrigins = []string{"https://wall.example"}
	c.Dir, c.NATS = w.dir, w.nats.Settings(subject.MediaService)
	// Rendering is slow under the race detector.
	c.WorkerSeconds = 300
	if w.front != "" {
		c.UploadURL = w.front
	}
	if w.goneAfter > 0 {
		c.TakeOverSeconds = w.goneAfter
	}
	c.Previews.Allow, c.Making = w.allow, w.making
	if w.noPreviews {
		c.Previews.Read = "no"
	}
	c.S3 = app.S3{Endpoint: s3.Endpoint, Region: s3.Region, Bucket: s3.Bucket, AccessKey: s3.AccessKey, SecretKey: s3.SecretKey}
	if w.set != nil {
		w.set(&c)
	}
	return c
}

// service is the media service as its clients see it.
type service struct {
	w             *world
	addr, uploads string
	// pid is that of a service in a process of its own.
	pid int
	// dir is the folder of one of several.
	dir  string
	stop func()
}

// start runs the service in this process.
func (w *world) start() *service {
	w.t.Helper()
	a, err := app.New(w.config(), app.Deps{Version: "test", Now: w.now})
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	s := &service{w: w, addr: "http://" + a.Addr(), uploads: "http://" + a.UploadAddr() + "/uploads/"}
	s.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			w.t.Error(err)
		}
	})
	w.t.Cleanup(s.stop)
	return s
}

func (w *world) newID() string {
	w.next++
	return fmt.Sprintf("0190a6a0-0000-7000-8000-1%011d", w.next)
}

func (w *world) ticket(mediaID string) string {
	w.t.Helper()
	c, ok := w.said[mediaID]
	if !ok {
		c = token.Claims{Kinds: []string{"picture"}}
	}
	c.Subject, c.Board, c.Media, c.Max = cmp.Or(c.Subject, ownerID), boardID, mediaID, 1<<30
	raw, _, err := w.signer.Sign(token.TypeUpload, token.AudienceMedia, time.Hour, c)
	if err != nil {
		w.t.Fatal(err)
	}
	return raw
}

func (s *service) tus(method, url, ticket string, header map[string]string, body io.Reader) (*http.Response, error) {
	req, err := http.NewRequestWithContext(s.w.t.Context(), method, url, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+ticket)
	req.Header.Set("Tus-Resumable", "1.0.0")
	for k, v := range header {
		req.Header.Set(k, v)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	if res.StatusCode >= 300 {
		return res, fmt.Errorf("%s %s: %s: %s", method, url, res.Status, text)
	}
	return res, nil
}

func (s *service) create(id string, size int) {
	s.w.t.Helper()
	res, err := s.tus("POST", s.uploads, s.w.ticket(id), map[string]string{"Upload-Length": strconv.Itoa(size)}, nil)
	if err != nil {
		s.w.t.Fatal(err)
	}
	if l := res.Header.Get("Location"); l != s.uploads+id {
		s.w.t.Errorf("location %s", l)
	}
}

func (s *service) send(id string, offset int, body io.Reader) error {
	_, err := s.tus("PATCH", s.uploads+id, s.w.ticket(id), map[string]string{
		"Upload-Offset": strconv.Itoa(offset), "Content-Type": "application/offset+octet-stream",
	}, body)
	return err
}

func (s *service) offset(id string) int {
	s.w.t.Helper()
	res, err := s.tus("HEAD", s.uploads+id, s.w.ticket(id), nil, nil)
	if err != nil {
		s.w.t.Fatal(err)
	}
	n, err := strconv.Atoi(res.Header.Get("Upload-Offset"))
	if err != nil {
		s.w.t.Fatal(err)
	}
	return n
}

// announce makes an upload of another kind than a picture.
func (w *world) announce(mediaType, name string, kinds ...string) string {
	id := w.newID()
	w.said[id] = token.Claims{Kinds: kinds, Type: mediaType, Name: name}
	return id
}

// upload sends a whole picture and gives its id.
func (s *service) upload(file []byte) string { return s.uploadAs(s.w.newID(), file) }

// uploadAs sends a whole file.
func (s *service) uploadAs(id string, file []byte) string {
	s.w.t.Helper()
	s.create(id, len(file))
	if err := s.send(id, 0, bytes.NewReader(file)); err != nil {
		s.w.t.Fatal(err)
	}
	return id
}

// get reads from the delivery address.
func (s *service) get(path string) (*http.Response, []byte) {
	s.w.t.Helper()
	res, err := http.Get(s.addr + path)
	if err != nil {
		s.w.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		s.w.t.Fatal(err)
	}
	return res, body
}

// isReady tells why the service is not, or nil.
func (s *service) isReady() error {
	if res, body := s.get("/readyz"); res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", res.Status, body)
	}
	return nil
}

// await follows an upload's events until one is what is wanted, and gives all
// so far.
func (w *world) await(id string, wanted func(*mediav1.MediaChanged) bool) []*mediav1.MediaChanged {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	js, err := jetstream.New(w.nats.Connect())
	if err != nil {
		w.t.Fatal(err)
	}
	var messages jetstream.MessagesContext
	w.until("a stream", func() error {
		c, err := js.OrderedConsumer(ctx, subject.MediaStream, jetstream.OrderedConsumerConfig{})
		if err == nil {
			messages, err = c.Messages()
		}
		return err
	})
	defer messages.Stop()
	var seen []*mediav1.MediaChanged
	for {
		raw, err := messages.Next(jetstream.NextContext(ctx))
		if err != nil {
			w.t.Fatalf("%v after %v", err, seen)
		}
		m := new(mediav1.MediaChanged)
		if err := proto.Unmarshal(raw.Data(), m); err != nil {
			w.t.Fatal(err)
		}
		if m.MediaId != id {
			continue
		}
		if seen = append(seen, m); wanted(m) {
			return seen
		}
	}
}

func ended(m *mediav1.MediaChanged) bool { return m.GetReady() != nil || m.GetRefused() != nil }

func processing(m *mediav1.MediaChanged) bool { return m.GetProcessing() != nil }

// ready awaits a picture.
func (w *world) ready(id string) *mediav1.Picture { return w.made(id).GetPicture() }

// made awaits what an upload became.
func (w *world) made(id string) *mediav1.Ready {
	w.t.Helper()
	seen := w.await(id, ended)
	last := seen[len(seen)-1]
	if last.GetReady() == nil || seen[0].GetUploaded() == nil || last.BoardId != boardID {
		w.t.Fatalf("events %v", seen)
	}
	return last.GetReady()
}

// until tries until it works.
func (w *world) until(what string, do func() error) {
	w.t.Helper()
	var err error
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if err = do(); err == nil {
			return
		}
	}
	w.t.Fatalf("%s: %v", what, err)
}

// quarantined are the files that lie in quarantine.
func (w *world) quarantined() []string {
	w.t.Helper()
	var names []string
	for _, dir := range []string{"uploads", "work"} {
		entries, err := os.ReadDir(filepath.Join(w.dir, dir))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			w.t.Fatal(err)
		}
		for _, e := range entries {
			names = append(names, e.Name())
		}
	}
	return names
}

func (w *world) emptied() {
	w.t.Helper()
	w.until("an empty quarantine", func() error {
		if left := w.quarantined(); len(left) > 0 {
			return fmt.Errorf("left: %s", strings.Join(left, " "))
		}
		return nil
	})
}
