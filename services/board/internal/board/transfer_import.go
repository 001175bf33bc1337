package board

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"fresque.dev/services/internal/fault"
)

// Limits of a transfer.
const (
	MaxTransferPosts    = 20_000
	MaxTransferComments = 50_000
)

// Import is what makes a board of a platform's out of a transfer. An empty title
// is the transfer's.
type Import struct {
	Key, External, Title string
	Transfer             *Transfer
}

// ImportPlatformBoard makes a board out of what was exported. All of it is checked
// as a write is, and refused whole when anything is wrong.
func (s *Service) ImportPlatformBoard(ctx context.Context, p *Platform, in Import) (*Board, error) {
	t := in.Transfer
	raw, err := json.Marshal(t)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(raw)
	in.Key = cmp.Or(in.Key, string(s.IDs.NewID()))
	im := &importing{Service: s, in: t, id: platformBoardID(p.ID, in.Key)}
	if err := im.read(p); err != nil {
		return nil, err
	}
	settings := t.Board.Settings
	settings.Background.Picture = ""
	return s.CreatePlatformBoard(ctx, p, PlatformBoard{
		Key: in.Key, External: in.External, Title: cmp.Or(oneLine(in.Title), t.Board.Title), Description: t.Board.Description, Language: t.Board.Language,
		Settings: settings.edit(), base: &Board{Completion: im.rules()}, source: "import of " + base64.RawURLEncoding.EncodeToString(sum[:]),
		plant: func(ctx context.Context, to *scene) error {
			if err := im.bring(ctx, p); err != nil {
				return err
			}
			docs := im.docs
			for _, post := range im.posts {
				docs = append(docs, s.previewsFor(post, to)...)
			}
			return s.plantThese(ctx, to, im.sections, im.posts, docs)
		},
	})
}

// importing is a transfer on its way to a board.
type importing struct {
	*Service
	in       *Transfer
	id       ID
	sc       *scene
	f        faults
	sections []*Section
	posts    map[ID]*Post
	groups   map[string]ID
	docs     []Document
	// by are the contributions of users, by reference.
	by map[string][]Contribution
}

var errTransferVersion = fault.New(fault.Invalid, "transfer_version").With("version", TransferVersion)

// read makes documents of a transfer, or tells all that is wrong with it.
func (im *importing) read(p *Platform) error {
	if im.in.Version != TransferVersion {
		return errTransferVersion
	}
	for field, over := range map[string]int{
		"sections": len(im.in.Sections) - MaxSections, "groups": len(im.in.Groups) - MaxGroups - MaxRosterGroups,
		"posts": len(im.in.Posts) - MaxTransferPosts, "comments": len(im.in.Comments) - MaxTransferComments,
	} {
		if over > 0 {
			im.f.add(fault.New(fault.Invalid, "too_many").At(field))
		}
	}
	if len(im.f) > 0 {
		return im.f.err()
	}
	b := &Board{Platform: p.ID}
	b.ID, b.Board = im.id, im.id
	im.sc = im.founding(b)
	im.sc.p = platformOn(p, im.id)
	im.posts, im.groups, im.by = make(map[ID]*Post), make(map[string]ID), make(map[string][]Contribution)
	im.readSections()
	im.readGroups()
	for i, one := range im.in.Posts {
		im.readPost(fmt.Sprintf("posts[%d]", i), one)
	}
	said := make(map[ID]*Comment)
	for i, one := range im.in.Comments {
		im.readComment(fmt.Sprintf("comments[%d]", i), one, said)
	}
	for i, one := range im.in.Comments {
		if to := said[copyID(im.id, ID(one.ReplyTo))]; one.ReplyTo != "" && (to == nil || to.ReplyTo != "" || string(to.Post) != string(copyID(im.id, ID(one.Post)))) {
			im.f.add(fault.New(fault.Invalid, "reference_unknown").At(fmt.Sprintf("comments[%d].replyTo", i)))
		}
	}
	im.f = append(im.f, im.rules().check()...)
	im.f.add(im.rules().sectionsThere(im.sc.sight))
	return im.told()
}

