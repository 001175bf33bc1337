package tally_test

import (
	"testing"

	"fresque.dev/test/load/internal/tally"
)

func TestTrack(t *testing.T) {
	for _, c := range []struct {
		name string
		from uint32
		came []uint32
		want tally.Counts
		left int // of ten events
	}{
		{name: "in order", came: []uint32{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, want: tally.Counts{Deliveries: 10}},
		{name: "nothing", left: 10},
		{name: "one lost", came: []uint32{1, 3, 4, 5, 6, 7, 8, 9, 10}, want: tally.Counts{Deliveries: 9, Lost: 1}},
		{name: "the first lost", came: []uint32{2}, want: tally.Counts{Deliveries: 1, Lost: 1}, left: 8},
		{name: "the last lost", came: []uint32{1, 2}, want: tally.Counts{Deliveries: 2}, left: 8},
		{name: "doubled", came: []uint32{1, 2, 2, 1}, want: tally.Counts{Deliveries: 4, Doubled: 2}, left: 8},
		{name: "reordered", came: []uint32{2, 1, 3}, want: tally.Counts{Deliveries: 3, Reordered: 1}, left: 7},
		{name: "reordered and doubled", came: []uint32{2, 1, 1}, want: tally.Counts{Deliveries: 3, Reordered: 1, Doubled: 1}, left: 8},
		{name: "a long gap", came: []uint32{1, 200, 1}, want: tally.Counts{Deliveries: 3, Lost: 198, Doubled: 1}},
		{name: "joined later", from: 4, came: []uint32{5, 6}, want: tally.Counts{Deliveries: 2}, left: 4},
		{name: "what came before joining", from: 4, came: []uint32{4, 5}, want: tally.Counts{Deliveries: 2, Doubled: 1}, left: 5},
	} {
		t.Run(c.name, func(t *testing.T) {
			track, got := tally.From(c.from), tally.Counts{}
			for _, seq := range c.came {
				got.Add(track.Take(seq))
			}
			if got != c.want || track.Missing(10) != c.left {
				t.Fatalf("got %+v and %d to come", got, track.Missing(10))
			}
		})
	}
}
