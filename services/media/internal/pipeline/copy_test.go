package pipeline_test

import (
	"errors"
	"testing"

	"fresque.dev/services/media/internal/media"
	"fresque.dev/services/media/internal/pipeline"
)

func TestACopyIsToldOnceItIsThere(t *testing.T) {
	w := newWorld(t)
	p := pipeline.New(pipeline.Config{Objects: w, Publisher: w, Quarantine: w, Register: w.register})
	from, to := upload(1), media.Upload{ID: upload(2).ID, Board: owner}
	w.objects[media.Key(string(from.Board)+"/"+string(from.ID)+"/digest/w640.webp")] = true
	w.fail["copy"], w.fail["publish ready"] = []error{errors.New("away")}, []error{errors.New("away")}
	for range 2 {
		if err := p.Copy(t.Context(), from, to); err == nil || len(w.events) > 0 {
			t.Fatalf("it told %v", w.events)
		}
	}
	if err := p.Copy(t.Context(), from, to); err != nil {
		t.Fatal(err)
	}
	if len(w.events) != 1 || w.events[0].State != media.Ready || w.events[0].Media != to.ID || w.events[0].Board != to.Board {
		t.Fatalf("it told %+v", w.events)
	}
	if !w.objects[media.Key(string(to.Board)+"/"+string(to.ID)+"/digest/w640.webp")] {
		t.Fatalf("there are %v", w.objects)
	}
}

func TestACopyOfNothingIsRefused(t *testing.T) {
	w := newWorld(t)
	p := pipeline.New(pipeline.Config{Objects: w, Publisher: w, Quarantine: w, Register: w.register})
	if err := p.Copy(t.Context(), upload(1), upload(2)); err != nil {
		t.Fatal(err)
	}
	if len(w.events) != 1 || w.events[0].State != media.Refused || w.events[0].Outcome.Refusal != media.Damaged {
		t.Fatalf("it told %+v", w.events)
	}
}
