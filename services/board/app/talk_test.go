package app_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"fresque.dev/services/board/app"
	"fresque.dev/services/internal/natstest"
)

// TestFiveHundredVotesAtOnceAreExact: everybody votes through two replicas, and
// each vote is sent twice, to one and to the other, as a retry would.
func TestFiveHundredVotesAtOnceAreExact(t *testing.T) {
	cfg, events := app.LocalConfig(t), natstest.Start(t)
	replicas := []*service{start(t, cfg, events), start(t, cfg, events)}
	s := replicas[0]
	trainer := s.moderator("Eve")
	set(s, trainer, map[string]any{"reactions": "stars"})
	post := s.call("POST", wall+"/posts", trainer, map[string]any{"title": "un"}).wants(t, 201, "").str("id")
	const people = 500
	voters := make([]string, people)
	for i := range voters {
		voters[i] = s.craft(fmt.Sprintf("01980000-0000-7000-a000-%012d", i), "", "reader")
	}
	snapshot := s.call("GET", wall+"/snapshot", trainer, nil)
	browsers := make([]*browser, len(replicas))
	frames := make(chan int, len(browsers))
	for i, r := range replicas {
		browsers[i] = r.watch(voters[0], snapshot.str("cursor"))
		go func() {
			n, told := 0, 0.0
			for told < people {
				event, data := browsers[i].next()
				if event == "end" {
					break
				}
				if counts, ok := data["counts"].(map[string]any); ok && counts["id"] == post {
					n, told = n+1, counts["reactions"].(float64)
				}
			}
			frames <- n
		}()
	}
	began := time.Now()
	var wg sync.WaitGroup
	room := make(chan struct{}, 100) // connections of one machine
	for i := range 2 * people {
		wg.Go(func() {
			room <- struct{}{}
			defer func() { <-room }()
			a := replicas[(i+i/people)%2].call("PUT", wall+"/posts/"+post+"/reaction", voters[i%people], map[string]any{"value": 1 + i%people%5})
			if a.status != http.StatusOK {
				t.Errorf("vote %d is answered with %s", i, a.raw)
			}
		})
	}
	wg.Wait()
	took := time.Since(began)
	for range browsers {
		select {
		case n := <-frames:
			t.Logf("%d votes in %v, in %d frames for a browser", 2*people, took.Round(time.Millisecond), n)
			if most := 4 + int(took/(200*time.Millisecond)); n > most {
				t.Errorf("%d frames for a browser, in %v", n, took)
			}
		case <-time.After(20 * time.Second):
			t.Fatal("a browser is never told of all")
		}
	}
	for _, r := range replicas {
		counts := r.call("GET", wall+"/snapshot", trainer, nil).json["counts"].([]any)
		if len(counts) != 1 || counts[0].(map[string]any)["reactions"] != float64(people) || counts[0].(map[string]any)["average"] != 3.0 {
			t.Errorf("the counts are %v", counts)
		}
	}
}

func set(s *service, trainer string, settings map[string]any) {
	s.t.Helper()
	etag := s.call("GET", wall, trainer, nil).wants(s.t, 200, "").header.Get("ETag")
	s.call("PATCH", wall, trainer, map[string]any{"settings": settings}, "If-Match", etag).wants(s.t, 200, "")
}

// TestACommentIsWrittenReadAndModerated over the API and live.
func TestACommentIsWrittenReadAndModerated(t *testing.T) {
	s := startNew(t)
	trainer, ada, bob := s.moderator("Eve"), s.writer("Ada"), s.writer("Bob")
	post := s.call("POST", wall+"/posts", ada, map[string]any{"title": "un"}).wants(t, 201, "").str("id")
	set(s, trainer, map[string]any{"moderation": "all"})
	watch := s.watch(bob, s.call("GET", wall+"/snapshot", bob, nil).str("cursor"))
	thread := wall + "/posts/" + post + "/comments"
	made := s.call("POST", thread, ada, map[string]any{"body": "<p>Un <strong>mot</strong><script>x</script></p>"}).wants(t, 201, "")
	if made.str("body") != "<p>Un <strong>mot</strong></p>" || made.str("state") != "pending" || made.json["own"] != true {
		t.Fatalf("made %s", made.raw)
	}
	if a := s.call("GET", thread, bob, nil).wants(t, 200, ""); len(a.json["comments"].([]any)) != 0 {
		t.Errorf("before the trainer, another reads %s", a.raw)
	}
	waiting := s.call("GET", wall+"/snapshot", trainer, nil)
	if list, _ := waiting.json["comments"].([]any); len(list) != 1 || len(waiting.json["counts"].([]any)) != 0 {
		t.Errorf("the trainer's wall has %v", waiting.json["comments"])
	}
	if s.call("GET", wall+"/snapshot", bob, nil).json["comments"] != nil {
		t.Error("a member's wall has comments")
	}
	s.call("POST", wall+"/comments/"+made.str("id")+"/approve", trainer, nil).wants(t, 200, "")
	counted, told := false, false
	for !counted || !told {
		event, data := watch.next()
		if event == "end" {
			t.Fatal("the stream ended")
		}
		if c, ok := data["counts"].(map[string]any); ok {
			counted = counted || c["comments"] == 1.0
		}
		if c, ok := data["comment"].(map[string]any); ok {
			told = c["postId"] == post && c["rev"] == 2.0
		}
	}
	a := s.call("GET", thread, bob, nil).wants(t, 200, "")
	if comments := a.json["comments"].([]any); len(comments) != 1 || comments[0].(map[string]any)["own"] != nil {
		t.Errorf("others read %s", a.raw)
	}
	s.call("PATCH", wall+"/comments/"+made.str("id"), ada, map[string]any{"body": "<p>Deux</p>"}).wants(t, 428, "if_match_required")
	refused := s.call("PATCH", wall+"/comments/"+made.str("id"), ada, map[string]any{"body": "<p>Deux</p>"}, "If-Match", `"1"`).wants(t, 412, "revision_conflict")
	if current := refused.json["current"].(map[string]any); current["kind"] != "comment" {
		t.Errorf("the conflict is with %v", current)
	}
	s.call("DELETE", wall+"/comments/"+made.str("id"), ada, nil).wants(t, 200, "")
	trash := s.call("GET", wall+"/trash", trainer, nil).wants(t, 200, "")
	if list := trash.json["comments"].([]any); len(list) != 1 || list[0].(map[string]any)["body"] == "" {
		t.Errorf("the trash has %s", trash.raw)
	}
}
