package board

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"time"
)

// TransferVersion is that of the form in which boards are exported. A reader
// refuses a version that it does not know. What is only more of the same, and what
// a reader that does not know it refuses by itself, is no new version.
const TransferVersion = 1

// Transfer is a board as a platform keeps it in a backup: all that can be put
// onto another board, by which it is checked again like any write. Ids in it name
// things of the same transfer only.
type Transfer struct {
	Version int `json:"version"`
	// SavedAt is when an archive was made.
	SavedAt  time.Time         `json:"savedAt,omitzero"`
	Board    TransferBoard     `json:"board"`
	Sections []TransferSection `json:"sections"`
	Groups   []TransferGroup   `json:"groups"`
	Posts    []TransferPost    `json:"posts"`
	Comments []TransferComment `json:"comments"`
	// Media are the uploads of an archive; none where only documents are exported.
	Media []TransferMedia `json:"media,omitempty"`
	// Without counts the uploads that are not in it.
	Without int `json:"without,omitempty"`
}

// TransferBoard is the board itself.
type TransferBoard struct {
	Title       string     `json:"title"`
	Description string     `json:"description,omitempty"`
	Language    string     `json:"language,omitempty"`
	Settings    Settings   `json:"settings"`
	Completion  Completion `json:"completion,omitzero"`
	// PresenceHidden keeps from everybody who is here.
	PresenceHidden bool `json:"presenceHidden,omitempty"`
}

// TransferSection is a section.
type TransferSection struct {
	ID          string `json:"id"`
	Title       string `json:"title"`
	Description string `json:"description,omitempty"`
	Colour      Colour `json:"colour,omitempty"`
	Order       string `json:"order"`
	Locked      bool   `json:"locked,omitempty"`
	Hidden      bool   `json:"hidden,omitempty"`
}

// TransferGroup is a group, Ref what the platform calls it.
type TransferGroup struct {
	ID    string `json:"id"`
	Ref   string `json:"ref,omitempty"`
	Name  string `json:"name"`
	Order string `json:"order"`
}

// TransferAuthor is who wrote something; User is the platform's reference, empty
// of who came otherwise, and of who was promised that nobody knows.
type TransferAuthor struct {
	ID      string `json:"id"`
	User    string `json:"user,omitempty"`
	Name    string `json:"name"`
	Trainer bool   `json:"trainer,omitempty"`
}

// TransferPost is a post, with its links.
type TransferPost struct {
	ID          string               `json:"id"`
	Author      TransferAuthor       `json:"author"`
	Title       string               `json:"title,omitempty"`
	Body        string               `json:"body,omitempty"`
	Attachments []TransferAttachment `json:"attachments,omitempty"`
	Colour      Colour               `json:"colour,omitempty"`
	Section     string               `json:"section,omitempty"`
	Group       string               `json:"group,omitempty"`
	Order       string               `json:"order,omitempty"`
	State       PostState            `json:"state,omitempty"`
	Reason      string               `json:"reason,omitempty"`
	Sealed      Anonymity            `json:"sealed,omitempty"`
	CreatedAt   time.Time            `json:"createdAt"`
	// Reactions are what people gave it on the board's scale, the most first, and
	// name nobody.
	Reactions []int `json:"reactions,omitempty"`
}

// TransferAttachment is a link of a post, or an upload that Media names.
type TransferAttachment struct {
	ID         string         `json:"id,omitempty"`
	Type       AttachmentType `json:"type"`
	URL        string         `json:"url,omitempty"`
	Media      string         `json:"media,omitempty"`
	Caption    string         `json:"caption,omitempty"`
	Alt        string         `json:"alt,omitempty"`
	CaptionsOf string         `json:"captionsOf,omitempty"`
	Language   string         `json:"language,omitempty"`
}

// TransferMedia is an upload: File, of Size bytes, is sent again when it is
// imported. Shown and Poster are other versions, for people to look at.
type TransferMedia struct {
	ID   string      `json:"id"`
	Kind ContentKind `json:"kind,omitempty"`
	Name string      `json:"name,omitempty"`
	Type string      `json:"type,omitempty"`
	Size int64       `json:"size,omitempty"`
	// Files are paths inside the archive; empty for none.
	File   string `json:"file,omitempty"`
	SHA256 string `json:"sha256,omitempty"`
	Shown  string `json:"shown,omitempty"`
	Poster string `json:"poster,omitempty"`
	// Missing says why File is not there: one of the constants below.
	Missing string `json:"missing,omitempty"`
}

// Why an upload is not in an archive.
const (
	// MissingNotReady: it had not come, was being looked at, or was refused.
	MissingNotReady = "not_ready"
	// MissingUnreadable: the media service did not hand it out.
	MissingUnreadable = "unreadable"
)