// told is what is wrong, as much of it as anybody reads.
func (im *importing) told() error { return im.f[:min(len(im.f), maxFaultsTold)].err() }

// under adds what is wrong with a part.
func (im *importing) under(at string, err error) {
	f, ok := fault.As(err)
	switch {
	case err == nil:
	case !ok:
		im.f.add(fault.Wrap(fault.Invalid, "malformed", err).At(at))
	case len(f.Details) == 0:
		im.f.add(f.At(at))
	default:
		for _, d := range f.Details {
			im.f.add(d.At(at + "." + d.Field))
		}
	}
}

// place gives the id of a copy, and tells one that is named twice, or not at all.
func (im *importing) place(at, id string, taken bool) ID {
	switch {
	case id == "" || len(id) > MaxExternal:
		im.f.add(fault.New(fault.Invalid, "required").At(at + ".id"))
	case taken:
		im.f.add(fault.New(fault.Invalid, "duplicate").At(at + ".id"))
	}
	return copyID(im.id, ID(id))
}

func (im *importing) readSections() {
	known := make(map[string]bool)
	for i, one := range im.in.Sections {
		at := fmt.Sprintf("sections[%d]", i)
		sec := &Section{}
		sec.ID, sec.Board, sec.CreatedAt = im.place(at, one.ID, known[one.ID]), im.id, im.sc.now
		known[one.ID] = true
		edit := SectionEdit{Title: &one.Title, Description: &one.Description, Colour: &one.Colour, Order: &one.Order, Locked: &one.Locked, Hidden: &one.Hidden}
		im.under(at, edit.apply(sec).err())
		im.sections, im.docs = append(im.sections, sec), append(im.docs, sec)
	}
	im.sc.sight = NewSight(im.sc.board, im.sections, func(ID) *Post { return nil }, im.sc.now)
}

func (im *importing) readGroups() {
	for i, one := range im.in.Groups {
		at := fmt.Sprintf("groups[%d]", i)
		g := &Group{Ref: one.Ref}
		g.ID, g.Board, g.CreatedAt = im.place(at, one.ID, im.groups[one.ID] != ""), im.id, im.sc.now
		if one.Ref != "" {
			im.f.add(checkRef(at+".ref", one.Ref))
			g.ID = groupOf(im.id, one.Ref)
		}
		im.groups[one.ID] = g.ID
		im.under(at, GroupEdit{Name: &one.Name, Order: &one.Order}.apply(g))
		im.docs = append(im.docs, g)
	}
}

func (im *importing) readPost(at string, one TransferPost) {
	id := im.place(at, one.ID, im.posts[copyID(im.id, ID(one.ID))] != nil)
	post := &Post{Author: im.author(at, one.Author), State: one.State, Reason: oneLine(one.Reason), Sealed: one.Sealed, Order: one.Order}
	post.ID, post.Board, post.CreatedAt, post.Parent = id, im.id, im.past(one.CreatedAt), post.Author.ID
	if one.Section != "" {
		if post.Section = copyID(im.id, ID(one.Section)); im.sc.sight.Section(post.Section) == nil {
			im.f.add(fault.New(fault.Invalid, "reference_unknown").At(at + ".section"))
		}
	}
	if one.Group != "" {
		post.Group = im.groups[one.Group] // of one that is gone: nobody's
	}
	if one.Order == "" {
		post.Order = orderAt(post.CreatedAt, true)
	} else {
		im.f.add(checkOrder(at+".order", one.Order))
	}
	attachments := make([]Attachment, 0, len(one.Attachments))
	for i, l := range one.Attachments {
		if l.Type != AttachmentLink {
			im.f.add(fault.New(fault.Invalid, "unknown_type").At(fmt.Sprintf("%s.attachments[%d].type", at, i)))
			continue
		}
		attachments = append(attachments, Attachment{ID: derivedID("imported link", id, ID(fmt.Sprint(i))), Type: AttachmentLink, URL: l.URL, Caption: l.Caption})
	}
	im.under(at, im.compose(im.sc, post, PostEdit{Title: &one.Title, Body: &one.Body, Attachments: &attachments, Colour: &one.Colour}))
	im.judged(at, one.State, one.Sealed, one.Reason)
	im.posts[id], im.docs = post, append(im.docs, post)
	im.credit(one.Author, post)
}

