package board

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"fresque.dev/services/internal/fault"
)

// Limits of a transfer.
const (
	MaxTransferPosts    = 50_000
	MaxTransferComments = 50_000
	MaxTransferMedia    = 10_000
	// maxReactions bounds those of one post.
	maxReactions = 10_000
)

// Import is what makes a board of a platform's out of a transfer. An empty title
// is the transfer's.
type Import struct {
	Key, External, Title string
	Transfer             *Transfer
}

// Imported is what a transfer has become: the board, and its uploads, whose bytes
// are still to come. Repeating the import tells how far they are.
type Imported struct {
	*Board
	Media []ImportedMedia
	// Without counts the uploads and the posts that are not on it.
	Without LeftOut
}

// ImportedMedia is one upload: File is what the archive calls it.
type ImportedMedia struct {
	File string
	Ticket
}

// ImportPlatformBoard makes a board out of what was exported. All of it is checked
// as a write is, and refused whole when anything is wrong.
func (s *Service) ImportPlatformBoard(ctx context.Context, p *Platform, in Import) (*Imported, error) {
	in.Key = cmp.Or(in.Key, string(s.IDs.NewID()))
	id := platformBoardID(p.ID, in.Key)
	im, err := s.importing(in.Transfer, &Board{Platform: p.ID}, platformOn(p, id))
	if err != nil {
		return nil, err
	}
	if err := s.roomForImport(ctx, p, im); err != nil {
		return nil, err
	}
	settings := im.settings()
	sum, err := in.Transfer.digest()
	if err != nil {
		return nil, err
	}
	t := in.Transfer
	b, err := s.CreatePlatformBoard(ctx, p, PlatformBoard{
		Key: in.Key, External: in.External, Title: cmp.Or(oneLine(in.Title), t.Board.Title), Description: t.Board.Description, Language: t.Board.Language,
		Settings: settings, base: im.base(), source: "import of " + sum,
		plant: func(ctx context.Context, to *scene) error {
			if err := im.bring(ctx, p); err != nil {
				return err
			}
			if err := s.noteMedia(ctx, p.ID, id, im.bytes); err != nil {
				return err
			}
			return im.plant(ctx, to)
		},
	})
	if err != nil {
		return nil, err
	}
	return im.imported(ctx, b)
}

// WallImport is what makes a wall of an account's out of a transfer. ID may be
// empty; an empty title is the transfer's.
type WallImport struct {
	ID       ID
	Title    string
	Transfer *Transfer
}

// ImportWall makes a wall that an account owns out of what was exported. Who wrote
// what is then a name, and nobody's. Repeating it with the same id answers as the
// first did (rule S3), and tells how far the uploads have come.
func (s *Service) ImportWall(ctx context.Context, a *Account, in WallImport) (*Imported, error) {
	sum, err := in.Transfer.digest()
	if err != nil {
		return nil, err
	}
	// Another transfer under the same id is another wall: the two never mix.
	in.ID = derivedID("import", s.idOr(in.ID), ID(sum))
	id := derivedID("wall", a.ID, in.ID)
	im, err := s.importing(in.Transfer, &Board{}, ownerOf(a, id))
	if err != nil {
		return nil, err
	}
	t := in.Transfer
	b, err := s.CreateWall(ctx, a, NewWall{ID: in.ID, NewBoard: NewBoard{
		Title: cmp.Or(oneLine(in.Title), t.Board.Title), Description: t.Board.Description, Language: t.Board.Language,
		Settings: im.settings(), base: im.base(), before: im.plant,
	}})
	if err != nil {
		return nil, err
	}
	return im.imported(ctx, b)
}

// ImportBoard makes a board and its links out of what was exported, as CreateBoard
// does for the operator. Repeating it is as with ImportWall.
func (s *Service) ImportBoard(ctx context.Context, in WallImport) (*Imported, []*Link, error) {
	sum, err := in.Transfer.digest()
	if err != nil {
		return nil, nil, err
	}
	id := derivedID("import", s.idOr(in.ID), ID(sum))
	im, err := s.importing(in.Transfer, &Board{}, operatorOn(id))
	if err != nil {
		return nil, nil, err
	}
	t := in.Transfer
	b, links, err := s.CreateBoard(ctx, NewBoard{
		ID: id, Title: cmp.Or(oneLine(in.Title), t.Board.Title), Description: t.Board.Description, Language: t.Board.Language,
		Settings: im.settings(), base: im.base(), before: im.plant,
	})
	if err == nil && b.Deleted() {
		err = ErrNotFound
	}
	if err != nil {
		return nil, nil, err
	}
	out, err := im.imported(ctx, b)
	return out, links, err
}

// operatorOn is the operator on a board: nobody whom it knows.
func operatorOn(board ID) Principal {
	return Principal{Board: board, Role: RoleOwner, Participant: derivedID("operator on", board)}
}

// digest tells a transfer from any other.
func (t *Transfer) digest() (string, error) {
	raw, err := json.Marshal(t)
	sum := sha256.Sum256(raw)
	return base64.RawURLEncoding.EncodeToString(sum[:]), err
}

// settings are those of the transfer; its background comes once there is a board.
func (im *importing) settings() SettingsEdit {
	settings := im.in.Board.Settings
	settings.Background.Picture = ""
	return settings.edit()
}

// base is what the board has besides; rules are of boards of platforms alone.
func (im *importing) base() *Board {
	base := &Board{PresenceHidden: im.in.Board.PresenceHidden}
	if im.sc.board.Platform != "" {
		base.Completion = im.rules()
	}
	return base
}

