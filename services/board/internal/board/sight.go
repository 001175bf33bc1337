package board

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

// Sees tells whether a class sees a document. It is the one visibility rule:
// snapshots, streams and single reads all ask it. A document it does not know
// goes to moderators only (rule S13).
func Sees(class Class, doc Document) bool {
	switch d := doc.(type) {
	case *Board, *Post:
		return true
	case *Media:
		return d.Deleted() || d.State == MediaReady && d.Post != ""
	case *Link:
		return false
	default:
		return class == ClassModerators
	}
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
