//go:build faults

package app

import (
	"fmt"
	"strings"
	"time"

	"fresque.dev/services/board/internal/board"
)

// settled is how long a setting must have stood before every replica has it:
// what is in flight while the sight changes may be milliseconds late
// (docs/adr/0010).
const settled = 3 * time.Second

// standing is when the present revision of a document was first seen.
type standing struct {
	boardRev board.Rev
	since    time.Time
	settings board.Settings
	sections map[string]sectionStanding
}

type sectionStanding struct {
	rev    board.Rev
	since  time.Time
	hidden bool
}

// look starts a browser that is told nothing it may not be told.
func (c *crew) look(name string, who *actor, order []string, group string) *browser {
	moderates := strings.HasPrefix(name, "trainer")
	return watchInspecting(c.t, name, who.token, order, func(kind string, doc map[string]any) string {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.inspect(kind, doc, moderates, group)
	})
}

// inspect names what a class must not be told.
func (c *crew) inspect(kind string, doc map[string]any, moderates bool, group string) string {
	own, _ := doc["own"].(bool)
	stands := func() bool {
		return time.Since(c.standing.since) > settled && c.is(board.KindBoard, faultyWall, c.standing.boardRev)
	}
	switch kind {
	case "participant", "report":
		if !moderates {
			return "what is for trainers"
		}
	case "media":
		if doc["ownerId"] != nil && doc["ownerId"] != "" && doc["own"] == nil {
			return "an owner"
		}
	case "board":
		settings, _ := doc["settings"].(map[string]any)
		if settings["words"] != nil && !moderates {
			return "the words"
		}
	case "comment":
		if named := c.names(doc, moderates, stands); named != "" {
			return named
		}
		if !moderates && !own && (doc["state"] != "published" || doc["held"] != nil || doc["reason"] != nil) {
			return fmt.Sprint("its state: ", doc["state"])
		}
	case "post":
		if named := c.names(doc, moderates, stands); named != "" {
			return named
		}
		if moderates || own {
			return ""
		}
		section, _ := doc["sectionId"].(string)
		in := c.standing.sections[section]
		of, _ := doc["groupId"].(string)
		switch {
		case doc["state"] != "published", doc["held"] != nil, doc["reason"] != nil:
			return fmt.Sprint("its state: ", doc["state"])
		case in.hidden && time.Since(in.since) > settled && c.is(board.KindSection, section, in.rev):
			return "what is in a hidden section"
		case of != "" && of != group && c.standing.settings.Groups == board.GroupsSeparate && stands():
			return "what is another group's"
		}
	}
	return ""
}

// names tells whether a document names an author who is not to be known.
func (c *crew) names(doc map[string]any, moderates bool, stands func() bool) string {
	author, _ := doc["author"].(map[string]any)
	named, _ := author["id"].(string)
	name, _ := author["name"].(string)
	covers := func(anonymity string) bool { return anonymity == "everyone" || anonymity == "peers" && !moderates }
	id, _ := doc["id"].(string)
	if (c.real[named] || strings.HasPrefix(name, "NOM-")) && (covers(c.promised[id]) || covers(string(c.standing.settings.Anonymity)) && stands()) {
		return "who wrote it: " + name
	}
	return ""
}

// is tells whether a document is still at a revision: browsers may be told of a
// newer one before it is noted here.
func (c *crew) is(kind board.Kind, id string, rev board.Rev) bool {
	doc, err := c.replicas[0].app.store.Get(c.t.Context(), board.Key{Board: faultyWall, Kind: kind, ID: board.ID(id)})
	return err == nil && doc.Head().Rev == rev
}

// stand looks at the store, and notes since when things are as they are.
func (c *crew) stand() {
	store := c.replicas[0].app.store
	for time.Now().Before(c.until) {
		doc, err := store.Get(c.t.Context(), board.Key{Board: faultyWall, Kind: board.KindBoard, ID: faultyWall})
		sections, err2 := store.List(c.t.Context(), faultyWall, board.KindSection)
		if err != nil || err2 != nil {
			c.t.Errorf("look at the store: %v %v", err, err2)
			return
		}
		c.mu.Lock()
		b := doc.(*board.Board)
		if b.Rev != c.standing.boardRev {
			c.standing.boardRev, c.standing.since, c.standing.settings = b.Rev, time.Now(), b.Settings
		}
		for _, doc := range sections {
			sec := doc.(*board.Section)
			if c.standing.sections[string(sec.ID)].rev != sec.Rev {
				c.standing.sections[string(sec.ID)] = sectionStanding{rev: sec.Rev, since: time.Now(), hidden: sec.Hidden && !sec.Removed()}
			}
		}
		c.mu.Unlock()
		time.Sleep(50 * time.Millisecond)
	}
}
