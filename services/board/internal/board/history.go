package board

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"fresque.dev/services/internal/fault"
)

// Verb is what was done, as the activity log names it.
type Verb string

// The verbs. What is done without one is not in the log.
const (
	NotLogged          Verb = ""
	PostCreated        Verb = "post.created"
	PostEdited         Verb = "post.edited"
	PostMoved          Verb = "post.moved"
	PostDeleted        Verb = "post.deleted"
	PostRestored       Verb = "post.restored"
	PostApproved       Verb = "post.approved"
	PostRejected       Verb = "post.rejected"
	PostReverted       Verb = "post.reverted"
	AuthorUnsealed     Verb = "author.unsealed"
	CommentCreated     Verb = "comment.created"
	CommentEdited      Verb = "comment.edited"
	CommentDeleted     Verb = "comment.deleted"
	CommentRestored    Verb = "comment.restored"
	CommentApproved    Verb = "comment.approved"
	CommentRejected    Verb = "comment.rejected"
	SectionCreated     Verb = "section.created"
	SectionEdited      Verb = "section.edited"
	SectionDeleted     Verb = "section.deleted"
	SectionRestored    Verb = "section.restored"
	BoardEdited        Verb = "board.edited"
	BoardArchived      Verb = "board.archived"
	BoardUnarchived    Verb = "board.unarchived"
	BoardDeleted       Verb = "board.deleted"
	BoardRestored      Verb = "board.restored"
	LinkCreated        Verb = "link.created"
	LinkEdited         Verb = "link.edited"
	LinkRevoked        Verb = "link.revoked"
	GroupCreated       Verb = "group.created"
	GroupEdited        Verb = "group.edited"
	GroupDeleted       Verb = "group.deleted"
	ParticipantBlocked Verb = "participant.blocked"
	ParticipantAllowed Verb = "participant.unblocked"
	ParticipantGrouped Verb = "participant.grouped"
	ReportSettled      Verb = "report.settled"
	Undone             Verb = "undone"
)

// Deed is one thing done to a document: who, what, when and why. It travels in
// the document itself, so that no change is without it, and is copied into the
// log as an Act.
type Deed struct {
	ID        ID        `json:"id"`
	Actor     ID        `json:"actor"`
	ActorName string    `json:"actorName,omitempty"`
	Trainer   bool      `json:"trainer,omitempty"`
	Verb      Verb      `json:"verb"`
	At        time.Time `json:"at"`
	// Reason is what the actor wrote.
	Reason string `json:"reason,omitempty"`
	// Label is what the document was called then.
	Label string `json:"label,omitempty"`
	// Before is the document as it was, as JSON; empty for a new one.
	Before string `json:"before,omitempty"`
	// Changed names the fields of a board or a section that an edit changed, as
	// their JSON does, sorted, a space between two; of a switch that was turned
	// off, with a minus before it.
	Changed string `json:"changed,omitempty"`
	// Bulk is what this was a part of; empty for a deed of its own.
	Bulk ID `json:"bulk,omitempty"`
	// Promise is the anonymity of the board then.
	Promise Anonymity `json:"promise,omitempty"`
}

// Act is a deed in the activity log. Its Parent is the document it was done
// to.
type Act struct {
	Meta
	Target    Kind `json:"target"`
	TargetRev Rev  `json:"targetRev"`
	Done      Deed `json:"done"`
	// Sealed is the promise under which the actor has a pseudonym: that of the
	// post, for its author. Done.Promise hides them as well.
	Sealed Anonymity `json:"sealed,omitempty"`
}

// Kind tells KindAct.
func (*Act) Kind() Kind { return KindAct }

// maxLabel bounds what a deed calls its document, in characters.
const maxLabel = 80

// deed makes the deed of a change that brings a document to its revision.
func (sc *scene) deed(doc Document, verb Verb, reason, before string) *Deed {
	if verb == NotLogged {
		return nil
	}
	return &Deed{
		ID: actID(doc, sc.now), Actor: sc.p.Participant, ActorName: sc.p.Name, Trainer: sc.p.Role.moderates(),
		Verb: verb, At: sc.now, Reason: reason, Label: labelOf(doc), Before: before, Promise: sc.board.Settings.Anonymity, Bulk: sc.bulk,
		Changed: changedBy(verb, doc, before),
	}
}

