package httpapi

import (
	"context"
	"time"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/board/internal/view"
)

// PersonData is all that a person has left on the boards of a platform, and
// nothing of anybody else.
type PersonData struct {
	User        string         `json:"user" doc:"The platform's reference"`
	Name        string         `json:"name,omitempty" doc:"Absent where the platform sends none"`
	CameAt      *time.Time     `json:"cameAt,omitempty" doc:"When the platform first sent them; absent where it only lists them"`
	SeenAt      *time.Time     `json:"seenAt,omitempty" doc:"When they were last there, to the hour"`
	SuspendedAt *time.Time     `json:"suspendedAt,omitempty" doc:"When what they wrote was put out of sight, after a long absence; absent where it is not"`
	HeldAt      *time.Time     `json:"heldAt,omitempty" doc:"When the operator suspended them; absent where it is not so"`
	Boards      []PersonBoard  `json:"boards" nullable:"false"`
	Lists       []PersonListed `json:"lists" nullable:"false" doc:"What the platform's own lists say of them"`
}

// PersonListed is what the platform's list of a board says of somebody.
type PersonListed struct {
	Board  string   `json:"board" format:"uuid"`
	Name   string   `json:"name,omitempty"`
	Groups []string `json:"groups" nullable:"false" doc:"Ids"`
}

// PersonBoard is what they have left on one board, in the order in which it was
// made.
type PersonBoard struct {
	Board       string           `json:"board" format:"uuid"`
	ExternalID  string           `json:"externalId,omitempty" doc:"What the platform calls the board"`
	Title       string           `json:"title" doc:"Of the board"`
	Participant *PersonHere      `json:"participant,omitempty" doc:"Absent where they never gave a name"`
	Posts       []PersonPost     `json:"posts" nullable:"false"`
	Comments    []PersonComment  `json:"comments" nullable:"false"`
	Reactions   []PersonReaction `json:"reactions" nullable:"false"`
	Uploads     []view.Media     `json:"uploads" nullable:"false" doc:"Names, types, sizes and addresses"`
	Reports     []PersonReport   `json:"reports" nullable:"false" doc:"That they made"`
	Activity    []PersonAct      `json:"activity" nullable:"false" doc:"What the log says that they did"`
}

// PersonHere is who they are on one board.
type PersonHere struct {
	ID      string    `json:"id" format:"uuid" doc:"Theirs on this board alone"`
	Name    string    `json:"name"`
	Role    string    `json:"role"`
	Group   string    `json:"group,omitempty" doc:"Its name"`
	CameAt  time.Time `json:"cameAt"`
	Blocked bool      `json:"blocked,omitempty"`
}

// PersonPost is a post of theirs, in any state.
type PersonPost struct {
	ID          string            `json:"id" format:"uuid"`
	CreatedAt   time.Time         `json:"createdAt"`
	UpdatedAt   time.Time         `json:"updatedAt"`
	State       string            `json:"state" enum:"published,pending,rejected,deleted" doc:"deleted is in the trash, for 30 days"`
	Reason      string            `json:"reason,omitempty" doc:"Why it was rejected"`
	Anonymous   string            `json:"anonymous,omitempty" enum:"peers,everyone" doc:"From whom they were promised that their name is kept"`
	Title       string            `json:"title"`
	Body        string            `json:"body" doc:"HTML"`
	Colour      string            `json:"colour,omitempty"`
	SectionID   string            `json:"sectionId,omitempty"`
	Attachments []view.Attachment `json:"attachments" nullable:"false"`
	Versions    []PersonVersion   `json:"versions" nullable:"false" doc:"What they themselves once made of it, newest first"`
}

// PersonVersion is what a post once was.
type PersonVersion struct {
	At          time.Time         `json:"at"`
	Title       string            `json:"title"`
	Body        string            `json:"body" doc:"HTML"`
	Attachments []view.Attachment `json:"attachments" nullable:"false"`
}

// PersonComment is a comment of theirs, in any state.
type PersonComment struct {
	ID        string    `json:"id" format:"uuid"`
	PostID    string    `json:"postId" format:"uuid"`
	CreatedAt time.Time `json:"createdAt"`
	UpdatedAt time.Time `json:"updatedAt"`
	State     string    `json:"state" enum:"published,pending,rejected,deleted"`
	Reason    string    `json:"reason,omitempty" doc:"Why it was rejected"`
	Anonymous string    `json:"anonymous,omitempty" enum:"peers,everyone"`
	Body      string    `json:"body" doc:"HTML"`
}

// PersonReaction is what they gave one post.
type PersonReaction struct {
	PostID string `json:"postId" format:"uuid"`
	Scale  string `json:"scale" enum:"like,stars,votes"`
	Value  int    `json:"value"`
}

// PersonReport is what they told the trainers.
type PersonReport struct {
	ID        string    `json:"id" format:"uuid"`
	PostID    string    `json:"postId" format:"uuid"`
	CommentID string    `json:"commentId,omitempty"`
	CreatedAt time.Time `json:"createdAt"`
	Reason    string    `json:"reason"`
}

