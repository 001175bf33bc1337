package live

import (
	"testing"
	"time"

	"fresque.dev/services/board/internal/board"
)

// TestS17_ASessionOutlivesNothing: a session says who comes; what they may see
// is what their link and the trainers say now.
func TestS17_ASessionOutlivesNothing(t *testing.T) {
	w := &wire{}
	h := newHub(w)
	link := &board.Link{Role: board.RoleWriter}
	link.ID, link.Board, link.Rev = "l", wall, 1
	w.docs = append(w.docs, link)
	p := writer("a")
	p.Link = "l"
	r := join(t, h, p, "e-0")
	r.wants("hello")
	person := &board.Participant{Name: "Ada", Role: board.RoleWriter, Link: "l"}
	person.ID, person.Board, person.Rev, person.UpdatedAt = "a", wall, 1, time.Now()
	w.publish(person)
	grouped := *person
	grouped.Rev, grouped.Group = 2, "g"
	w.publish(&grouped)
	r.wants("expired", "end") // with a new session they come back in their group
	blocked := grouped
	blocked.Rev, blocked.Blocked = 3, true
	again := p
	again.Group = "g"
	r = join(t, h, again, "e-3")
	r.wants("hello")
	w.publish(&blocked)
	r.wants("expired", "end")
	if _, err := h.Snapshot(t.Context(), again); err == nil {
		t.Fatal("a snapshot for somebody blocked")
	}
	if _, err := h.Attach(t.Context(), again, "", time.Now().Add(time.Hour)); err == nil {
		t.Fatal("a stream for somebody blocked")
	}
	revoked := *link
	revoked.Rev, revoked.RevokedAt = 2, time.Now()
	w.publish(&revoked)
	other := writer("b")
	other.Link = "l"
	if _, err := h.Snapshot(t.Context(), other); err == nil {
		t.Fatal("a snapshot by a revoked link")
	}
}
