package board

import (
	"cmp"
	"slices"
	"time"
)

// Comment is what somebody says to a post, or in reply to another comment of
// it. Its Parent is the post.
type Comment struct {
	Meta
	Post ID `json:"post"`
	// ReplyTo is a comment that is no reply itself; empty for none.
	ReplyTo ID     `json:"replyTo,omitempty"`
	Author  Author `json:"author"`
	// Body is sanitised HTML.
	Body string `json:"body,omitempty"`
	// Attachment is the one of the post that the comment is about, At in whole
	// seconds from its beginning; empty for the post itself.
	Attachment ID        `json:"attachment,omitempty"`
	At         int       `json:"at,omitempty"`
	State      PostState `json:"state,omitempty"`
	Reason     string    `json:"reason,omitempty"`
	Held       string    `json:"held,omitempty"`
	Sealed     Anonymity `json:"sealed,omitempty"`
	// Withheld and EditedAt are as a post's.
	Withheld bool      `json:"withheld,omitempty"`
	EditedAt time.Time `json:"editedAt,omitzero"`
}

// Kind tells KindComment.
func (*Comment) Kind() Kind { return KindComment }

// Limits of comments.
const (
	// MaxCommentBody is of HTML, as received and as stored.
	MaxCommentBody = 4000
	// MaxComments is how many live ones a post takes; a few at once may pass it.
	MaxComments = 2000
	// MaxCommentAt is the last second that a comment can be about: a day.
	MaxCommentAt = 24 * 60 * 60
	// MaxCommentPage bounds what is read at once.
	MaxCommentPage = 100
)

// Contribution is what people write and moderators judge: a post, or a comment.
type Contribution interface {
	Document
	said() said
}

// said is what contributions have in common.
type said struct {
	author *Author
	state  *PostState
	// reason is told to the author, held to moderators.
	reason, held *string
	sealed       *Anonymity
	withheld     *bool
	// texts are all that people read of it, as plain text.
	texts func() []string
}

func (p *Post) said() said {
	return said{&p.Author, &p.State, &p.Reason, &p.Held, &p.Sealed, &p.Withheld, func() []string {
		texts := []string{p.Title, textOf(p.Body)}
		for _, a := range p.Attachments {
			texts = append(texts, a.Caption, a.Alt)
		}
		return texts
	}}
}

func (c *Comment) said() said {
	return said{&c.Author, &c.State, &c.Reason, &c.Held, &c.Sealed, &c.Withheld, func() []string { return []string{textOf(c.Body)} }}
}

// Waits tells a comment that moderators are to look at.
func (c *Comment) Waits() bool { return !c.Deleted() && c.State == StatePending }

// Counts tells whether a comment is among those that a post is said to have:
// whoever sees the post sees it.
func (c *Comment) Counts() bool { return c.stands() && !c.Withheld }

// stands tells a comment that is in its thread, be it withheld for a while.
func (c *Comment) stands() bool { return !c.Deleted() && c.State == StatePublished }

// ofComment is never wider than the audience of its post.
func (s *Sight) ofComment(c *Comment) Audience {
	of, _ := s.Bound(c)
	if of != Nobody && (c.State != StatePublished || c.Withheld) {
		return Moderators
	}
	return of
}

// Bound is the widest audience that a document may have, and whoever else may
// see it: of a comment that of its post, and the post's author. What stands on
// its own is bound by nothing.
func (s *Sight) Bound(doc Document) (Audience, ID) {
	c, ok := doc.(*Comment)
	if !ok {
		return Members, ""
	}
	post := s.post(c.Post)
	if post == nil || post.Deleted() {
		return Nobody, ""
	}
	author := post.Author.ID
	if !s.ToOwner(post) {
		author = ""
	}
	return s.ofPost(post), author
}

// Lets tells whether a bound lets somebody in.
func Lets(class Class, participant ID, of Audience, author ID) bool {
	return class.In(of) || participant != "" && participant == author
}

// inOrder sorts comments as they are read: as they were made.
func inOrder(comments []*Comment) {
	slices.SortFunc(comments, func(a, b *Comment) int { return compareAge(a, b) })
}

// compareAge compares when two documents were made; at one moment, their ids.
func compareAge(a, b Document) int {
	return cmp.Or(a.Head().CreatedAt.Compare(b.Head().CreatedAt), cmp.Compare(a.Head().ID, b.Head().ID))
}