// actID follows from the document, its revision and the time, so that logging
// twice is logging once; it sorts by time (UUIDv7).
func actID(doc Document, at time.Time) ID {
	key := KeyOf(doc)
	sum := sha256.Sum256(fmt.Appendf(nil, "fresque act\x00%s\x00%s\x00%s\x00%d", key.Board, key.Kind, key.ID, doc.Head().Rev))
	var stamp [8]byte
	binary.BigEndian.PutUint64(stamp[:], uint64(at.UnixMilli())<<16)
	copy(sum[:6], stamp[:6])
	return uuidOf(sum[:16], 7)
}

// uuidOf writes 16 bytes as a UUID of a version (RFC 9562).
func uuidOf(b []byte, version byte) ID {
	b[6] = b[6]&0x0f | version<<4
	b[8] = b[8]&0x3f | 0x80
	h := hex.EncodeToString(b)
	return ID(h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:])
}

func labelOf(doc Document) string {
	label := ""
	switch d := doc.(type) {
	case *Board:
		label = d.Title
	case *Section:
		label = d.Title
	case *Group:
		label = d.Name
	case *Post:
		label = d.Title
	case *Comment:
		label = oneLine(textOf(d.Body))
	case *Link:
		label = d.Name
	case *Participant:
		label = d.Name
	}
	if r := []rune(label); len(r) > maxLabel {
		label = string(r[:maxLabel])
	}
	return label
}

// copyOf is a document of its own with the same fields.
func copyOf(doc Document) Document {
	copied := reflect.New(reflect.TypeOf(doc).Elem())
	copied.Elem().Set(reflect.ValueOf(doc).Elem())
	out, _ := copied.Interface().(Document)
	return out
}

// imageOf is a document as JSON, to go back to.
func imageOf(doc Document) string {
	image := copyOf(doc)
	head := image.Head()
	*head = Meta{ID: head.ID, Board: head.Board, Parent: head.Parent, Rev: head.Rev, DeletedAt: head.DeletedAt}
	data, err := json.Marshal(image)
	if err != nil {
		return ""
	}
	return string(data)
}

// LogDeed puts what was last done to a document into the activity log. Doing
// it again changes nothing: the relay does it for what a crash left.
func (s *Service) LogDeed(ctx context.Context, doc Document) error {
	deed := doc.Head().Deed
	if deed == nil {
		return nil
	}
	act := &Act{Target: doc.Kind(), TargetRev: doc.Head().Rev, Done: *deed, Sealed: deed.Promise}
	act.ID, act.Board, act.Parent, act.Rev = deed.ID, doc.Head().Board, doc.Head().ID, 1
	act.CreatedAt, act.UpdatedAt = deed.At, deed.At
	if c, ok := doc.(Contribution); ok && c.said().author.ID == deed.Actor {
		act.Sealed = *c.said().sealed
	}
	if err := s.Store.Insert(ctx, act); err != nil && !errors.Is(err, ErrExists) {
		return err
	}
	return nil
}

// SettleDeed is LogDeed for what is logged already most of the time: it looks
// before it writes.
func (s *Service) SettleDeed(ctx context.Context, doc Document) error {
	deed := doc.Head().Deed
	if deed == nil {
		return nil
	}
	if _, err := s.Store.Get(ctx, Key{Board: doc.Head().Board, Kind: KindAct, ID: deed.ID}); err == nil {
		return nil
	}
	return s.LogDeed(ctx, doc)
}

var (
	errChangedSince = fault.New(fault.Conflict, "changed_since")
	errNotUndoable  = fault.New(fault.Conflict, "not_undoable")
	errUndoTooLate  = fault.New(fault.Conflict, "undo_too_late")
)

// Undo takes an act back: the document becomes what it was before, if nothing
// has been done to it since. Moderators may, as long as the log has it;
// whoever did it may for UndoWindow.
func (s *Service) Undo(ctx context.Context, p Principal, board, id ID) (Document, error) {
	sc, err := s.enter(ctx, p, board, ReadBoard)
	if err != nil {
		return nil, err
	}
	act, err := get[*Act](ctx, s.Store, Key{Board: board, Kind: KindAct, ID: id})
	if err != nil {
		return nil, err
	}
	return s.takeBack(ctx, sc, act)
}

