package bus_test

import (
	"context"
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

// TestReplicasKnowHowManyTheyAre: one that has fallen silent is no longer counted, and
// one that NATS does not hear knows of none.
func TestReplicasKnowHowManyTheyAre(t *testing.T) {
	server := natstest.Start(t)
	start := func(self string) (*bus.Register, context.CancelFunc) {
		r := open(t, server.ConnectAs(subject.MediaService), time.Now).NewRegister(bus.RegisterConfig{
			Self: self, URL: func() (string, error) { return "http://" + self, nil }, Kept: time.Hour, GoneAfter: time.Second, Changed: func(media.Entry) {},
		})
		ctx, stop := context.WithCancel(t.Context())
		go r.Announce(ctx)
		t.Cleanup(stop)
		return r, stop
	}
	one, _ := start("one")
	two, _ := start("two")
	_, stop := start("three")
	wants := func(n int) {
		t.Helper()
		for try := 0; one.There() != n || two.There() != n; try++ {
			if try == 1500 {
				t.Fatalf("one knows %d, two knows %d, and there are %d", one.There(), two.There(), n)
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
	wants(3)
	stop()
	wants(2)
	server.Stop()
	wants(0)
	server.Restart()
	wants(2)
}
