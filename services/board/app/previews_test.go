package app_test

import (
	"testing"

	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"

	mediav1 "fresque.dev/proto/gen/go/fresque/media/v1"
	"fresque.dev/proto/subject"
	"fresque.dev/services/board/app"
	"fresque.dev/services/internal/natstest"
	"fresque.dev/services/internal/streams"
)

// mediaService stands for the media service's news.
type mediaService struct {
	t  *testing.T
	js jetstream.JetStream
}

func newMediaService(t *testing.T, events *natstest.Server) *mediaService {
	t.Helper()
	js, err := jetstream.New(events.Connect())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := js.CreateOrUpdateStream(t.Context(), streams.News(1)); err != nil {
		t.Fatal(err)
	}
	return &mediaService{t, js}
}

// answers tells a page's title for a preview.
func (m *mediaService) answers(preview, title string, turn int32) {
	m.t.Helper()
	data, err := proto.Marshal(&mediav1.MediaChanged{MediaId: preview, BoardId: wallID, Turn: turn, State: &mediav1.MediaChanged_Ready{
		Ready: &mediav1.Ready{Page: &mediav1.Page{Title: title, Host: "example.org"}},
	}})
	if err != nil {
		m.t.Fatal(err)
	}
	if _, err := m.js.Publish(m.t.Context(), subject.MediaEvents(wallID), data); err != nil {
		m.t.Fatal(err)
	}
}

// TestNobodyReadsThePreviewOfAPostTheyDoNotSee: not while it waits for a
// moderator, nor in a hidden section; whoever sees the post sees it, live.
func TestNobodyReadsThePreviewOfAPostTheyDoNotSee(t *testing.T) {
	events := natstest.Start(t)
	s := &secrecy{service: start(t, app.LocalConfig(t), events), posts: map[string]string{}}
	news := newMediaService(t, events)
	s.eve = s.session(s.links.Moderator, "Eve")
	_, readers := s.link(s.eve.token, "reader")
	s.ada, s.bob, s.guest = s.session(s.links.Writer, "Ada"), s.session(s.links.Writer, "Bob"), s.session(readers, "Guest")
	s.set(map[string]any{"moderation": "all"})
	const url, title = "https://example.org/a", "Un titre réservé"
	s.post("en attente", map[string]any{"attachments": []any{map[string]any{"type": "link", "url": url}}})
	post := s.posts["en attente"]
	attachments := s.call("GET", wall+"/posts/"+post, s.ada.token, nil).wants(t, 200, "").json["attachments"].([]any)
	s.media = attachments[0].(map[string]any)["previewId"].(string)

	bob := s.listen(s.bob, s.call("GET", wall+"/snapshot", s.bob.token, nil).str("cursor"))
	ada := s.listen(s.ada, "")
	news.answers(s.media, title, 1)
	ada.until(title) // her own, at once
	hidden := func() {
		t.Helper()
		for name, who := range map[string]session{"a peer": s.bob, "a guest": s.guest} {
			surfaces := s.surfaces(who)
			surfaces["preview"] = s.call("POST", wall+"/previews", who.token, map[string]any{"postId": post, "url": url}).raw
			s.none(name, surfaces, title)
			delete(surfaces, "preview") // its name follows from what they have asked
			s.none(name, surfaces, s.media)
		}
	}
	hidden()
	s.call("POST", wall+"/posts/"+post+"/approve", s.eve.token, nil).wants(t, 200, "")
	bob.until(title)
	if got := s.call("GET", wall+"/media/"+s.media, s.guest.token, nil).wants(t, 200, ""); got.json["kind"] != "link" {
		t.Errorf("got %v", got.json)
	}
	section := s.call("POST", wall+"/sections", s.eve.token, map[string]any{"title": "Coulisses", "hidden": true}).wants(t, 201, "").str("id")
	etag := s.call("GET", wall+"/posts/"+post, s.eve.token, nil).header.Get("ETag")
	s.call("PATCH", wall+"/posts/"+post, s.eve.token, map[string]any{"sectionId": section}, "If-Match", etag).wants(t, 200, "")
	hidden()
}
