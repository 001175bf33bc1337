package board

import (
	"slices"

	"fresque.dev/services/internal/fault"
)

// Role is what a link or a platform grants on one board.
type Role string

// The roles, strongest first.
const (
	RoleModerator Role = "moderator"
	RoleWriter    Role = "writer"
	RoleReader    Role = "reader"
)

// Ability is one thing that one may be allowed to do on a board.
type Ability string

// The abilities. "Own" and "any" are about the author of the post at hand.
const (
	ReadBoard     Ability = "board.read"
	EditBoard     Ability = "board.edit"
	ReadLinks     Ability = "links.read"
	CreatePost    Ability = "post.create"
	EditOwnPost   Ability = "post.edit.own"
	EditAnyPost   Ability = "post.edit.any"
	DeleteOwnPost Ability = "post.delete.own"
	DeleteAnyPost Ability = "post.delete.any"
	UploadMedia   Ability = "media.upload"
)

// ErrForbidden answers whoever lacks an ability.
var ErrForbidden = fault.New(fault.Forbidden, "forbidden")

// AbilitiesOf is the authorisation table: all that a role may do. What is not
// named here is denied, and an unknown role may do nothing.
func AbilitiesOf(role Role) []Ability {
	switch role {
	case RoleModerator:
		return []Ability{
			ReadBoard, EditBoard, ReadLinks, CreatePost, UploadMedia,
			EditOwnPost, EditAnyPost, DeleteOwnPost, DeleteAnyPost,
		}
	case RoleWriter:
		return []Ability{ReadBoard, CreatePost, UploadMedia, EditOwnPost, DeleteOwnPost}
	case RoleReader:
		return []Ability{ReadBoard}
	default:
		return nil
	}
}

// Principal is who asks: a participant of one board with a role.
type Principal struct {
	Board       ID
	Participant ID
	// Name is what the others read; empty until given.
	Name string
	Role Role
	// Link is the one they came by.
	Link ID
}

// Can tells whether the principal's role has an ability.
func (p Principal) Can(a Ability) bool { return slices.Contains(AbilitiesOf(p.Role), a) }

// authorise refuses a principal who lacks the ability, or is of another board.
func (p Principal) authorise(board ID, a Ability) error {
	if p.Board != board || p.Participant == "" || !p.Can(a) {
		return ErrForbidden
	}
	return nil
}

// authorisePost refuses a principal who has neither the ability over any post
// nor, being the author, over their own.
func (p Principal) authorisePost(post *Post, own, other Ability) error {
	if post.Author.ID == p.Participant && p.authorise(post.Board, own) == nil {
		return nil
	}
	return p.authorise(post.Board, other)
}