// takeBack takes an act back, if the principal may.
func (s *Service) takeBack(ctx context.Context, sc *scene, act *Act) (Document, error) {
	if err := sc.mayUndo(act); err != nil {
		return nil, err
	}
	key := Key{Board: act.Board, Kind: act.Target, ID: act.Parent}
	return change(ctx, s, sc, key, 0, doing{verb: Undone}, func(doc Document) (bool, error) {
		if deed := doc.Head().Deed; deed != nil && deed.Verb == Undone && doc.Head().Rev == act.TargetRev+1 {
			return false, nil // done already
		}
		switch {
		case doc.Head().Rev != act.TargetRev:
			return false, errChangedSince
		case doc.Head().due(sc.now):
			return false, errUndoTooLate
		}
		return true, s.undo(ctx, sc, doc, act.Done.Before)
	})
}

// undo makes a document what it was, where that may be.
func (s *Service) undo(ctx context.Context, sc *scene, doc Document, before string) error {
	if c, ok := doc.(*Comment); ok {
		from := *c
		if err := sc.goBack(doc, before); err != nil {
			return err
		}
		return s.commentTakenBack(ctx, sc, &from, c)
	}
	post, ok := doc.(*Post)
	if !ok {
		return sc.goBack(doc, before)
	}
	from := *post
	if err := sc.goBack(doc, before); err != nil {
		return err
	}
	if from.Section != post.Section {
		put := from
		if err := sc.place(&put, Placement{Section: &post.Section}); err != nil {
			return err
		}
	}
	if sc.p.Role.moderates() {
		return nil
	}
	return s.takenBack(ctx, sc, &from, post)
}

// takenBack holds what a participant takes back themselves to the rules of the
// moment, and not to those of then.
func (s *Service) takenBack(ctx context.Context, sc *scene, from, to *Post) error {
	if !sc.sight.SeenBy(sc.p, from) {
		return ErrNotFound
	}
	if err := sc.unlocked(from.Section); err != nil || to.Deleted() {
		return err
	}
	if !samePost(from, to) {
		to.State = from.State
		sc.resubmit(to)
	}
	if !from.Deleted() {
		return nil
	}
	return s.takeSlot(ctx, sc, to.ID)
}

// undoable are the verbs that can be undone, and what it takes.
var undoable = map[Verb]Ability{
	PostCreated: DeleteAnyPost, PostEdited: EditAnyPost, PostMoved: MoveAnyPost, PostDeleted: DeleteAnyPost,
	PostRestored: DeleteAnyPost, PostApproved: ModeratePosts, PostRejected: ModeratePosts, PostReverted: EditAnyPost,
	CommentCreated: DeleteAnyComment, CommentEdited: ModeratePosts, CommentDeleted: DeleteAnyComment, CommentRestored: DeleteAnyComment,
	CommentApproved: ModeratePosts, CommentRejected: ModeratePosts,
	SectionCreated: ShapeSections, SectionEdited: ShapeSections, SectionDeleted: ShapeSections, SectionRestored: ShapeSections,
	BoardEdited: EditBoard, BoardArchived: ArchiveBoard, BoardUnarchived: ArchiveBoard,
	LinkEdited: ManageLinks, LinkRevoked: ManageLinks, GroupCreated: ManageGroups, GroupEdited: ManageGroups, GroupDeleted: ManageGroups,
	ParticipantBlocked: BlockPeople, ParticipantAllowed: BlockPeople, ParticipantGrouped: ManageGroups,
	ReportSettled: ModeratePosts, Undone: ModeratePosts,
}

// Undoable tells an act that a moderator may take back while nothing has been
// done to its document since.
func (a *Act) Undoable() bool {
	_, known := undoable[a.Done.Verb]
	return known
}

// undoableOwn are those that a participant may take back themselves.
var undoableOwn = map[Verb]Ability{
	PostCreated: DeleteOwnPost, PostEdited: EditOwnPost, PostMoved: MoveOwnPost, PostDeleted: DeleteOwnPost,
	PostReverted: EditOwnPost, CommentCreated: DeleteOwnComment, CommentEdited: EditOwnComment, CommentDeleted: DeleteOwnComment,
}

func (sc *scene) mayUndo(act *Act) error {
	least, known := undoable[act.Done.Verb]
	if !known {
		return errNotUndoable
	}
	if act.Done.Verb == Undone && act.Target == KindBoard {
		least = ArchiveBoard // what was undone may have put it away again
	}
	late := sc.now.After(act.Done.At.Add(UndoWindow))
	if sc.p.Role.moderates() {
		if act.Done.Verb == LinkRevoked && late {
			return errUndoTooLate // who handed it out has to trust that it stays ended
		}
		return sc.may(least)
	}
	own, known := undoableOwn[act.Done.Verb]
	if !known || act.Done.Actor != sc.p.Participant {
		return ErrForbidden
	}
	if late {
		return errUndoTooLate
	}
	return sc.may(own)
}

