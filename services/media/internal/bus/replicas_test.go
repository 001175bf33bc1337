package bus_test

import (
	"testing"
	"time"

	"fresque.dev/proto/subject"
	"fresque.dev/services/internal/natstest"
	"fresque.dev/services/media/internal/bus"
	"fresque.dev/services/media/internal/media"
)

// TestAReplicaThatHasJustComeFindsTheOthers, before it has said that it is there
// itself: its first request may be one for another.
func TestAReplicaThatHasJustComeFindsTheOthers(t *testing.T) {
	server := natstest.Start(t)
	register := func(self string) *bus.Register {
		return open(t, server.ConnectAs(subject.MediaService), time.Now).NewRegister(bus.RegisterConfig{
			Self: self, URL: func() (string, error) { return "http://" + self, nil }, Kept: time.Hour, GoneAfter: time.Minute, Changed: func(media.Entry) {},
		})
	}
	one, two := register("one"), register("two")
	go one.Announce(t.Context())
	for range 500 {
		if at, there, err := two.Where(t.Context(), "one"); err == nil && there {
			if at != "http://one" {
				t.Errorf("it is at %s", at)
			}
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("it is not found")
}