// PersonAct is one thing that they did.
type PersonAct struct {
	At       time.Time `json:"at"`
	Verb     string    `json:"verb" example:"post.deleted"`
	Kind     string    `json:"kind"`
	TargetID string    `json:"targetId" format:"uuid"`
	Reason   string    `json:"reason,omitempty" doc:"What they wrote"`
}

type personDataOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         PersonData
}

func (a *API) exportUser(ctx context.Context, in *UserPath) (*personDataOutput, error) {
	return a.personData(ctx, mustPlatform(ctx), in.ref())
}

func (a *API) personData(ctx context.Context, p *board.Platform, ref string) (*personDataOutput, error) {
	left, err := a.Service.UserLeft(ctx, p, ref)
	if err != nil {
		return nil, err
	}
	out := &personDataOutput{CacheControl: "no-store", Body: PersonData{User: ref, Boards: []PersonBoard{}, Lists: []PersonListed{}}}
	if u := left.User; u != nil {
		out.Body.Name, out.Body.CameAt = u.Name, &u.CreatedAt
		out.Body.SeenAt, out.Body.SuspendedAt, out.Body.HeldAt = momentOf(u.SeenAt), momentOf(u.SuspendedAt), momentOf(u.HeldAt)
	}
	for _, as := range left.Lists {
		listed := PersonListed{Board: string(as.Board), Name: as.Name, Groups: []string{}}
		for _, id := range as.Groups {
			listed.Groups = append(listed.Groups, string(id))
		}
		out.Body.Lists = append(out.Body.Lists, listed)
	}
	for _, on := range left.Boards {
		out.Body.Boards = append(out.Body.Boards, a.personBoard(on))
	}
	return out, nil
}

func (a *API) personBoard(on board.LeftOn) PersonBoard {
	out := PersonBoard{
		Board: string(on.Board.ID), ExternalID: on.Board.External, Title: on.Board.Title,
		Posts: []PersonPost{}, Comments: []PersonComment{}, Reactions: []PersonReaction{}, Uploads: []view.Media{},
		Reports: []PersonReport{}, Activity: []PersonAct{},
	}
	if p := on.Participant; p != nil {
		out.Participant = &PersonHere{ID: string(p.ID), Name: p.Name, Role: string(p.Role), CameAt: p.CreatedAt, Blocked: p.Blocked}
		if on.Group != nil {
			out.Participant.Group = on.Group.Name
		}
	}
	for _, p := range on.Posts {
		out.Posts = append(out.Posts, a.personPost(p, on.Versions[p.ID]))
	}
	for _, c := range on.Comments {
		out.Comments = append(out.Comments, PersonComment{
			ID: string(c.ID), PostID: string(c.Post), CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt,
			State: stateFor(c, c.State), Reason: c.Reason, Anonymous: string(c.Sealed), Body: c.Body,
		})
	}
	for _, g := range on.Given {
		out.Reactions = append(out.Reactions, PersonReaction{PostID: string(g.Post), Scale: string(g.Scale), Value: g.N})
	}
	for _, m := range on.Uploads {
		out.Uploads = append(out.Uploads, *a.View.Media(m, view.Viewer{Level: board.LevelMembers, Own: true, Sight: on.Sight}))
	}
	for _, r := range on.Reports {
		out.Reports = append(out.Reports, PersonReport{
			ID: string(r.ID), PostID: string(r.Post), CommentID: string(r.Comment), CreatedAt: r.CreatedAt, Reason: r.Reason,
		})
	}
	for _, act := range on.Done {
		out.Activity = append(out.Activity, PersonAct{
			At: act.Done.At, Verb: string(act.Done.Verb), Kind: string(act.Target), TargetID: string(act.Parent), Reason: act.Done.Reason,
		})
	}
	return out
}

func (a *API) personPost(p *board.Post, versions []board.Version) PersonPost {
	out := PersonPost{
		ID: string(p.ID), CreatedAt: p.CreatedAt, UpdatedAt: p.UpdatedAt, State: stateFor(p, p.State), Reason: p.Reason, Anonymous: string(p.Sealed),
		Title: p.Title, Body: p.Body, Colour: string(p.Colour), SectionID: string(p.Section), Attachments: a.attachments(p), Versions: []PersonVersion{},
	}
	for _, v := range versions {
		out.Versions = append(out.Versions, PersonVersion{At: v.Done.At, Title: v.Post.Title, Body: v.Post.Body, Attachments: a.attachments(v.Post)})
	}
	return out
}

func (a *API) attachments(p *board.Post) []view.Attachment {
	out := make([]view.Attachment, 0, len(p.Attachments))
	for _, one := range p.Attachments {
		out = append(out, a.View.Attachment(one))
	}
	return out
}

// stateFor tells the state of something to whoever wrote it.
func stateFor(doc board.Document, state board.PostState) string {
	switch {
	case doc.Head().Deleted():
		return "deleted"
	case state == board.StatePublished:
		return "published"
	default:
		return string(state)
	}
}