// goBack makes a document what it was; one that was not there is deleted.
func (sc *scene) goBack(doc Document, before string) error {
	head := *doc.Head()
	if before == "" {
		if section, ok := doc.(*Section); ok {
			section.remove(sc.now, FateKeep, "")
			return nil
		}
		doc.Head().trash(sc.now, sc.p.Participant)
		return nil
	}
	var withheld bool
	c, written := doc.(Contribution)
	if written {
		withheld = *c.said().withheld // that is no act of anybody's
	}
	reflect.ValueOf(doc).Elem().SetZero()
	if err := json.Unmarshal([]byte(before), doc); err != nil {
		return fault.Internalf(err, "read what a document was")
	}
	if written {
		*c.said().withheld = withheld
	}
	was := doc.Head().DeletedAt
	*doc.Head() = head
	doc.Head().live()
	if section, ok := doc.(*Section); ok && section.Removed() {
		section.remove(sc.now, section.Fate, section.MovedTo)
	}
	if !was.IsZero() {
		doc.Head().trash(sc.now, sc.p.Participant)
	}
	return nil
}

// trash makes a document a tombstone whose content is kept for a while.
func (m *Meta) trash(now time.Time, by ID) {
	m.DeletedAt, m.DeletedBy, m.PurgeAt = now, by, now.Add(TrashKept)
}

// due tells that what the trash has of a document is about to be erased.
func (m *Meta) due(now time.Time) bool { return !m.PurgeAt.IsZero() && !now.Before(m.PurgeAt) }

// live takes a document out of the trash.
func (m *Meta) live() { m.DeletedAt, m.DeletedBy, m.PurgeAt = time.Time{}, "", time.Time{} }

// Version is a post as it once was, and the act that made it that.
type Version struct {
	*Act
	Post *Post
}

// Versions lists what a post was, newest first: one for each change of its
// content. Whoever may edit the post may.
func (s *Service) Versions(ctx context.Context, p Principal, board, id ID) ([]Version, error) {
	sc, err := s.enter(ctx, p, board, ReadBoard)
	if err != nil {
		return nil, err
	}
	post, err := s.livePost(ctx, sc, id)
	if err != nil {
		return nil, err
	}
	if !p.Role.moderates() && post.Author.ID != p.Participant {
		return nil, ErrForbidden
	}
	acts, err := s.actsOn(ctx, KeyOf(post))
	if err != nil {
		return nil, err
	}
	return versionsOf(post, acts)
}

// actsOn are what the log has of one document: not of another kind's that has its
// id. Clients make ids, and what was done to that is not theirs to read.
func (s *Service) actsOn(ctx context.Context, key Key) ([]*Act, error) {
	docs, err := s.Store.ListUnder(ctx, key.Board, KindAct, key.ID)
	return slices.DeleteFunc(typed[*Act](docs), func(act *Act) bool { return act.Target != key.Kind }), err
}

// versionsOf reads the log of a post backwards: what an act found is what the
// one before it had made.
func versionsOf(post *Post, acts []*Act) ([]Version, error) {
	// Two acts of one moment, or of two clocks, are in no order by their ids.
	slices.SortFunc(acts, func(a, b *Act) int { return cmp.Compare(a.TargetRev, b.TargetRev) })
	var out []Version
	made := post
	for i := len(acts) - 1; i >= 0; i-- {
		act := acts[i]
		switch act.Done.Verb {
		case PostCreated, PostEdited, PostReverted, Undone:
			out = append(out, Version{Act: act, Post: made})
		}
		if act.Done.Before == "" {
			continue
		}
		was := new(Post)
		if err := json.Unmarshal([]byte(act.Done.Before), was); err != nil {
			return nil, fault.Internalf(err, "read a version")
		}
		made = was
	}
	return out, nil
}

// RevertPost gives a post the content of one of its versions, at an expected
// revision.
func (s *Service) RevertPost(ctx context.Context, p Principal, board, id ID, expected, to Rev) (*Post, error) {
	versions, err := s.Versions(ctx, p, board, id)
	if err != nil {
		return nil, err
	}
	for _, v := range versions {
		if v.TargetRev == to {
			return s.editPost(ctx, p, board, id, expected, PostReverted,
				PostEdit{Title: &v.Post.Title, Body: &v.Post.Body, Attachments: &v.Post.Attachments, Colour: &v.Post.Colour})
		}
	}
	return nil, ErrNotFound
}