// TransferComment is what was said to a post.
type TransferComment struct {
	ID        string         `json:"id"`
	Post      string         `json:"post"`
	ReplyTo   string         `json:"replyTo,omitempty"`
	Author    TransferAuthor `json:"author"`
	Body      string         `json:"body"`
	State     PostState      `json:"state,omitempty"`
	Reason    string         `json:"reason,omitempty"`
	Sealed    Anonymity      `json:"sealed,omitempty"`
	CreatedAt time.Time      `json:"createdAt"`
	// Attachment is what of its post it is about, At where in it, in seconds.
	Attachment string `json:"attachment,omitempty"`
	At         int    `json:"at,omitempty"`
}

// ExportPlatformBoard gives a board of a platform's for a backup, with what
// people have left or without. Uploads are not in it.
func (s *Service) ExportPlatformBoard(ctx context.Context, p *Platform, board ID, contributions bool) (*Transfer, error) {
	sc, refs, err := s.enterForPlatform(ctx, p, board)
	if err != nil {
		return nil, err
	}
	r, err := s.recordsOf(ctx, sc)
	if err != nil {
		return nil, err
	}
	if !contributions {
		r.Posts, r.Comments = nil, nil
	}
	return s.transferOf(ctx, &exporting{scene: sc, r: r, refs: refs})
}

// enterForPlatform is enter for the platform that owns a board, with the users who
// came there, by who they are on it.
func (s *Service) enterForPlatform(ctx context.Context, p *Platform, board ID) (*scene, map[ID]string, error) {
	if _, err := s.PlatformOwns(ctx, p, board); err != nil {
		return nil, nil, err
	}
	sc, err := s.enter(ctx, platformOn(p, board), board, DuplicateBoard)
	if err != nil {
		return nil, nil, err
	}
	users, err := s.usersOn(ctx, p.ID, board)
	refs := make(map[ID]string, len(users))
	for _, u := range users {
		refs[u.On(board)] = u.Ref
	}
	return sc, refs, err
}

// Archive is a board to be taken away whole: what people read, and what another
// board is made of.
type Archive struct {
	*Records
	Transfer *Transfer
}

// ArchiveOf gives what moderators see of a board, with its uploads.
func (s *Service) ArchiveOf(ctx context.Context, p Principal, board ID) (*Archive, error) {
	sc, err := s.enter(ctx, p, board, DuplicateBoard)
	if err != nil {
		return nil, err
	}
	return s.archive(ctx, sc, nil)
}

// ArchiveForOperator gives the same to the operator, whom the edge has recognised.
func (s *Service) ArchiveForOperator(ctx context.Context, board ID) (*Archive, error) {
	return s.ArchiveOf(ctx, operatorOn(board), board)
}

// ArchivePlatformBoard gives the same of a board of a platform's.
func (s *Service) ArchivePlatformBoard(ctx context.Context, p *Platform, board ID) (*Archive, error) {
	sc, refs, err := s.enterForPlatform(ctx, p, board)
	if err != nil {
		return nil, err
	}
	return s.archive(ctx, sc, refs)
}

func (s *Service) archive(ctx context.Context, sc *scene, refs map[ID]string) (*Archive, error) {
	r, err := s.recordsOf(ctx, sc)
	if err != nil {
		return nil, err
	}
	t, err := s.transferOf(ctx, &exporting{scene: sc, r: r, refs: refs, uploads: true})
	if err != nil {
		return nil, err
	}
	t.SavedAt = sc.now
	return &Archive{Records: r, Transfer: t}, nil
}

// exporting is a board on its way to a transfer.
type exporting struct {
	*scene
	r *Records
	// refs are the platform's references; empty for who is none of its users.
	refs map[ID]string
	// uploads tells whether they come along.
	uploads bool
	out     *Transfer
	// strangers stand for those of whom trainers are promised that they don't
	// know them. They are new each time: what followed from who somebody is could
	// be found by trying everybody who is on the board.
	strangers map[ID]ID
	ids       IDSource
	posts     map[ID]*Post
}

func (s *Service) transferOf(ctx context.Context, ex *exporting) (*Transfer, error) {
	b := ex.board
	ex.strangers, ex.ids, ex.posts = make(map[ID]ID), s.IDs, make(map[ID]*Post)
	ex.out = &Transfer{
		Version: TransferVersion, Sections: []TransferSection{}, Groups: []TransferGroup{}, Posts: []TransferPost{}, Comments: []TransferComment{},
		Board: TransferBoard{
			Title: b.Title, Description: b.Description, Language: b.Language, Settings: b.Settings.Told(),
			Completion: b.Completion.standing(ex.sight), PresenceHidden: b.PresenceHidden,
		},
	}
	ex.background()
	for _, sec := range ex.sight.Sections() {
		ex.out.Sections = append(ex.out.Sections, TransferSection{
			ID: string(sec.ID), Title: sec.Title, Description: sec.Description, Colour: sec.Colour, Order: sec.Order, Locked: sec.Locked, Hidden: sec.Hidden,
		})
	}
	groups, err := list[*Group](ctx, s.Store, b.ID, KindGroup)
	if err != nil {
		return nil, err
	}
	for _, g := range groups {
		ex.out.Groups = append(ex.out.Groups, TransferGroup{ID: string(g.ID), Ref: g.Ref, Name: g.Name, Order: g.Order})
	}
	for _, post := range ex.r.Posts {
		ex.post(post)
	}
	ex.comments()
	return ex.out, nil
}

