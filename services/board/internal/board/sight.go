package board

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// Level is how much of a board somebody may know.
type Level string

// The levels. Whatever is not known to be a moderator's is a member's.
const (
	LevelMembers    Level = "members"
	LevelModerators Level = "moderators"
)

// Class is a view class: all whose sight of a board is the same (rule S12).
type Class struct {
	Level Level
	// Group is that of a member.
	Group ID
}

// ClassOf gives the view class of a principal; an unknown role has none, and a
// principal without a class sees nothing.
func ClassOf(p Principal) (Class, bool) {
	switch p.Role {
	case RoleOwner, RoleModerator:
		return Class{Level: LevelModerators}, true
	case RoleWriter, RoleCommenter, RoleReader:
		return Class{Level: LevelMembers, Group: p.Group}, true
	default:
		return Class{}, false
	}
}

// Audience is who a document is for.
type Audience string

// The audiences; GroupAudience makes the others. Moderators are of all but
// Nobody.
const (
	Nobody     Audience = ""
	Moderators Audience = "moderators"
	Members    Audience = "members"
)

// GroupAudience is one group, and moderators.
func GroupAudience(group ID) Audience { return Audience("group:" + string(group)) }

// PersonAudience is the owner of a document that not all members see: they are
// told, too, when it goes.
func PersonAudience(owner ID) Audience { return personAudience + Audience(owner) }

const personAudience Audience = "person:"

// person names whom an audience is, if it is one person.
func (a Audience) person() (ID, bool) {
	id, ok := strings.CutPrefix(string(a), string(personAudience))
	return ID(id), ok
}

// In tells whether a class is of an audience. An audience that it does not
// know is for moderators only (rule S13).
func (c Class) In(a Audience) bool {
	_, personal := a.person()
	switch {
	case a == Nobody, personal:
		return false
	case c.Level == LevelModerators:
		return true
	case c.Level != LevelMembers:
		return false
	default:
		return a == Members || c.Group != "" && a == GroupAudience(c.Group)
	}
}

// Saw tells whether a class has ever been shown a document.
func (c Class) Saw(doc Document) bool {
	return slices.ContainsFunc(doc.Head().ShownTo, c.In)
}

// Sight is what the sight of a board depends on besides each document itself:
// the board's settings, its sections and the time.
type Sight struct {
	Anonymity Anonymity
	Phase     Phase
	Groups    GroupMode
	Language  string
	// PresenceHidden keeps from everybody who is here.
	PresenceHidden bool
	// Reactions is the scale on which posts are reacted to.
	Reactions Scale

	exists   bool
	sections map[ID]*Section
	post     func(ID) *Post
}

// NewSight makes the sight of a board. board is nil when there is none; the
// sections are all there are, the removed ones included;
// post finds a post, nil for none.
func NewSight(b *Board, sections []*Section, post func(ID) *Post, now time.Time) *Sight {
	s := &Sight{sections: make(map[ID]*Section, len(sections)), post: post}
	for _, section := range sections {
		if !section.Deleted() {
			s.sections[section.ID] = section
		}
	}
	if b != nil && !b.Deleted() {
		s.exists = true
		s.Anonymity, s.Groups, s.Phase = b.Settings.Anonymity, b.Settings.Groups, b.PhaseAt(now)
		s.Language, s.PresenceHidden, s.Reactions = b.Language, b.PresenceHidden, b.Settings.Reactions
	}
	return s
}

// Lasts tells whether the sight of the same board and sections is still the same
// at another time: of all that it is made of, only the phase passes with time.
func (s *Sight) Lasts(b *Board, now time.Time) bool {
	if b == nil || b.Deleted() {
		return !s.exists
	}
	return s.exists && s.Phase == b.PhaseAt(now)
}

