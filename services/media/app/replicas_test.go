package app_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	mediav1 "fresque.dev/proto/gen/go/fresque/media/v1"
	"fresque.dev/services/internal/callers"
	"fresque.dev/services/media/internal/sample"
)

// ingress hands each request to the next replica in turn, whatever it is about.
type ingress struct {
	mu       sync.Mutex
	replicas []*url.URL
	turn     int
}

func (i *ingress) next() *url.URL {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.turn++
	return i.replicas[i.turn%len(i.replicas)]
}

// to makes these the replicas that are there.
func (i *ingress) to(t *testing.T, replicas ...*service) {
	t.Helper()
	i.mu.Lock()
	defer i.mu.Unlock()
	i.replicas = nil
	for _, s := range replicas {
		u, err := url.Parse(strings.TrimSuffix(s.uploads, "/uploads/"))
		if err != nil {
			t.Fatal(err)
		}
		i.replicas = append(i.replicas, u)
	}
}

// fleet is several replicas behind an ingress, each with a folder of its own.
type fleet struct {
	*world
	ingress *ingress
	// client is all of them, as a client sees them.
	client *service
}

func newFleet(t *testing.T) *fleet {
	w := newWorld(t)
	i := new(ingress)
	front := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) {
			p.SetURL(i.next())
			// As if it had come from there.
			p.Out.Header[callers.ForwardedFor] = p.In.Header[callers.ForwardedFor]
		},
		ErrorHandler: func(rw http.ResponseWriter, _ *http.Request, _ error) { rw.WriteHeader(http.StatusBadGateway) },
	})
	t.Cleanup(front.Close)
	w.front = front.URL + "/uploads/"
	return &fleet{world: w, ingress: i, client: &service{w: w, uploads: w.front}}
}

// in starts a replica in a folder of its own.
func (f *fleet) in(name string, how func() *service) *service {
	f.dir = filepath.Join(f.t.TempDir(), name)
	s := how()
	s.dir = f.dir
	return s
}

// again starts a replica where it was.
func (f *fleet) again(s *service, how func() *service) *service {
	f.dir = s.dir
	started := how()
	started.dir = s.dir
	return started
}

func (f *fleet) emptied(replicas ...*service) {
	f.t.Helper()
	for _, s := range replicas {
		f.dir = s.dir
		f.world.emptied()
	}
}

// sendOn sends the rest of a file in parts as a browser does: where it is told to
// wait it asks how much has come, and where there is nothing it begins anew.
func (f *fleet) sendOn(id string, file []byte, part int) {
	f.t.Helper()
	f.until("the upload of "+id, func() error {
		res, err := f.client.tus("HEAD", f.client.uploads+id, f.ticket(id), nil, nil)
		if res != nil && res.StatusCode == http.StatusNotFound {
			_, err := f.client.tus("POST", f.client.uploads, f.ticket(id), map[string]string{"Upload-Length": strconv.Itoa(len(file))}, nil)
			return errors.Join(errors.New("begun anew"), err)
		}
		if err != nil {
			return err
		}
		at := 0
		if _, err := fmt.Sscan(res.Header.Get("Upload-Offset"), &at); err != nil {
			return err
		}
		for ; at < len(file); at += part {
			if err := f.client.send(id, at, bytes.NewReader(file[at:min(at+part, len(file))])); err != nil {
				return err
			}
		}
		return nil
	})
}

func large(t *testing.T) []byte {
	return picture(t, sample.Options{Width: 1200, Height: 900, Orientation: 1, Quality: 95})
}

