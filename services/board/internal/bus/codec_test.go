package bus

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"fresque.dev/services/board/internal/board"
)

// fill sets every field of a value, so that one that the codec forgets is
// found by the comparison.
func fill(v reflect.Value, n *int) {
	*n++
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(time.UnixMilli(1_700_000_000_000 + int64(*n)).UTC()))
		return
	case board.MediaState:
		v.Set(reflect.ValueOf(board.MediaReady))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprint("texte ", *n))
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(*n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Float64:
		*n++
		v.SetFloat(float64(*n) + 0.5)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			fill(v.Index(i), n)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key, n)
		fill(value, n)
		v.SetMapIndex(key, value)
	default:
		panic("unknown kind " + v.Kind().String())
	}
}

// attachments are of one type each: a link has no media, and so on.
func settle(p *board.Post) {
	p.Attachments[0].Type, p.Attachments[0].Media = board.AttachmentLink, ""
	p.Attachments[1].Type, p.Attachments[1].URL, p.Attachments[1].Preview = board.AttachmentMedia, "", ""
}

// withhold takes away what an event does not tell: what the store alone needs.
func withhold(doc board.Document) {
	doc.Head().Deed = nil
	if doc.Kind() != board.KindComment { // whose tombstone tells its post
		doc.Head().Parent = ""
	}
	if l, ok := doc.(*board.Link); ok {
		l.Password, l.Code, l.MaxUses, l.Uses = "", "", 0, 0
	}
	if m, ok := doc.(*board.Media); ok {
		m.Source = nil
	}
	if r, ok := doc.(*board.Reactions); ok {
		r.Marks = nil
	}
}

func TestS5_AnEventCarriesTheWholeDocument(t *testing.T) {
	for _, kind := range board.LiveKinds() {
		t.Run(string(kind), func(t *testing.T) {
			doc, _ := board.NewDocument(kind)
			fill(reflect.ValueOf(doc).Elem(), new(int))
			if p, ok := doc.(*board.Post); ok {
				settle(p)
			}
			head := doc.Head()
			head.DeletedAt, head.DeletedBy, head.PurgeAt = time.Time{}, "", time.Time{}
			withhold(doc)
			data, err := encode(doc)
			if err != nil {
				t.Fatal(err)
			}
			back, err := Decode(data)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(back, doc) {
				t.Fatalf("came back as\n%+v, was\n%+v", back, doc)
			}
		})
	}
}

func TestATombstoneCarriesNoContent(t *testing.T) {
	post := &board.Post{}
	fill(reflect.ValueOf(post).Elem(), new(int))
	data, err := encode(post)
	if err != nil {
		t.Fatal(err)
	}
	back, err := Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	want := &board.Post{Meta: board.Meta{
		ID: post.ID, Board: post.Board, Rev: post.Rev, CreatedAt: post.CreatedAt, UpdatedAt: post.UpdatedAt, DeletedAt: post.UpdatedAt, ShownTo: post.ShownTo,
	}}
	if !reflect.DeepEqual(back, want) {
		t.Fatalf("came back as %+v", back)
	}
}

func FuzzDecode(f *testing.F) {
	data, err := encode(&board.Post{Title: "x"})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(_ *testing.T, data []byte) {
		if doc, err := Decode(data); err == nil {
			_, _ = encode(doc)
		}
	})
}
