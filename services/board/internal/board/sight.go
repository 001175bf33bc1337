package board

import "slices"

// Class is a view class: all whose sight of a board is the same (rule S12).
type Class string

// The view classes.
const (
	ClassModerators Class = "moderators"
	ClassMembers    Class = "members"
)

// ClassOf gives the view class of a role; an unknown role has none, and a
// principal without a class sees nothing.
func ClassOf(role Role) (Class, bool) {
	switch role {
	case RoleModerator:
		return ClassModerators, true
	case RoleWriter, RoleReader:
		return ClassMembers, true
	default:
		return "", false
	}
}

// Classes lists every view class.
func Classes() []Class { return []Class{ClassMembers, ClassModerators} }

// Sees tells whether a class sees a document. It is the one visibility rule:
// snapshots, streams and single reads all ask it. A tombstone is seen by those
// who have seen the document. A document that the rule does not know goes to
// moderators only (rule S13).
func Sees(class Class, doc Document) bool {
	if head := doc.Head(); head.Deleted() {
		return slices.Contains(head.ShownTo, class)
	}
	switch d := doc.(type) {
	case *Board, *Post:
		return true
	case *Media:
		return d.State == MediaReady && d.Post != ""
	case *Link:
		return false
	default:
		return class == ClassModerators
	}
}

// Loses tells whether a document has left the sight of a class that has seen
// it: that class is told that it is gone, and nothing more (rule S14).
func Loses(class Class, doc Document) bool {
	return !Sees(class, doc) && slices.Contains(doc.Head().ShownTo, class)
}

// witness notes who sees a document as it is now written.
func witness(doc Document) {
	head := doc.Head()
	for _, class := range Classes() {
		if Sees(class, doc) && !slices.Contains(head.ShownTo, class) {
			head.ShownTo = append(slices.Clip(head.ShownTo), class)
		}
	}
	slices.Sort(head.ShownTo)
}

// OwnerOf names the participant who sees a document that their class does not
// (rule S12): the author of what is hidden, or nobody.
func OwnerOf(doc Document) ID {
	if m, ok := doc.(*Media); ok {
		return m.Owner
	}
	return ""
}

// SeenBy tells whether a principal sees a document, by class or as its owner.
func SeenBy(p Principal, doc Document) bool {
	class, ok := ClassOf(p.Role)
	if !ok || p.Board != doc.Head().Board {
		return false
	}
	return Sees(class, doc) || p.Participant != "" && OwnerOf(doc) == p.Participant
}

// Wall is a whole board as one view class sees it.
type Wall struct {
	Board *Board
	Posts []*Post
	Media []*Media
}

// WallFor picks what a class sees out of all the documents of a board, in the
// order given. Media are there when a post that is there shows them. Board is
// nil when there is none, or it is deleted.
func WallFor(class Class, docs []Document) Wall {
	var wall Wall
	used := make(map[ID]bool)
	var media []*Media
	for _, doc := range docs {
		if doc.Head().Deleted() || !Sees(class, doc) {
			continue
		}
		switch d := doc.(type) {
		case *Board:
			wall.Board = d
		case *Post:
			wall.Posts = append(wall.Posts, d)
			for _, a := range d.Attachments {
				used[a.Media] = true
			}
		case *Media:
			media = append(media, d)
		}
	}
	for _, m := range media {
		if used[m.ID] {
			wall.Media = append(wall.Media, m)
		}
	}
	return wall
}
