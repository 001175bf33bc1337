package app_test

import (
	"bytes"
	"encoding/base64"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"fresque.dev/proto/subject"
	"fresque.dev/services/board/app"
	"fresque.dev/services/internal/natstest"
)

func masterOf(n byte) string {
	return base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{n}, 32))
}

// TestTheMasterKeyIsChangedWhileTheServiceRuns: two replicas of one store are
// restarted one by one with a new key and the one from before, then without that.
// Links open, people are who they were, pseudonyms stay, and sessions go on at both
// until the old key is dropped; whoever has a new one goes on then, too.
func TestTheMasterKeyIsChangedWhileTheServiceRuns(t *testing.T) {
	events := natstest.Start(t)
	cfg := app.LocalConfig(t)
	var ahead atomic.Int64
	run := func(key, previous, operator, before string) *service {
		c := cfg
		c.MasterKey, c.MasterKeyPrevious, c.OperatorKey, c.OperatorKeyPrevious = key, previous, operator, before
		return startWith(t, c, events, app.Deps{Now: func() time.Time { return time.Now().UTC().Add(time.Duration(ahead.Load())) }})
	}
	const oldOperator, newOperator = "the operator's key, the old one", "the operator's key, the new one"
	one, two := run(masterOf(1), "", oldOperator, ""), run(masterOf(1), "", oldOperator, "")
	links := one.links
	old := one.session(links.Writer, "Ada")
	oldRenewal := one.enter(links.Writer, "Zoé").str("renewal")
	secrets := app.SecretOf(links.Writer)

	good := func(at *service, who, what string) {
		t.Helper()
		at.call("GET", wall+"/snapshot", who, nil).wants(t, 200, "")
		if app.SecretOf(at.links.Writer) != secrets {
			t.Fatalf("%s: a link has changed", what)
		}
	}
	operators := func(at *service, key string, may bool) {
		t.Helper()
		status := 200
		if !may {
			status = 401
		}
		if a := at.call("GET", "/api/v1/platforms", key, nil); a.status != status {
			t.Fatalf("an operator is answered %d", a.status)
		}
	}
	browser := two.watch(old.token, "")
	// The first has the new key, the second not yet: each takes what the other gives.
	one.stop()
	one = run(masterOf(2), masterOf(1), newOperator, oldOperator)
	operators(one, oldOperator, true)
	operators(one, newOperator, true)
	operators(two, newOperator, false)
	ahead.Store(int64(time.Minute))
	young := one.session(links.Writer, "Mia")
	if strings.Split(young.token, ".")[0] == strings.Split(old.token, ".")[0] {
		t.Fatal("a token is signed with the old key still")
	}
	for _, at := range []*service{one, two} {
		good(at, old.token, "half way")
		good(at, young.token, "half way")
	}
	// A browser that stayed at the second sees what is written at the first.
	one.call("POST", wall+"/posts", young.token, map[string]any{"title": "nouvelle clé"}).wants(t, 201, "")
	for browser.post()["title"] != "nouvelle clé" {
		continue
	}
	two.stop()
	two = run(masterOf(2), masterOf(1), newOperator, oldOperator)
	for _, at := range []*service{one, two} {
		good(at, old.token, "everywhere")
		good(at, young.token, "everywhere")
	}
	renewed := two.call("POST", "/api/v1/sessions", "", map[string]any{"boardId": wallID, "renewal": oldRenewal}).wants(t, 201, "")

	one.stop()
	one = run(masterOf(2), "", newOperator, "")
	operators(one, oldOperator, false)
	operators(two, oldOperator, true)
	one.call("GET", wall+"/snapshot", old.token, nil).wants(t, 401, "session_invalid")
	two.stop()
	two = run(masterOf(2), "", newOperator, "")
	for _, at := range []*service{one, two} {
		good(at, young.token, "in the end")
		good(at, renewed.str("token"), "in the end")
		at.call("GET", wall+"/snapshot", old.token, nil).wants(t, 401, "session_invalid")
	}
	one.stop()
	two.stop()
	c := cfg
	c.MasterKey = masterOf(1)
	if _, err := app.New(t.Context(), c, app.Deps{NATS: events.ConnectAs(subject.BoardService)}); err == nil || !strings.Contains(err.Error(), "MASTER_KEY: the keys in the store are sealed with another key") {
		t.Errorf("with the old key: %v", err)
	}
}