// remembering is the same sight for one question about many documents: it looks
// for each post once.
func (s *Sight) remembering() *Sight {
	known := make(map[ID]*Post)
	out := *s
	out.post = func(id ID) *Post {
		post, asked := known[id]
		if !asked {
			post = s.post(id)
			known[id] = post
		}
		return post
	}
	return &out
}

// Fingerprint changes whenever the sight of a document that is already there
// may have changed: whoever watches then starts anew.
func (s *Sight) Fingerprint() string {
	type section struct {
		ID, To  ID
		Hidden  bool
		Deleted bool
		Fate    Fate
	}
	var special []section
	for id, sec := range s.sections {
		if sec.Hidden || sec.Removed() {
			special = append(special, section{id, sec.MovedTo, sec.Hidden, sec.Removed(), sec.Fate})
		}
	}
	slices.SortFunc(special, func(a, b section) int { return cmp.Compare(a.ID, b.ID) })
	data, err := json.Marshal([]any{s.exists, s.Language, s.Anonymity, s.Phase, s.Groups == GroupsSeparate, s.Groups == GroupsVisible, s.Reactions, special})
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(data)
	return base64.RawURLEncoding.EncodeToString(sum[:6])
}

// ClassOf gives the class as which a principal sees this board: where groups
// make no difference, all members are one class.
func (s *Sight) ClassOf(p Principal) (Class, bool) {
	class, ok := ClassOf(p)
	if s.Groups != GroupsSeparate {
		class.Group = ""
	}
	return class, ok
}

// AudienceOf is the one visibility rule: who sees a document as it stands.
// Snapshots, streams, exports and single reads all ask it. A document that the
// rule does not know goes to moderators only (rule S13).
func (s *Sight) AudienceOf(doc Document) Audience {
	if doc.Head().Deleted() || !s.exists {
		return Nobody
	}
	switch d := doc.(type) {
	case *Board:
		return Members
	case *Section:
		return ofSection(d)
	case *Group:
		return s.ofGroup(d)
	case *Post:
		return s.ofPost(d)
	case *Media:
		return s.ofMedia(d)
	case *Comment:
		return s.ofComment(d)
	case *Link, *Act, *Code, *Tally, *Reactions, *Ballot, *Roster, *Told, *Visit:
		return Nobody
	default:
		return Moderators
	}
}

func ofSection(sec *Section) Audience {
	switch {
	case sec.Removed():
		return Nobody
	case sec.Hidden:
		return Moderators
	default:
		return Members
	}
}

func (s *Sight) ofGroup(g *Group) Audience {
	switch s.Groups {
	case GroupsVisible:
		return Members
	case GroupsSeparate:
		return GroupAudience(g.ID)
	default:
		return Moderators
	}
}

func (s *Sight) ofPost(p *Post) Audience {
	place, kept := s.Place(p.Section)
	switch {
	case !kept:
		return Nobody
	case p.State != StatePublished, p.Withheld:
		return Moderators
	case place != "" && (s.sections[place] == nil || s.sections[place].Hidden):
		return Moderators
	case s.Groups == GroupsSeparate && p.Group != "":
		return GroupAudience(p.Group)
	default:
		return Members
	}
}

// ofMedia is that of the post which shows it. What the board itself shows, its
// background, is for all.
func (s *Sight) ofMedia(m *Media) Audience {
	switch {
	case m.State != MediaReady || m.Post == "":
		return Nobody
	case m.Post == m.Board:
		return Members
	}
	post := s.post(m.Post)
	shows := func(a Attachment) bool { return a.MediaID() == m.ID }
	if post == nil || post.Deleted() || !slices.ContainsFunc(post.Attachments, shows) {
		return Nobody
	}
	return s.ofPost(post)
}

// maxRedirects bounds the deleted sections that lead to one another.
const maxRedirects = 50

// Place tells where a post that was put in a section stands now: that section,
// or where its posts went when it was deleted. False when they went with it.
func (s *Sight) Place(section ID) (ID, bool) {
	for range maxRedirects {
		sec := s.sections[section]
		if sec == nil || !sec.Removed() {
			return section, true
		}
		if sec.Fate == FateDelete {
			return "", false
		}
		section = sec.MovedTo
	}
	return "", true
}