// TestAnyReplicaTakesAnyRequest: uploads in parts, each of which reaches the next
// replica; what is asked of them; taking back.
func TestAnyReplicaTakesAnyRequest(t *testing.T) {
	f := newFleet(t)
	one, two, three := f.in("one", f.start), f.in("two", f.start), f.in("three", f.start)
	f.ingress.to(t, one, two, three)
	file := large(t)
	var work sync.WaitGroup
	var ids []string
	for range 4 {
		id := f.newID()
		ids = append(ids, id)
		f.client.create(id, len(file))
		f.client.create(id, len(file)) // whose answer was lost
		work.Go(func() { f.sendOn(id, file, len(file)/5+1) })
	}
	work.Wait()
	for _, id := range ids {
		if p := f.ready(id); p.Width != 1200 {
			t.Errorf("%v", p)
		}
		for range 3 {
			if n := f.client.offset(id); n != len(file) {
				t.Errorf("offset %d", n)
			}
		}
	}
	back := f.newID()
	f.client.create(back, 1000)
	if err := f.client.send(back, 0, strings.NewReader("half")); err != nil {
		t.Fatal(err)
	}
	f.client.takeBack(back)
	if seen := f.await(back, ended); seen[len(seen)-1].GetRefused().GetCode() != "media_cancelled" {
		t.Errorf("events %v", seen)
	}
	for range 3 {
		if _, err := f.client.tus("HEAD", f.client.uploads+back, f.ticket(back), nil, nil); err == nil {
			t.Error("it goes on")
		}
	}
	f.emptied(one, two, three)
	if files := f.s3.Files(); len(files) != 5*len(ids) && len(files)%len(ids) != 0 {
		t.Errorf("objects %v", files)
	}
}

func (s *service) takeBack(id string) {
	s.w.t.Helper()
	if _, err := s.tus("DELETE", s.uploads+id, s.w.ticket(id), nil, nil); err != nil {
		s.w.t.Fatal(err)
	}
}

// TestTheOwnerIsKilledAndComesBack: meanwhile the others say that it is to be
// tried again; then it goes on where it was, whoever is asked.
func TestTheOwnerIsKilledAndComesBack(t *testing.T) {
	f := newFleet(t)
	owner := f.in("owner", f.spawn)
	f.ingress.to(t, owner)
	file := large(t)
	half := len(file) / 2
	id := f.newID()
	f.client.create(id, len(file))
	if err := f.client.send(id, 0, bytes.NewReader(file[:half])); err != nil {
		t.Fatal(err)
	}
	other := f.in("other", f.start)
	owner.stop()
	f.ingress.to(t, other)
	f.until("an answer that says when", func() error {
		res, err := f.client.tus("HEAD", f.client.uploads+id, f.ticket(id), nil, nil)
		if err == nil || res == nil || res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Retry-After") == "" {
			return fmt.Errorf("%v %w", res, err)
		}
		return nil
	})
	owner = f.again(owner, f.spawn)
	f.until("the owner's new address", func() error {
		res, err := f.client.tus("HEAD", f.client.uploads+id, f.ticket(id), nil, nil)
		if err == nil && res.Header.Get("Upload-Offset") != fmt.Sprint(half) {
			t.Fatalf("offset %s, want %d", res.Header.Get("Upload-Offset"), half)
		}
		return err
	})
	f.sendOn(id, file, half)
	if p := f.ready(id); p.Width != 1200 {
		t.Errorf("%v", p)
	}
	f.emptied(owner, other)
}

// TestAReplicaThatIsGoneForGood: others take its upload over from the beginning;
// when it comes back after all, it lets go of it, and of what it made.
func TestAReplicaThatIsGoneForGood(t *testing.T) {
	f := newFleet(t)
	f.goneAfter = 2
	gone := f.in("gone", f.spawn)
	f.ingress.to(t, gone)
	file := large(t)
	id, left := f.newID(), f.newID()
	for _, id := range []string{id, left} {
		f.client.create(id, len(file))
		if err := f.client.send(id, 0, bytes.NewReader(file[:len(file)/2])); err != nil {
			t.Fatal(err)
		}
	}
	other, third := f.in("other", f.start), f.in("third", f.start)
	gone.stop()
	f.ingress.to(t, other, third)
	f.sendOn(id, file, len(file)/3+1)
	if p := f.ready(id); p.Width != 1200 {
		t.Errorf("%v", p)
	}
	objects := f.objectsOf(id)
	f.client.takeBack(left) // nothing of it is there
	back := f.again(gone, f.start)
	f.emptied(back, other, third)
	if seen := f.await(id, ended); seen[len(seen)-1].GetReady() == nil {
		t.Errorf("events %v", seen)
	}
	if n := f.objectsOf(id); n != objects || n == 0 {
		t.Errorf("%d objects of %d", n, objects)
	}
}

