package app_test

import (
	"strings"
	"testing"

	"fresque.dev/services/board/app"
	"fresque.dev/services/internal/natstest"
	"fresque.dev/services/internal/pages"
)

func TestTheWebServerIsToldWhatPagesMayShow(t *testing.T) {
	cfg := app.LocalConfig(t)
	cfg.EmbedSites = []string{"https://moodle.example"}
	s := start(t, cfg, natstest.Start(t))
	told := s.call("GET", pages.Path, "", nil).wants(t, 200, "")
	if told.str("public") != "https://wall.example" || told.str("media") != "https://media.example" || told.str("upload") != "https://up.example" {
		t.Fatalf("got %s", told.raw)
	}
	if frames, _ := told.json["frames"].([]any); len(frames) == 0 {
		t.Fatalf("no players: %s", told.raw)
	}
	for id, want := range map[string]string{wallID: `{"sites":["https://moodle.example"]}`, "nonsense": `{"sites":null}`} {
		if got := s.call("GET", pages.Path+"/"+id, "", nil).wants(t, 200, ""); got.raw != want {
			t.Errorf("%s: %s", id, got.raw)
		}
	}
}

func TestS16_AReplicaThatDrainsIsNotReadyAndServesUntilItsBrowsersHaveGone(t *testing.T) {
	cfg := app.LocalConfig(t)
	cfg.DrainSeconds = 2
	s := start(t, cfg, natstest.Start(t))
	ada := s.writer("Ada")
	s.call("GET", "/readyz", "", nil).wants(t, 200, "")
	watch := s.watch(ada, "")
	ended := make(chan struct{})
	go func() { s.stop(); close(ended) }()
	for s.call("GET", "/readyz", "", nil).status == 200 {
	}
	post := s.call("POST", wall+"/posts", ada, map[string]any{"title": "pendant"}).wants(t, 201, "").str("id")
	for {
		event, _ := watch.next()
		if event == "end" {
			t.Fatal("the stream ended without a word")
		}
		if event == "bye" {
			break
		}
	}
	<-ended
	cfg.DrainSeconds = 0
	again := start(t, cfg, natstest.Start(t))
	again.call("GET", wall+"/posts/"+post, ada, nil).wants(t, 200, "")
}

func TestAStoreThatCannotBeOpenedIsToldAndNothingElseHappens(t *testing.T) {
	cfg := app.LocalConfig(t)
	cfg.Store = "sqlite:" + t.TempDir() + "/nowhere/board.db"
	if _, err := app.New(t.Context(), cfg, app.Deps{}); err == nil || !strings.Contains(err.Error(), "open the store") {
		t.Fatalf("got %v", err)
	}
}