// plant puts all that was read onto a board that is being made.
func (im *importing) plant(ctx context.Context, to *scene) error {
	docs := im.docs
	for _, post := range im.posts {
		docs = append(docs, im.previewsFor(post, to)...)
	}
	for _, m := range im.media {
		if m.Owner != "" {
			docs = append(docs, m)
		}
	}
	if m := im.media[copyID(im.id, im.in.Board.Settings.Background.Picture)]; m != nil && m.State != MediaRefused {
		to.board.Settings.Background.Picture = m.ID
	}
	return im.plantThese(ctx, to, im.sections, im.posts, docs)
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
	// media are the uploads that can come, absent those that the transfer has not;
	// one without an owner is shown by nothing.
	media  map[ID]*Media
	absent map[ID]bool
	// files are what the archive calls them, and bytes what they have together.
	files map[ID]string
	bytes int64
	// nothing are the posts of which nothing is left without what is absent.
	nothing map[ID]bool
	without LeftOut
}

var errTransferVersion = fault.New(fault.Invalid, "transfer_version").With("version", TransferVersion)

// importing reads a transfer for a board, on which p acts.
func (s *Service) importing(t *Transfer, b *Board, p Principal) (*importing, error) {
	im := &importing{Service: s, in: t, id: p.Board}
	if err := im.read(b, p); err != nil {
		return nil, err
	}
	if most := s.Uploads.Board; im.bytes > most {
		return nil, fault.New(fault.TooLarge, "transfer_too_large").At("media").With("maxMiB", most>>20)
	}
	return im, nil
}

// read makes documents of a transfer, or tells all that is wrong with it.
func (im *importing) read(b *Board, p Principal) error {
	if im.in.Version != TransferVersion {
		return errTransferVersion
	}
	for field, over := range map[string]int{
		"sections": len(im.in.Sections) - MaxSections, "groups": len(im.in.Groups) - MaxGroups - MaxRosterGroups,
		"posts": len(im.in.Posts) - MaxTransferPosts, "comments": len(im.in.Comments) - MaxTransferComments,
		"media": len(im.in.Media) - MaxTransferMedia,
	} {
		if over > 0 {
			im.f.add(fault.New(fault.Invalid, "too_many").At(field))
		}
	}
	if len(im.f) > 0 {
		return im.f.err()
	}
	b.ID, b.Board = im.id, im.id
	im.sc = im.founding(b)
	im.sc.p = p
	im.posts, im.groups, im.by = make(map[ID]*Post), make(map[string]ID), make(map[string][]Contribution)
	im.media, im.absent, im.files, im.nothing = make(map[ID]*Media), make(map[ID]bool), make(map[ID]string), make(map[ID]bool)
	im.readSections()
	im.readGroups()
	im.readMedia()
	for i, one := range im.in.Posts {
		im.readPost(fmt.Sprintf("posts[%d]", i), one)
	}
	said := make(map[ID]*Comment)
	for i, one := range im.in.Comments {
		im.readComment(fmt.Sprintf("comments[%d]", i), one, said)
	}
	for i, one := range im.in.Comments {
		if to := said[copyID(im.id, ID(one.ReplyTo))]; one.ReplyTo != "" && !im.nothing[copyID(im.id, ID(one.Post))] && (to == nil || to.ReplyTo != "" || string(to.Post) != string(copyID(im.id, ID(one.Post)))) {
			im.f.add(fault.New(fault.Invalid, "reference_unknown").At(fmt.Sprintf("comments[%d].replyTo", i)))
		}
	}
	im.readBackground()
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
		if im.sc.board.Platform == "" {
			one.Ref = "" // no site tells who is in it
		}
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
	if len(one.Attachments) > MaxAttachments {
		im.f.add(fault.New(fault.Invalid, "too_many").At(at+".attachments").With("max", MaxAttachments))
		return
	}
	attachments := im.attachments(at, one.Attachments, id)
	if len(attachments) == 0 && len(one.Attachments) > 0 && one.Title == "" && one.Body == "" {
		im.nothing[id] = true
		im.without.Posts++
		return
	}
	im.under(at, im.compose(im.sc, post, PostEdit{Title: &one.Title, Body: &one.Body, Attachments: &attachments, Colour: &one.Colour}))
	im.under(at, im.sc.checkCaptionFiles(post))
	im.judged(at, one.State, one.Sealed, one.Reason)
	im.posts[id], im.docs = post, append(im.docs, post)
	im.credit(one.Author, post)
	im.show(at, post)
	im.readReactions(at, one.Reactions, id)
}

func (im *importing) readComment(at string, one TransferComment, said map[ID]*Comment) {
	if im.nothing[copyID(im.id, ID(one.Post))] {
		return
	}
	id := im.place(at, one.ID, said[copyID(im.id, ID(one.ID))] != nil)
	c := &Comment{
		Post: copyID(im.id, ID(one.Post)), ReplyTo: copyID(im.id, ID(one.ReplyTo)), Author: im.author(at, one.Author),
		State: one.State, Reason: oneLine(one.Reason), Sealed: one.Sealed,
	}
	c.ID, c.Board, c.CreatedAt, c.Parent = id, im.id, im.past(one.CreatedAt), c.Post
	post := im.posts[c.Post]
	if post == nil {
		im.f.add(fault.New(fault.Invalid, "reference_unknown").At(at + ".post"))
	} else if about := importedAttachment(c.Post, one.Attachment); slices.ContainsFunc(post.Attachments, func(a Attachment) bool { return a.ID == about }) {
		c.Attachment, c.At = about, max(0, one.At)
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
				for _, a := range post.Attachments {
					if m := im.media[a.Media]; m != nil {
						m.Owner = post.Author.ID
					}
				}
			}
		}
	}
	return nil
}