// TestErasedWhicheverReplicaHasIt: the order comes to one replica, and the upload
// is on its way, or being made, on another.
func TestErasedWhicheverReplicaHasIt(t *testing.T) {
	f := newFleet(t)
	one, two := f.in("one", f.start), f.in("two", f.start)
	f.ingress.to(t, one, two)
	file := large(t)
	var begun, made []string
	for range 4 {
		id := f.newID()
		begun = append(begun, id)
		f.client.create(id, len(file))
		if err := f.client.send(id, 0, bytes.NewReader(file[:100])); err != nil {
			t.Fatal(err)
		}
	}
	for range 4 {
		id := f.client.upload(file)
		made = append(made, id)
	}
	f.await(made[3], processing)
	f.command(erase(begun[0], begun[1], made[0]))
	f.command(erase()) // the whole board
	for _, id := range append(begun, made...) {
		f.await(id, ended)
		f.gone(id)
	}
	for _, id := range begun {
		for range 2 {
			if res, err := f.client.tus("PATCH", f.client.uploads+id, f.ticket(id), map[string]string{
				"Upload-Offset": "100", "Content-Type": "application/offset+octet-stream",
			}, bytes.NewReader(file[100:])); err == nil {
				t.Errorf("it goes on: %s", res.Status)
			}
		}
	}
	f.emptied(one, two)
	if files := f.s3.Files(); len(files) > 0 {
		t.Errorf("objects %v", files)
	}
}

// TestOrdersAreSharedAmongReplicas: copies and previews are made once each, by
// whichever comes first, and by the other when one is killed.
func TestOrdersAreSharedAmongReplicas(t *testing.T) {
	f := newFleet(t)
	o := f.outside()
	one, two := f.in("one", f.spawn), f.in("two", f.start)
	f.ingress.to(t, one, two)
	from := f.client.upload(small(t))
	f.ready(from)
	copied := f.newID()
	f.command(&mediav1.Command{Command: &mediav1.Command_Copy{Copy: &mediav1.Copy{
		FromBoardId: boardID, FromMediaId: from, BoardId: boardID, MediaId: copied,
	}}})
	f.await(copied, ended)
	if n := f.objectsOf(copied); n != f.objectsOf(from) {
		t.Errorf("%d objects", n)
	}
	var ids []string
	for n := range 6 {
		id := f.newID()
		ids = append(ids, id)
		f.order(id, o.URL+"/bare", int32(n+1))
		if n == 3 {
			one.stop()
		}
	}
	for n, id := range ids {
		if m := f.preview(id, int32(n+1)); m.GetReady() == nil {
			t.Errorf("got %v", m)
		}
	}
}

// TestTheRestOfAnUploadReachesItsOwnerAsItComes: another replica does not keep it,
// and a cut is no loss.
func TestTheRestOfAnUploadReachesItsOwnerAsItComes(t *testing.T) {
	f := newFleet(t)
	owner := f.in("owner", f.start)
	f.ingress.to(t, owner)
	file := large(t)
	id := f.newID()
	f.client.create(id, len(file))
	other := f.in("other", f.start)
	f.ingress.to(t, other)
	body, feed := io.Pipe()
	sent := make(chan error, 1)
	go func() { sent <- f.client.send(id, 0, body) }()
	if _, err := feed.Write(file[:len(file)/2]); err != nil {
		t.Fatal(err)
	}
	f.until("half a file", func() error {
		info, err := os.Stat(filepath.Join(owner.dir, "uploads", id))
		if err == nil && info.Size() < int64(len(file)/2) {
			err = fmt.Errorf("%d bytes", info.Size())
		}
		return err
	})
	_ = feed.CloseWithError(errors.New("the network is gone"))
	if err := <-sent; err == nil {
		t.Error("the cut was not noticed")
	}
	f.until("the end of the first request", func() error {
		res, err := f.client.tus("HEAD", f.client.uploads+id, f.ticket(id), nil, nil)
		if err == nil && res.Header.Get("Upload-Offset") != fmt.Sprint(len(file)/2) {
			err = errors.New(res.Header.Get("Upload-Offset"))
		}
		return err
	})
	f.sendOn(id, file, len(file))
	f.ready(id)
	f.emptied(owner, other)
}
