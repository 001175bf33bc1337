package board

import (
	"context"
	"reflect"
	"time"
)

// TransferVersion is that of the form in which boards are exported. A reader
// refuses a version that it does not know.
const TransferVersion = 1

// Transfer is a board as a platform keeps it in a backup: all that can be put
// onto another board, by which it is checked again like any write. Ids in it name
// things of the same transfer only.
type Transfer struct {
	Version  int               `json:"version"`
	Board    TransferBoard     `json:"board"`
	Sections []TransferSection `json:"sections"`
	Groups   []TransferGroup   `json:"groups"`
	Posts    []TransferPost    `json:"posts"`
	Comments []TransferComment `json:"comments"`
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
}

// TransferAttachment is a link of a post.
type TransferAttachment struct {
	Type    AttachmentType `json:"type"`
	URL     string         `json:"url"`
	Caption string         `json:"caption,omitempty"`
}

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
}

// ExportPlatformBoard gives a board of a platform's for a backup, with what
// people have left or without. Uploads are not in it, nor are reactions.
func (s *Service) ExportPlatformBoard(ctx context.Context, p *Platform, board ID, contributions bool) (*Transfer, error) {
	if _, err := s.PlatformOwns(ctx, p, board); err != nil {
		return nil, err
	}
	sc, err := s.enter(ctx, platformOn(p, board), board, DuplicateBoard)
	if err != nil {
		return nil, err
	}
	b := sc.board
	out := &Transfer{
		Version: TransferVersion, Sections: []TransferSection{}, Groups: []TransferGroup{}, Posts: []TransferPost{}, Comments: []TransferComment{},
		Board: TransferBoard{Title: b.Title, Description: b.Description, Language: b.Language, Settings: b.Settings, Completion: b.Completion.standing(sc.sight)},
	}
	if out.Board.Settings.Background.Picture != "" {
		out.Board.Settings.Background.Picture = ""
		out.Without++
	}
	for _, sec := range sc.sight.Sections() {
		out.Sections = append(out.Sections, TransferSection{
			ID: string(sec.ID), Title: sec.Title, Description: sec.Description, Colour: sec.Colour, Order: sec.Order, Locked: sec.Locked, Hidden: sec.Hidden,
		})
	}
	groups, err := list[*Group](ctx, s.Store, board, KindGroup)
	if err != nil {
		return nil, err
	}
	for _, g := range groups {
		out.Groups = append(out.Groups, TransferGroup{ID: string(g.ID), Ref: g.Ref, Name: g.Name, Order: g.Order})
	}
	if contributions {
		err = s.exportContributions(ctx, p, sc, out)
	}
	return out, err
}

func (s *Service) exportContributions(ctx context.Context, p *Platform, sc *scene, out *Transfer) error {
	users, err := s.usersOn(ctx, p.ID, sc.board.ID)
	if err != nil {
		return err
	}
	refs := make(map[ID]string, len(users))
	for _, u := range users {
		refs[u.On(sc.board.ID)] = u.Ref
	}
	author := func(doc Contribution) TransferAuthor {
		by := doc.said().author
		if hidden, _ := sc.sight.Hides(LevelModerators, doc); hidden {
			return TransferAuthor{ID: string(derivedID("exported author of", doc.Head().ID)), Name: nameless(sc.board.Language)}
		}
		return TransferAuthor{ID: string(by.ID), User: refs[by.ID], Name: by.Name, Trainer: by.Trainer}
	}
	posts, err := list[*Post](ctx, s.Store, sc.board.ID, KindPost)
	if err != nil {
		return err
	}
	there := make(map[ID]bool)
	for _, post := range posts {
		place, kept := sc.sight.Place(post.Section)
		if !kept {
			continue
		}
		one := TransferPost{
			ID: string(post.ID), Author: author(post), Title: post.Title, Body: post.Body, Colour: post.Colour, Section: string(place), Group: string(post.Group),
			Order: post.Order, State: post.State, Reason: post.Reason, Sealed: post.Sealed, CreatedAt: post.CreatedAt,
		}
		for _, a := range post.Attachments {
			if a.Type == AttachmentLink {
				one.Attachments = append(one.Attachments, TransferAttachment{Type: a.Type, URL: a.URL, Caption: a.Caption})
			} else {
				out.Without++
			}
		}
		if one.Title == "" && one.Body == "" && len(one.Attachments) == 0 {
			continue // it was nothing but uploads
		}
		out.Posts, there[post.ID] = append(out.Posts, one), true
	}
	return s.exportComments(ctx, sc, there, author, out)
}

func (s *Service) exportComments(ctx context.Context, sc *scene, posts map[ID]bool, author func(Contribution) TransferAuthor, out *Transfer) error {
	comments, err := list[*Comment](ctx, s.Store, sc.board.ID, KindComment)
	if err != nil {
		return err
	}
	known := make(map[ID]bool)
	for _, c := range comments {
		known[c.ID] = true
	}
	for _, c := range comments {
		if !posts[c.Post] || c.ReplyTo != "" && !known[c.ReplyTo] {
			continue
		}
		out.Comments = append(out.Comments, TransferComment{
			ID: string(c.ID), Post: string(c.Post), ReplyTo: string(c.ReplyTo), Author: author(c), Body: c.Body,
			State: c.State, Reason: c.Reason, Sealed: c.Sealed, CreatedAt: c.CreatedAt,
		})
	}
	return nil
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
