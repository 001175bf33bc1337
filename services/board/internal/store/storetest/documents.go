package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"fresque.dev/services/board/internal/board"
	"github.com/google/uuid"
)

// day is when the documents of these tests were made.
var day = time.Date(2026, time.March, 2, 9, 30, 0, 0, time.UTC)

func newID() board.ID { return board.ID(uuid.Must(uuid.NewV7()).String()) }

// newPost is a post at revision 1 on a board, made so many milliseconds into
// the day.
func newPost(on board.ID, ms int) *board.Post {
	at := day.Add(time.Duration(ms) * time.Millisecond)
	return &board.Post{
		Meta:   board.Meta{ID: newID(), Board: on, Rev: 1, CreatedAt: at, UpdatedAt: at},
		Author: board.Author{ID: newID(), Name: "Zoé"},
		Title:  "Un titre",
	}
}

// next is a copy of a post at its following revision, a second later.
func next(p *board.Post) *board.Post {
	n := *p
	n.Attachments = append([]board.Attachment(nil), p.Attachments...)
	n.Rev++
	n.UpdatedAt = n.UpdatedAt.Add(time.Second)
	return &n
}

// tombstone is a post deleted, due for purge ten minutes later.
func tombstone(p *board.Post) *board.Post {
	n := next(p)
	n.DeletedAt = n.UpdatedAt
	n.DeletedBy = n.Author.ID
	n.PurgeAt = n.UpdatedAt.Add(10 * time.Minute)
	return n
}

// filled is a document with a value of its own in every field there is, those
// added later included.
func filled(t *testing.T, kind board.Kind) board.Document {
	t.Helper()
	doc, ok := board.NewDocument(kind)
	if !ok {
		t.Fatalf("unknown kind %q", kind)
	}
	f := filler{t: t}
	f.fill(reflect.ValueOf(doc).Elem(), string(kind))
	doc.Head().Rev = 1
	return doc
}

// filler gives each value it fills another number.
type filler struct {
	t *testing.T
	n int64
}

func (f *filler) fill(v reflect.Value, path string) {
	f.n++
	if v.Type() == reflect.TypeFor[time.Time]() {
		v.Set(reflect.ValueOf(day.Add(time.Duration(f.n) * 1001 * time.Millisecond)))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprintf("%s · %d", path, f.n))
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(f.n)
	case reflect.Float64:
		v.SetFloat(float64(f.n) + 0.5)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem(), path)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			f.fill(v.Index(i), fmt.Sprintf("%s[%d]", path, i))
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range 2 {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			// Ids are what maps are by: MongoDB takes no field with a point in its name.
			f.fill(key, strings.ReplaceAll(path, ".", " ")+" key")
			f.fill(value, path+".value")
			v.SetMapIndex(key, value)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f.fill(v.Field(i), path+"."+v.Type().Field(i).Name)
		}
	default:
		f.t.Fatalf("%s is a %s: teach the filler to fill it", path, v.Type())
	}
}

func insert(t *testing.T, s board.Store, docs ...board.Document) {
	t.Helper()
	for _, d := range docs {
		if err := s.Insert(t.Context(), d); err != nil {
			t.Fatalf("insert %s %s: %v", d.Kind(), d.Head().ID, err)
		}
	}
}

func replace(t *testing.T, s board.Store, docs ...board.Document) {
	t.Helper()
	for _, d := range docs {
		if err := s.Replace(t.Context(), d, d.Head().Rev-1); err != nil {
			t.Fatalf("replace %s %s by %d: %v", d.Kind(), d.Head().ID, d.Head().Rev, err)
		}
	}
}

func get(t *testing.T, s board.Store, key board.Key) board.Document {
	t.Helper()
	doc, err := s.Get(t.Context(), key)
	if err != nil {
		t.Fatalf("get %v: %v", key, err)
	}
	return doc
}

func list(t *testing.T, s board.Store, on board.ID, kind board.Kind) []board.Document {
	t.Helper()
	docs, err := s.List(t.Context(), on, kind)
	if err != nil {
		t.Fatalf("list %s of %s: %v", kind, on, err)
	}
	return docs
}

// unpublished gives the ids that a sweep finds, in its order.
func unpublished(t *testing.T, s board.Outbox, before time.Time, limit int) []board.ID {
	t.Helper()
	docs, err := s.Unpublished(t.Context(), before, limit)
	if err != nil {
		t.Fatalf("unpublished: %v", err)
	}
	return ids(docs)
}

func due(t *testing.T, s board.Purger, before time.Time, limit int) []board.ID {
	t.Helper()
	docs, err := s.DueForPurge(t.Context(), before, limit)
	if err != nil {
		t.Fatalf("due for purge: %v", err)
	}
	return ids(docs)
}

func ids(docs []board.Document) []board.ID {
	found := make([]board.ID, 0, len(docs))
	for _, d := range docs {
		found = append(found, d.Head().ID)
	}
	return found
}

func stamp(d board.Document) board.Stamp {
	return board.Stamp{Key: board.KeyOf(d), Rev: d.Head().Rev}
}

// same compares deeply: a nil slice is not an empty one, a zone is part of a
// time.
func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n got %s\nwant %s", what, show(got), show(want))
	}
}

func show(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprintf("%#v", v)
	}
	return string(text)
}

func wantError(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: got %v, want %v", what, err, want)
	}
}

// update is the loop of a command that commutes (rule S2): load, change,
// compare-and-set, again on a conflict.
func update(ctx context.Context, s board.Store, key board.Key, change func(*board.Post)) error {
	for {
		doc, err := s.Get(ctx, key)
		if err != nil {
			return err
		}
		post := next(doc.(*board.Post))
		change(post)
		err = s.Replace(ctx, post, post.Rev-1)
		if !errors.Is(err, board.ErrConflict) {
			return err
		}
	}
}
