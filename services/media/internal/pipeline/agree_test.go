package pipeline_test

import (
	"testing"
	"testing/synctest"
	"time"

	"fresque.dev/services/media/internal/media"
)

func entry(n int, replica string, s media.Standing) media.Entry {
	u := upload(n)
	return media.Entry{ID: u.ID, Board: u.Board, Owner: u.Owner, Size: u.Size, Replica: replica, Standing: s}
}

// TestAnUploadThatWentOnElsewhereIsLetGo: nothing is told of it here, and what
// was made of it there stays.
func TestAnUploadThatWentOnElsewhereIsLetGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		theirs := media.Key(string(board) + "/" + string(upload(1).ID) + "/theirs/w10.webp")
		w.objects[theirs] = true
		w.add(t, arrived(1))
		w.during = func(media.Upload) { w.register.put(entry(1, "there", media.Open)) } // while it is made here
		half := arrived(2)
		half.Offset = 2
		w.add(t, half)
		w.register.put(entry(2, "there", media.Sealed))
		w.run(t, 2*time.Minute)
		for _, e := range w.events {
			if e.State == media.Ready || e.State == media.Refused {
				t.Errorf("told %+v", e)
			}
		}
		if len(w.objects) != 1 || !w.objects[theirs] {
			t.Errorf("objects %v", w.objects)
		}
		if len(w.records) > 0 {
			t.Errorf("still here: %v", w.records)
		}
	})
}

// TestWhatAGoneReplicaLeft is told and cleared by another: what had ended at once,
// what had not when it has rested as long as uploads may.
func TestWhatAGoneReplicaLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.register.gone["gone"] = true
		ended := entry(1, "gone", media.Sealed)
		ended.Outcome = &media.Outcome{Kind: media.Picture}
		w.register.put(ended)
		w.register.put(entry(2, "gone", media.Open))
		w.register.put(entry(3, "gone", media.Barred))
		w.objects[media.Key(string(board)+"/"+string(upload(3).ID)+"/digest/w10.webp")] = true
		w.register.put(entry(4, "there", media.Open))
		w.run(t, 23*time.Hour)
		if len(w.events) != 2 || len(w.objects) > 0 {
			t.Fatalf("events %+v, objects %v", w.events, w.objects)
		}
		w.run(t, 2*time.Hour)
		told := map[media.ID]media.Event{}
		for _, e := range w.events {
			told[e.Media] = e
		}
		if len(w.events) != 3 || told[upload(1).ID].State != media.Ready ||
			told[upload(2).ID].Outcome.Refusal != media.Abandoned || told[upload(3).ID].Outcome.Refusal != media.Erased {
			t.Errorf("events %+v", w.events)
		}
		if e := w.register.get(upload(4).ID); e.Standing != media.Open || e.Replica != "there" {
			t.Errorf("somebody else's: %+v", e)
		}
	})
}

// TestEntriesOfOnesOwn: they are renewed while the upload lies here, and given
// back when it was never created.
func TestEntriesOfOnesOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		half := arrived(1)
		half.Offset, half.TouchedAt = 2, time.Now().Add(20*time.Hour)
		w.add(t, half)
		began := time.Now()
		w.register.put(entry(1, "here", media.Open))
		w.register.put(entry(2, "here", media.Open))
		w.run(t, 10*time.Hour)
		if e := w.register.get(half.ID); e.Standing != media.Open || e.At.Sub(began) < 8*time.Hour {
			t.Errorf("%+v", e)
		}
		if e := w.register.get(upload(2).ID); e.ID != "" {
			t.Errorf("%+v", e)
		}
	})
}

// TestErasedElsewhere: whoever holds an upload is told by the register.
func TestErasedElsewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		half := arrived(1)
		half.Offset = 2
		w.add(t, half)
		w.register.put(entry(1, "here", media.Open))
		go func() {
			time.Sleep(time.Second)
			w.register.put(entry(1, "here", media.Barred))
			w.pipeline.Heard(entry(1, "here", media.Barred))
		}()
		w.run(t, 30*time.Second)
		if len(w.events) != 1 || w.events[0].Outcome.Refusal != media.Erased || w.records[half.ID].Held {
			t.Errorf("events %+v, %+v", w.events, w.records)
		}
		if e := w.register.get(half.ID); !e.Settled {
			t.Errorf("%+v", e)
		}
	})
}
