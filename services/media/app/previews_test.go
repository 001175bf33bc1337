package app_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	mediav1 "fresque.dev/proto/gen/go/fresque/media/v1"
	"fresque.dev/services/media/internal/sample"
)

// outside is a web server of the world, which the service may read.
type outside struct {
	*httptest.Server
	mux   *http.ServeMux
	pages atomic.Int32
}

func (w *world) outside() *outside {
	o := &outside{mux: http.NewServeMux()}
	o.Server = httptest.NewServer(o.mux)
	w.t.Cleanup(o.Close)
	w.allow = append(w.allow, strings.TrimPrefix(o.URL, "http://"))
	o.page("/page", `<title>Une page</title><meta property="og:image" content="/picture.jpg">`)
	o.page("/bare", `<title>Sans image</title>`)
	o.page("/odd", `<title>Drôle d’image</title><meta property="og:image" content="/picture.svg">`)
	o.file("/picture.jpg", "image/jpeg", picture(w.t, sample.Options{Width: 640, Height: 336}))
	o.file("/picture.svg", "image/svg+xml", []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`))
	return o
}

func (o *outside) page(path, body string) {
	o.mux.HandleFunc(path, func(rw http.ResponseWriter, _ *http.Request) {
		o.pages.Add(1)
		rw.Header().Set("Content-Type", "text/html")
		_, _ = rw.Write([]byte(body))
	})
}

func (o *outside) file(path, kind string, body []byte) {
	o.mux.HandleFunc(path, func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", kind)
		_, _ = rw.Write(body)
	})
}

// order asks the service for a preview, as the board service does.
func (w *world) order(id, url string, turn int32) {
	w.t.Helper()
	w.command(&mediav1.Command{Command: &mediav1.Command_Unfurl{Unfurl: &mediav1.Unfurl{BoardId: boardID, MediaId: id, Url: url, Turn: turn}}})
}

// preview awaits the answer to an order.
func (w *world) preview(id string, turn int32) *mediav1.MediaChanged {
	w.t.Helper()
	seen := w.await(id, func(m *mediav1.MediaChanged) bool { return ended(m) && m.GetTurn() == turn })
	return seen[len(seen)-1]
}

func TestPreviews(t *testing.T) {
	w := newWorld(t)
	o := w.outside()
	s := w.start()
	id := w.newID()
	w.order(id, o.URL+"/page", 1)
	ready := w.preview(id, 1).GetReady()
	if p := ready.GetPage(); p.GetTitle() != "Une page" || p.GetHost() != "127.0.0.1" || ready.GetPicture().GetWidth() != 640 {
		t.Fatalf("got %v", ready)
	}
	res, body := s.get(ready.GetPicture().GetVariants()[0].GetPath())
	if res.StatusCode != http.StatusOK || strings.Contains(string(body), sample.SecretMake) {
		t.Errorf("its picture: %s, or with its metadata", res.Status)
	}
	for path, want := range map[string]string{"/bare": "Sans image", "/odd": "Drôle d’image", "/none": ""} {
		id := w.newID()
		w.order(id, o.URL+path, 1)
		m := w.preview(id, 1)
		if m.GetReady().GetPage().GetTitle() != want || m.GetReady().GetPicture() != nil || want == "" && m.GetRefused().GetCode() != "link_unreadable" {
			t.Errorf("%s: %v", path, m)
		}
	}
	// What is closed is told like what is not there.
	id = w.newID()
	w.order(id, "http://127.0.0.1:1/", 1)
	if m := w.preview(id, 1); m.GetRefused().GetCode() != "link_unreadable" {
		t.Errorf("got %v", m)
	}
}

// One page that many link to at once is read once; asked for again, it is
// answered again.
func TestAPageIsReadOnceForAll(t *testing.T) {
	w := newWorld(t)
	o := w.outside()
	w.start()
	var ids []string
	for range 12 {
		id := w.newID()
		ids = append(ids, id)
		w.order(id, o.URL+"/bare", 1)
	}
	for _, id := range ids {
		if m := w.preview(id, 1); m.GetReady() == nil {
			t.Errorf("got %v", m)
		}
	}
	if n := o.pages.Load(); n != 1 {
		t.Errorf("read %d times", n)
	}
	w.order(ids[0], o.URL+"/bare", 2)
	w.preview(ids[0], 2)
}

// TestKilledWhileAPageIsRead: it is read again after the next start.
func TestKilledWhileAPageIsRead(t *testing.T) {
	w := newWorld(t)
	o := w.outside()
	asked := make(chan struct{}, 10)
	var dead atomic.Bool
	o.mux.HandleFunc("/slow", func(rw http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		if !dead.Load() {
			<-r.Context().Done()
			return
		}
		rw.Header().Set("Content-Type", "text/html")
		fmt.Fprint(rw, "<title>Enfin</title>")
	})
	s := w.spawn()
	id := w.newID()
	w.order(id, o.URL+"/slow", 1)
	<-asked
	s.stop()
	dead.Store(true)
	w.spawn()
	if m := w.preview(id, 1); m.GetReady().GetPage().GetTitle() != "Enfin" {
		t.Errorf("got %v", m)
	}
	w.emptied()
}

func TestPreviewsCanBeOff(t *testing.T) {
	w := newWorld(t)
	o := w.outside()
	w.noPreviews = true
	w.start()
	id := w.newID()
	w.order(id, o.URL+"/page", 1)
	if m := w.preview(id, 1); m.GetRefused() == nil || o.pages.Load() != 0 {
		t.Errorf("got %v", m)
	}
}

// Of a preview that the board erases nothing is left.
func TestPreviewsAreErased(t *testing.T) {
	w := newWorld(t)
	o := w.outside()
	w.start()
	id, other := w.newID(), w.newID()
	for _, one := range []string{id, other} {
		w.order(one, o.URL+"/page", 1)
		w.preview(one, 1)
	}
	if w.objectsOf(id) < 2 {
		t.Fatalf("objects %v", w.s3.Files())
	}
	kept := w.objectsOf(other)
	w.command(erase(id))
	w.gone(id)
	if n := w.objectsOf(other); n != kept {
		t.Errorf("%d of %d objects are left of another one", n, kept)
	}
}
