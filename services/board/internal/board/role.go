package board

import (
	"slices"
	"time"

	"fresque.dev/services/internal/fault"
)

// Role is what a link or a platform grants on one board.
type Role string

// The roles, strongest first.
const (
	RoleOwner     Role = "owner"
	RoleModerator Role = "moderator"
	RoleWriter    Role = "writer"
	RoleCommenter Role = "commenter"
	RoleReader    Role = "reader"
)

// ranks sort the roles; whoever is not here may do nothing.
var ranks = map[Role]int{RoleOwner: 5, RoleModerator: 4, RoleWriter: 3, RoleCommenter: 2, RoleReader: 1}

// Roles lists every role, strongest first.
func Roles() []Role {
	return []Role{RoleOwner, RoleModerator, RoleWriter, RoleCommenter, RoleReader}
}

// atLeast tells whether a role is as strong as another. An unknown role is as
// strong as none.
func (r Role) atLeast(other Role) bool {
	mine, known := ranks[r]
	least, also := ranks[other]
	return known && also && mine >= least
}

func (r Role) moderates() bool { return r.atLeast(RoleModerator) }

// Ability is one thing that one may be allowed to do on a board.
type Ability string

// The abilities. "Own" and "any" are about the author of the post at hand.
const (
	ReadBoard       Ability = "board.read"
	EditBoard       Ability = "board.edit"
	ArchiveBoard    Ability = "board.archive"
	DeleteBoard     Ability = "board.delete"
	DuplicateBoard  Ability = "board.duplicate"
	ShapeSections   Ability = "sections.edit"
	ManageGroups    Ability = "groups.edit"
	ReadLinks       Ability = "links.read"
	ManageLinks     Ability = "links.edit"
	CreatePost      Ability = "post.create"
	EditOwnPost     Ability = "post.edit.own"
	EditAnyPost     Ability = "post.edit.any"
	MoveOwnPost     Ability = "post.move.own"
	MoveAnyPost     Ability = "post.move.any"
	DeleteOwnPost   Ability = "post.delete.own"
	DeleteAnyPost   Ability = "post.delete.any"
	UploadMedia     Ability = "media.upload"
	ModeratePosts   Ability = "post.moderate"
	ReportPost      Ability = "post.report"
	BlockPeople     Ability = "people.block"
	ReadActivity    Ability = "activity.read"
	UnsealAuthor    Ability = "author.unseal"
	WriteOutOfLocks Ability = "locked.write"

	CreateComment    Ability = "comment.create"
	EditOwnComment   Ability = "comment.edit.own"
	DeleteOwnComment Ability = "comment.delete.own"
	DeleteAnyComment Ability = "comment.delete.any"
	React            Ability = "post.react"
	TakeBackReaction Ability = "post.react.not"
)

// rule is a row of the authorisation table.
type rule struct {
	// least is the weakest role that has the ability.
	least Role
	// setting gives a weakest role that the board's settings say instead; nil
	// for none.
	setting func(Settings) Role
	// writes tells that the ability is about content: not in a frozen board.
	writes bool
	// archived tells that the ability remains in an archived board.
	archived bool
}

// table is the authorisation table. What is not named here is denied.
var table = map[Ability]rule{
	ReadBoard:       {least: RoleReader, archived: true},
	EditBoard:       {least: RoleModerator},
	ArchiveBoard:    {least: RoleModerator, archived: true},
	DeleteBoard:     {least: RoleOwner, archived: true},
	DuplicateBoard:  {least: RoleModerator, archived: true},
	ShapeSections:   {least: RoleModerator},
	ManageGroups:    {least: RoleModerator},
	ReadLinks:       {least: RoleModerator, archived: true},
	ManageLinks:     {least: RoleModerator},
	CreatePost:      {least: RoleWriter, setting: func(s Settings) Role { return s.Post }, writes: true},
	UploadMedia:     {least: RoleWriter, setting: func(s Settings) Role { return s.Post }, writes: true},
	EditOwnPost:     {least: RoleWriter, writes: true},
	EditAnyPost:     {least: RoleModerator, setting: func(s Settings) Role { return s.EditOthers }, writes: true},
	MoveOwnPost:     {least: RoleWriter, writes: true},
	MoveAnyPost:     {least: RoleModerator, setting: func(s Settings) Role { return s.EditOthers }, writes: true},
	DeleteOwnPost:   {least: RoleWriter, writes: true},
	DeleteAnyPost:   {least: RoleModerator},
	ModeratePosts:   {least: RoleModerator},
	ReportPost:      {least: RoleReader},
	BlockPeople:     {least: RoleModerator},
	ReadActivity:    {least: RoleModerator, archived: true},
	UnsealAuthor:    {least: RoleOwner, archived: true},
	WriteOutOfLocks: {least: RoleModerator, writes: true},

	CreateComment:    {least: RoleCommenter, setting: func(s Settings) Role { return s.Comment }, writes: true},
	EditOwnComment:   {least: RoleCommenter, writes: true},
	DeleteOwnComment: {least: RoleCommenter, writes: true},
	DeleteAnyComment: {least: RoleModerator},
	React:            {least: RoleReader, setting: func(s Settings) Role { return s.React }, writes: true},
	TakeBackReaction: {least: RoleReader, writes: true},
}