// Section finds a live section; nil when there is none.
func (s *Sight) Section(id ID) *Section {
	if sec := s.sections[id]; sec != nil && !sec.Removed() {
		return sec
	}
	return nil
}

// OwnerOf names the participant who sees a document whatever their class: the
// author of a post or a comment, whoever made an upload; or nobody. Of a tombstone without
// its content it is whoever has seen it as theirs.
func OwnerOf(doc Document) ID {
	var owner ID
	switch d := doc.(type) {
	case *Media:
		owner = d.Owner
	case *Post:
		owner = d.Author.ID
	case *Comment:
		owner = d.Author.ID
	}
	for _, a := range doc.Head().ShownTo {
		if id, ok := a.person(); ok && owner == "" {
			owner = id
		}
	}
	return owner
}

// ToOwner tells whether a document's owner sees it: their own live post in any
// state, their own upload, their own comment where they see its post (Bound).
func (s *Sight) ToOwner(doc Document) bool {
	if doc.Head().Deleted() || !s.exists {
		return false
	}
	switch d := doc.(type) {
	case *Post:
		_, kept := s.Place(d.Section)
		return kept
	case *Comment:
		of, author := s.Bound(d)
		return of != Nobody || author != ""
	}
	return OwnerOf(doc) != ""
}

// SeenBy tells whether a principal sees a document, by class or as its owner.
// A tombstone is seen by those who have seen the document, and by its owner.
func (s *Sight) SeenBy(p Principal, doc Document) bool {
	class, ok := s.ClassOf(p)
	if !ok || p.Board != doc.Head().Board || s.Admits(p.Role) != nil {
		return false
	}
	mine := p.Participant != "" && OwnerOf(doc) == p.Participant
	if doc.Head().Deleted() {
		return mine || class.Saw(doc)
	}
	of, author := s.Bound(doc)
	return class.In(s.AudienceOf(doc)) || mine && s.ToOwner(doc) && Lets(class, p.Participant, of, author)
}

// witness notes who sees a document: before a change and after it.
func (s *Sight) witness(doc Document, before Audience) {
	head := doc.Head()
	for _, a := range []Audience{before, s.AudienceOf(doc)} {
		if a != Nobody && !slices.Contains(head.ShownTo, a) {
			head.ShownTo = append(slices.Clip(head.ShownTo), a)
		}
	}
	owner := OwnerOf(doc)
	if owner != "" && s.exists && !slices.Contains(head.ShownTo, Members) && !slices.Contains(head.ShownTo, PersonAudience(owner)) {
		head.ShownTo = append(slices.Clip(head.ShownTo), PersonAudience(owner))
	}
	slices.Sort(head.ShownTo)
}

// Hides tells whether a level is not told who wrote something, and whether the
// pseudonym that it reads instead is the author's on this board. It is, for
// what was written under that promise; of what was written under a name and is
// hidden since, the pseudonym is that one document's, so that it names nobody's
// later ones.
func (s *Sight) Hides(level Level, doc Contribution) (hidden, linked bool) {
	by := doc.said()
	if by.author.Trainer {
		return false, false
	}
	linked = by.sealed.covers(level)
	return linked || s.Anonymity.covers(level), linked
}

// HidesActor tells the same of whoever did something.
func (s *Sight) HidesActor(level Level, act *Act) (hidden, linked bool) {
	if act.Done.Trainer {
		return false, false
	}
	linked = act.Sealed.covers(level)
	return linked || act.Done.Promise.covers(level) || s.Anonymity.covers(level), linked
}

// covers tells whether an anonymity keeps names from a level.
func (a Anonymity) covers(level Level) bool {
	return a == AnonymousToAll || a == AnonymousToPeers && level != LevelModerators
}
