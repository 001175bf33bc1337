package bus

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/board/internal/view"
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

// TestWhatAnEventLeavesOutIsShownNowhere: whoever is at a replica that has heard of a
// document reads the same as at the one that wrote it, and is let in the same.
func TestWhatAnEventLeavesOutIsShownNowhere(t *testing.T) {
	render := view.NewRenderer("https://media.example", board.DefaultUploads(), noEmbeds{}, board.NewAliasMaker([]byte("key")))
	for _, kind := range board.LiveKinds() {
		doc, _ := board.NewDocument(kind)
		fill(reflect.ValueOf(doc).Elem(), new(int))
		if p, ok := doc.(*board.Post); ok {
			settle(p)
		}
		head := doc.Head()
		head.DeletedAt, head.DeletedBy, head.PurgeAt = time.Time{}, "", time.Time{}
		data, err := encode(doc)
		if err != nil {
			t.Fatal(err)
		}
		heard, err := Decode(data)
		if err != nil {
			t.Fatal(err)
		}
		wall := &board.Board{Meta: board.Meta{ID: head.Board, Board: head.Board}}
		sight := board.NewSight(wall, nil, func(board.ID) *board.Post { return nil }, time.Now())
		for _, v := range []view.Viewer{{Level: board.LevelModerators, Sight: sight}, {Level: board.LevelMembers, Sight: sight}, {Level: board.LevelMembers, Own: true, Sight: sight}} {
			wrote, shown := render.Shape(doc, v)
			reads, same := render.Shape(heard, v)
			if shown != same || !reflect.DeepEqual(wrote, reads) {
				t.Errorf("%s as %s: one replica shows\n%+v, the other\n%+v", kind, v.Level, wrote, reads)
			}
		}
		if one, other := sight.AudienceOf(doc), sight.AudienceOf(heard); one != other || board.OwnerOf(doc) != board.OwnerOf(heard) {
			t.Errorf("%s is for %s and %s", kind, one, other)
		}
	}
}

type noEmbeds struct{}

func (noEmbeds) Resolve(string) (view.Embed, bool) { return view.Embed{}, false }

// TestS17_WhereSomebodyStandsIsInTheEvent: each field that says where somebody stands,
// alone, says the same at the replica that wrote it and at the one that heard of it.
func TestS17_WhereSomebodyStandsIsInTheEvent(t *testing.T) {
	now := time.Now()
	principals := []board.Principal{
		{Role: board.RoleWriter}, {Role: board.RoleWriter, Link: "l"}, {Role: board.RoleModerator, Link: "l"},
		{Role: board.RoleWriter, Platform: "p", User: "u"}, {Role: board.RoleModerator, Account: "a"}, {Role: board.RoleOwner, Account: "a"},
	}
	heard := func(doc board.Document) board.Document {
		data, err := encode(doc)
		if err != nil {
			t.Fatal(err)
		}
		out, err := Decode(data)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	plain := func(kind board.Kind) board.Document {
		if kind == board.KindLink {
			return &board.Link{Role: board.RoleWriter}
		}
		return &board.Participant{Role: board.RoleWriter}
	}
	differs := make(map[string]bool) // what says anything at all
	try := func(what string, doc board.Document) {
		for _, p := range principals {
			stands := func(doc board.Document) string {
				link, _ := doc.(*board.Link)
				person, _ := doc.(*board.Participant)
				p, err := p.Standing(link, person, now)
				return fmt.Sprint(p, err)
			}
			if stands(doc) != stands(plain(doc.Kind())) {
				differs[what] = true
			}
			if one, other := stands(doc), stands(heard(doc)); one != other {
				t.Errorf("%s: at one replica %s, at the other %s", what, one, other)
			}
		}
	}
	for _, kind := range []board.Kind{board.KindLink, board.KindParticipant} {
		of := reflect.TypeOf(plain(kind)).Elem()
		for i := range of.NumField() {
			field := of.Field(i)
			if field.Name == "Meta" {
				continue
			}
			values := []any{nil}
			switch field.Type {
			case reflect.TypeFor[board.Role]():
				values = []any{board.RoleWriter, board.RoleModerator, board.RoleReader, board.NoSeat}
			case reflect.TypeFor[time.Time]():
				values = []any{now.Add(-time.Hour).Truncate(time.Millisecond), now.Add(time.Hour).Truncate(time.Millisecond)}
			}
			for _, value := range values {
				doc := plain(kind)
				into := reflect.ValueOf(doc).Elem().Field(i)
				if value == nil {
					fill(into, new(int))
				} else {
					into.Set(reflect.ValueOf(value))
				}
				try(field.Name, doc)
			}
		}
		gone := plain(kind)
		gone.Head().DeletedAt, gone.Head().UpdatedAt = now, now
		try("gone", gone)
	}
	for _, what := range []string{"Role", "RevokedAt", "ExpiresAt", "Group", "Blocked", "Held", "Seat", "gone"} {
		if !differs[what] {
			t.Errorf("%s says nothing: this test tries it no more", what)
		}
	}
}
