package board

import (
	"context"
	"slices"
	"time"
)

// Kept is a document as a store keeps it.
type Kept struct {
	Doc Document
	// Marked tells that it has changed and was not yet published (rule S5).
	Marked bool
}

// Vault is the part of a store that gives all there is, and takes it into an
// empty one.
type Vault interface {
	// Scan gives documents of every board, tombstones included, ordered by board,
	// kind and id: those above a key, at most limit. A kind that this release does
	// not know is an internal fault: what is passed over is not backed up.
	Scan(ctx context.Context, above Key, limit int) ([]Kept, error)
	// Restore puts documents in as they were, whatever their revision. One that is
	// there at the same revision stays; at another it is ErrConflict.
	Restore(ctx context.Context, kept []Kept) error
}

// ToldAgain is how long before a backup changes are told and ordered once more
// after it is restored: what followed from them may have been under way.
const ToldAgain = time.Hour

// What is said of uploads whose files are not in a backup.
const (
	refusalAbandoned = "media_abandoned"
	refusalErased    = "media_erased"
)

// References gives the documents of the same board without which a document is
// half of something.
func References(doc Document) []Key {
	on := doc.Head().Board
	var out []Key
	add := func(kind Kind, id ID) {
		if id != "" && id != on {
			out = append(out, Key{Board: on, Kind: kind, ID: id})
		}
	}
	switch d := doc.(type) {
	case *Post:
		add(KindSection, d.Section)
		add(KindGroup, d.Group)
		for _, a := range d.Attachments {
			add(KindMedia, a.MediaID())
		}
	case *Media:
		add(KindPost, d.Post)
	case *Comment:
		add(KindPost, d.Post)
		add(KindComment, d.ReplyTo)
	case *Reactions:
		add(KindPost, d.Post)
	case *Report:
		add(KindPost, d.Post)
		add(KindComment, d.Comment)
	case *Section:
		add(KindSection, d.MovedTo)
	}
	return out
}

// Paths gives where the files of an upload are, below the media service's public
// address.
func (m *Media) Paths() []string {
	var out []string
	if m.Picture != nil {
		for _, v := range m.Picture.Variants {
			out = append(out, v.Path)
		}
	}
	for _, f := range []*File{m.File, m.Original} {
		if f != nil {
			out = append(out, f.Path)
		}
	}
	return out
}

// Revive is a document as it is put into an empty system. began is when the
// backup of it was begun, and there tells which files came along. The same
// document always becomes the same one.
//
// An upload that was on its way is abandoned, since what had come of it is not in
// a backup, and one whose files were erased meanwhile is erased.
func (k Kept) Revive(began time.Time, there func(path string) bool) Kept {
	if m, ok := k.Doc.(*Media); ok && !m.bare() {
		if m.revive(there) {
			m.Rev++
			k.Marked = true
		}
		// What was ordered, and is not answered yet, is ordered again.
		k.Marked = k.Marked || rank(m.State) < rank(MediaReady)
	}
	k.Marked = IsLive(k.Doc.Kind()) && (k.Marked || k.Doc.Head().UpdatedAt.After(began.Add(-ToldAgain)))
	return k
}

// revive tells whether it changed anything.
func (m *Media) revive(there func(path string) bool) bool {
	refused := ""
	switch {
	case rank(m.State) < rank(MediaReady) && m.Source == nil && m.Preview == nil:
		refused = refusalAbandoned
	case !slices.ContainsFunc(m.Paths(), func(path string) bool { return !there(path) }):
		return false
	case m.Preview != nil:
		m.Picture = nil
		return true
	default:
		refused = refusalErased
	}
	m.State, m.Refusal, m.Picture, m.File, m.Original = MediaRefused, refused, nil, nil, nil
	return true
}