// Abilities lists every ability.
func Abilities() []Ability {
	out := make([]Ability, 0, len(table))
	for a := range table {
		out = append(out, a)
	}
	slices.Sort(out)
	return out
}

// ErrForbidden answers whoever lacks an ability.
var ErrForbidden = fault.New(fault.Forbidden, "forbidden")

// Allowed is the one authorisation rule: whether a role has an ability on a
// board with these settings in this phase, and if not, why.
func Allowed(role Role, a Ability, settings Settings, phase Phase) error {
	r, known := table[a]
	if !known {
		return ErrForbidden
	}
	least := r.least
	if r.setting != nil {
		if stated := r.setting(settings); stated != "" {
			least = stated
		}
	}
	if !role.atLeast(least) {
		return ErrForbidden
	}
	switch phase {
	case PhaseOpen:
		return nil
	case PhaseFrozen:
		if r.writes {
			return errFrozen
		}
		return nil
	case PhaseArchived:
		if r.archived {
			return nil
		}
		return errArchived
	case PhaseEnded:
		if r.archived && a != ArchiveBoard {
			return nil
		}
		return errEnded
	case PhaseBefore, PhaseAfter:
		return (&Sight{Phase: phase}).Admits(role)
	default:
		return ErrForbidden
	}
}

// AbilitiesOf lists all that a role may do on a board now, sorted.
func AbilitiesOf(role Role, settings Settings, phase Phase) []Ability {
	return slices.DeleteFunc(Abilities(), func(a Ability) bool { return Allowed(role, a, settings, phase) != nil })
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
	// Group is theirs; empty for none.
	Group ID
	// Account is that of somebody who has signed in; empty for a guest.
	Account ID
	// Generation is the account's when they signed in.
	Generation int
	// User is who a platform says that they are; empty for everybody else.
	User ID
	// Platform is that platform.
	Platform ID
}

// of refuses whoever is of another board, or nobody.
func (p Principal) of(board ID) error {
	if p.Board != board || p.Participant == "" {
		return ErrForbidden
	}
	return nil
}

// Standing is the principal as the link they came by and what is kept of them
// say now, whatever their session says; nil is for what there is none of. It
// refuses those whose link opens nothing more, or grants another role, and
// those who were blocked, or erased.
func (p Principal) Standing(link *Link, person *Participant, now time.Time) (Principal, error) {
	if link != nil {
		if !link.LiveAt(now) || link.Role != p.Role {
			return p, errNoSuchLink
		}
		p.Group = link.Group
	}
	if person == nil {
		return p, nil
	}
	if person.Deleted() {
		return p, errUserErased
	}
	if person.Held {
		return p, errUserHeld
	}
	if person.Blocked && !p.Role.moderates() {
		return p, errBlocked
	}
	if p.Platform != "" && person.Role != p.Role {
		return p, errNoSuchLink // the platform has said another since
	}
	if p.Account != "" && p.Link == "" && person.Seat != "" && person.Seat != p.Role {
		return p, errNoSuchLink
	}
	// Whom a platform let in has no group but the one that is kept of them.
	if person.Group != "" || p.Platform != "" {
		p.Group = person.Group
	}
	return p, nil
}
