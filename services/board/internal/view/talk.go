package view

import (
	"math"
	"time"

	"fresque.dev/services/board/internal/board"
)

// Comment is what somebody says to a post. Of a tombstone only id, rev and
// times are filled.
type Comment struct {
	Head
	PostID       string `json:"postId"`
	ReplyTo      string `json:"replyTo,omitempty" doc:"The comment that it replies to, which is no reply itself"`
	Author       Author `json:"author"`
	Own          bool   `json:"own,omitempty" doc:"Whether it is the asker's own; told where it is told to them alone"`
	Body         string `json:"body" doc:"Sanitised HTML, as a post's"`
	AttachmentID string `json:"attachmentId,omitempty" doc:"What of the post it is about; absent for the post itself"`
	At           int    `json:"at,omitempty" doc:"Where in the attachment, in whole seconds"`
	State        string `json:"state" enum:"published,pending,rejected" doc:"Only its author and moderators are told of another state than published"`
	Reason       string `json:"reason,omitempty" doc:"Why it was rejected"`
	Held         string `json:"held,omitempty" doc:"The word for which it waits; told to moderators only"`
	Withheld     bool   `json:"withheld,omitempty" doc:"As a post's; told to moderators only"`
	// EditedAt is nil for never.
	EditedAt *time.Time `json:"editedAt,omitempty" doc:"As a post's"`
}

// Counts are how much was said and given to a post. They are no document: the
// last that were told stand.
type Counts struct {
	ID        string  `json:"id" format:"uuid" doc:"Of the post"`
	Comments  int     `json:"comments" doc:"Those that everybody sees who sees the post"`
	Reactions int     `json:"reactions" doc:"How many people have reacted; of votes, how many there are"`
	Average   float64 `json:"average,omitempty" doc:"Of stars, to two decimals; absent where nobody gave any"`
}

// Given is what a stream tells its reader, and them alone, that they have given:
// by the post's id, 0 for what they have taken back.
type Given map[string]int

// Comment renders a comment.
func (r *Renderer) Comment(c *board.Comment, v Viewer) *Comment {
	out := &Comment{Head: headOf(c), State: "published"}
	if out.Deleted {
		return out
	}
	out.PostID, out.ReplyTo, out.Own, out.Body = string(c.Post), string(c.ReplyTo), v.Own, c.Body
	out.Author = r.author(c, c.Author, c.Sealed, v)
	out.AttachmentID, out.At, out.EditedAt = string(c.Attachment), c.At, moment(c.EditedAt)
	if c.State != board.StatePublished {
		out.State, out.Reason = string(c.State), c.Reason
	}
	if v.Level == board.LevelModerators {
		out.Held, out.Withheld = c.Held, c.Withheld
	}
	return out
}

// CountsOf renders what a post was given; nil is nothing.
func CountsOf(post board.ID, comments int, given *board.Reactions) *Counts {
	out := &Counts{ID: string(post), Comments: comments}
	if given == nil {
		return out
	}
	total, sum := given.Total()
	out.Reactions = total
	if given.Scale == board.ReactStars && total > 0 {
		out.Average = math.Round(100*float64(sum)/float64(total)) / 100
	}
	return out
}