func (ex *exporting) background() {
	picture := &ex.out.Board.Settings.Background.Picture
	switch {
	case *picture == "":
	case ex.uploads:
		ex.upload(*picture)
	default:
		*picture = ""
		ex.out.Without++
	}
}

// upload adds one to the transfer. What is not among those that are shown has not
// come yet, or was refused.
func (ex *exporting) upload(id ID) {
	one := TransferMedia{ID: string(id), Missing: MissingNotReady}
	if m := ex.r.Uploads[id]; m != nil {
		one = TransferMedia{ID: string(id), Kind: m.ContentKind(), Name: m.Name}
	} else {
		ex.out.Without++
	}
	ex.out.Media = append(ex.out.Media, one)
}

// author names who wrote something, or stands for who must not be named.
func (ex *exporting) author(doc Contribution) TransferAuthor {
	by := doc.said().author
	hidden, linked := ex.sight.Hides(LevelModerators, doc)
	if !hidden {
		return TransferAuthor{ID: string(by.ID), User: ex.refs[by.ID], Name: by.Name, Trainer: by.Trainer}
	}
	stranger := derivedID("exported author of", doc.Head().ID)
	if linked {
		if ex.strangers[by.ID] == "" {
			ex.strangers[by.ID] = ex.ids.NewID()
		}
		stranger = ex.strangers[by.ID]
	}
	return TransferAuthor{ID: string(stranger), Name: nameless(ex.board.Language)}
}

// stateOf is the state of something on another board, which knows nothing of the
// people here: what is kept from the others while its author is away waits there.
func stateOf(state PostState, withheld bool) PostState {
	if withheld && state == StatePublished {
		return StatePending
	}
	return state
}

func (ex *exporting) post(post *Post) {
	place, kept := ex.sight.Place(post.Section)
	if !kept {
		return
	}
	one := TransferPost{
		ID: string(post.ID), Author: ex.author(post), Title: post.Title, Body: post.Body, Colour: post.Colour, Section: string(place), Group: string(post.Group),
		Order: post.Order, State: stateOf(post.State, post.Withheld), Reason: post.Reason, Sealed: post.Sealed, CreatedAt: post.CreatedAt,
	}
	for _, a := range post.Attachments {
		if a.Type != AttachmentLink && !ex.uploads {
			ex.out.Without++
			continue
		}
		one.Attachments = append(one.Attachments, TransferAttachment{
			ID: string(a.ID), Type: a.Type, URL: a.URL, Media: string(a.Media), Caption: a.Caption, Alt: a.Alt, CaptionsOf: string(a.CaptionsOf), Language: a.Language,
		})
		if a.Type == AttachmentMedia {
			ex.upload(a.Media)
		}
	}
	if one.Title == "" && one.Body == "" && len(one.Attachments) == 0 {
		return // it was nothing but uploads
	}
	if given := ex.r.Given[post.ID]; given != nil {
		one.Reactions = slices.Sorted(maps.Values(given.Given))
		slices.Reverse(one.Reactions)
	}
	ex.out.Posts, ex.posts[post.ID] = append(ex.out.Posts, one), post
}

func (ex *exporting) comments() {
	known := make(map[ID]bool)
	for _, c := range ex.r.Comments {
		known[c.ID] = true
	}
	for _, c := range ex.r.Comments {
		post := ex.posts[c.Post]
		if post == nil || c.ReplyTo != "" && !known[c.ReplyTo] {
			continue
		}
		one := TransferComment{
			ID: string(c.ID), Post: string(c.Post), ReplyTo: string(c.ReplyTo), Author: ex.author(c), Body: c.Body,
			State: stateOf(c.State, c.Withheld), Reason: c.Reason, Sealed: c.Sealed, CreatedAt: c.CreatedAt,
		}
		about := func(a Attachment) bool { return a.ID == c.Attachment && (a.Type == AttachmentLink || ex.uploads) }
		if slices.ContainsFunc(post.Attachments, about) {
			one.Attachment, one.At = string(c.Attachment), c.At
		}
		ex.out.Comments = append(ex.out.Comments, one)
	}
}

// edit is the change that makes settings of any others: each is stated.
func (s Settings) edit() SettingsEdit {
	var e SettingsEdit
	from, into := reflect.ValueOf(s.Told()), reflect.ValueOf(&e).Elem()
	for i := range from.NumField() {
		one := reflect.New(from.Field(i).Type())
		one.Elem().Set(from.Field(i))
		into.FieldByName(from.Type().Field(i).Name).Set(one)
	}
	return e
}
