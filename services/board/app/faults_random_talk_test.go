//go:build faults

package app

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"fresque.dev/services/board/internal/board"
)

// talk says something to a post, or gives it something, and goes on about that.
func (a *actor) talk() {
	switch a.rand.IntN(8) {
	case 0, 1:
		a.say()
	case 2:
		a.ask("edit comment", "PATCH", "/comments/"+a.anyComment(), fmt.Sprintf("%q", fmt.Sprint(1+a.rand.IntN(3))), map[string]any{"body": []string{"mot", "zut", "encore"}[a.rand.IntN(3)]})
	case 3:
		a.ask("delete comment", "DELETE", "/comments/"+a.anyComment(), "", nil)
	case 4:
		a.ask("restore comment", "POST", "/comments/"+a.anyComment()+"/restore", "", nil)
	case 5:
		a.ask("report comment", "POST", "/comments/"+a.anyComment()+"/reports", "", map[string]any{"reason": "gênant"})
	default:
		a.ask("react", "PUT", "/posts/"+a.somePost()+"/reaction", "", map[string]any{"value": a.rand.IntN(4)})
	}
}

func (a *actor) say() {
	a.setting.RLock()
	defer a.setting.RUnlock()
	body := map[string]any{"body": []string{"mot", "zut", "encore"}[a.rand.IntN(3)]}
	if reply := a.anyComment(); a.rand.IntN(4) == 0 && reply != faultyWall {
		body["replyTo"] = reply
	}
	doc := a.ask("comment", "POST", "/posts/"+a.somePost()+"/comments", "", body)
	if doc == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	id := doc["id"].(string)
	a.promised[id] = a.now
	a.comments = append(a.comments, id)
}

// somePost is one's own, more often than not: another's may be out of sight.
func (a *actor) somePost() string {
	if a.rand.IntN(3) > 0 {
		return a.own[len(a.own)-1-a.rand.IntN(min(4, len(a.own)))].id
	}
	return a.anyPost()
}

// judgeComment does what a trainer does with comments.
func (a *actor) judgeComment() {
	switch id := a.anyComment(); a.rand.IntN(4) {
	case 0, 1:
		a.ask("approve comment", "POST", "/comments/"+id+"/approve", "", nil)
	case 2:
		a.ask("reject comment", "POST", "/comments/"+id+"/reject", "", map[string]any{"reason": "non"})
	case 3:
		a.ask("settle comment", "POST", "/comments/"+id+"/reports/settle", "", nil)
	}
}

func (a *actor) anyComment() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.comments) == 0 {
		return faultyWall
	}
	return a.comments[max(0, len(a.comments)-1-a.rand.IntN(40))]
}

// countsAreTrue holds what both replicas say of each post to what the store has,
// and each person's votes to how many they may give.
func (c *crew) countsAreTrue() {
	c.t.Helper()
	store, ctx := c.replicas[0].app.store, c.t.Context()
	list := func(kind board.Kind) []board.Document {
		docs, err := store.List(ctx, faultyWall, kind)
		if err != nil {
			c.t.Fatal(err)
		}
		return docs
	}
	said, given, votes := make(map[string]int), make(map[string]int), make(map[board.ID]int)
	for _, doc := range list(board.KindComment) {
		if comment := doc.(*board.Comment); comment.State == board.StatePublished {
			said[string(comment.Post)]++
		}
	}
	settings := list(board.KindBoard)[0].(*board.Board).Settings
	for _, doc := range list(board.KindReactions) {
		r := doc.(*board.Reactions)
		if r.Scale == settings.Reactions {
			given[string(r.Post)], _ = r.Total()
		}
		if r.Scale == board.ReactVotes {
			for who, n := range r.Given {
				votes[who] += n
			}
		}
	}
	for who, n := range votes {
		if n > settings.Told().VotesEach {
			c.t.Errorf("%s has given %d votes", who, n)
		}
	}
	for _, r := range c.replicas {
		var snapshot struct {
			Posts  []struct{ ID string }
			Counts []struct {
				ID                  string
				Comments, Reactions int
			}
		}
		c.read(r.base()+wall+"/snapshot", &snapshot)
		told := make(map[string]string)
		for _, counts := range snapshot.Counts {
			told[counts.ID] = fmt.Sprint(counts.Comments, " ", counts.Reactions)
		}
		for _, p := range snapshot.Posts {
			want := fmt.Sprint(said[p.ID], " ", given[p.ID])
			if got := told[p.ID]; got != want && (got != "" || want != "0 0") {
				c.t.Errorf("%s says %q of %s, the store has %q", r.name, got, p.ID, want)
			}
		}
	}
	c.t.Logf("%d comments on %d posts, %d people have voted", len(c.comments), len(said), len(votes))
}

func (c *crew) read(address string, into any) {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), http.MethodGet, address, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+c.trainers[0].token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	data, err := io.ReadAll(res.Body)
	if err == nil {
		err = json.Unmarshal(data, into)
	}
	if err != nil {
		c.t.Fatal(err)
	}
}