func (im *importing) readComment(at string, one TransferComment, said map[ID]*Comment) {
	id := im.place(at, one.ID, said[copyID(im.id, ID(one.ID))] != nil)
	c := &Comment{
		Post: copyID(im.id, ID(one.Post)), ReplyTo: copyID(im.id, ID(one.ReplyTo)), Author: im.author(at, one.Author),
		State: one.State, Reason: oneLine(one.Reason), Sealed: one.Sealed,
	}
	c.ID, c.Board, c.CreatedAt, c.Parent = id, im.id, im.past(one.CreatedAt), c.Post
	if im.posts[c.Post] == nil {
		im.f.add(fault.New(fault.Invalid, "reference_unknown").At(at + ".post"))
	}
	im.under(at, im.writeComment(c, one.Body))
	im.judged(at, one.State, one.Sealed, one.Reason)
	said[id], im.docs = c, append(im.docs, c)
	im.credit(one.Author, c)
}

// judged checks what moderators and promises have made of a contribution.
func (im *importing) judged(at string, state PostState, sealed Anonymity, reason string) {
	if state != StatePublished && state != StatePending && state != StateRejected {
		im.f.add(fault.New(fault.Invalid, "unknown_choice").At(at + ".state"))
	}
	if sealed != Named && sealed != AnonymousToPeers && sealed != AnonymousToAll {
		im.f.add(fault.New(fault.Invalid, "unknown_choice").At(at + ".sealed"))
	}
	im.f.add(tooLong(at+".reason", reason, MaxReason))
}

// author is a name; whose it is, if a user's, is found once all is checked.
func (im *importing) author(at string, a TransferAuthor) Author {
	name := oneLine(a.Name)
	im.f.add(required(at+".author.name", name))
	im.f.add(tooLong(at+".author.name", name, MaxName))
	im.f.add(tooLong(at+".author.user", a.User, MaxExternal))
	im.f.add(tooLong(at+".author.id", a.ID, MaxExternal))
	return Author{ID: copyID(im.id, ID(cmp.Or(a.ID, name))), Name: name, Trainer: a.Trainer}
}

func (im *importing) credit(a TransferAuthor, doc Contribution) {
	if a.User != "" {
		im.by[a.User] = append(im.by[a.User], doc)
	}
}

// past is a time that has been; now for one that has not.
func (im *importing) past(at time.Time) time.Time {
	if at.IsZero() || at.After(im.sc.now) {
		return im.sc.now
	}
	return at.UTC().Truncate(time.Millisecond)
}

// rules are those of the board, about the copies of its sections.
func (im *importing) rules() Completion {
	c := Completion{Rules: append([]Rule(nil), im.in.Board.Completion.Rules...)}
	for i, r := range c.Rules {
		c.Rules[i].Section = copyID(im.id, r.Section)
	}
	return c
}

// bring makes the users known on the board, before anything of theirs is there,
// and what they have written theirs.
func (im *importing) bring(ctx context.Context, p *Platform) error {
	for ref, written := range im.by {
		u, err := im.ensureUser(ctx, p, ref, "", im.id)
		if err != nil {
			return err
		}
		for _, doc := range written {
			doc.said().author.ID = u.On(im.id)
			if post, ok := doc.(*Post); ok {
				post.Parent = post.Author.ID
			}
		}
	}
	return nil
}

var errNoTransfer = errors.New("no board of Fresque's")

// ReadTransfer reads what was exported.
func ReadTransfer(raw []byte) (*Transfer, error) {
	t := new(Transfer)
	if err := json.Unmarshal(raw, t); err != nil {
		return nil, fault.Wrap(fault.Invalid, "transfer_malformed", errors.Join(errNoTransfer, err))
	}
	return t, nil
}
