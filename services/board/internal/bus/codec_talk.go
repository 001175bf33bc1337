package bus

import (
	boardv1 "fresque.dev/proto/gen/go/fresque/board/v1"
	"fresque.dev/services/board/internal/board"
)

func encodeComment(c *board.Comment) *boardv1.Comment {
	return &boardv1.Comment{
		PostId: string(c.Post), ReplyTo: string(c.ReplyTo), Author: encodeAuthor(c.Author), Body: c.Body,
		AttachmentId: string(c.Attachment), At: int32(c.At), State: string(c.State), Reason: c.Reason, Held: c.Held, Sealed: string(c.Sealed), Withheld: c.Withheld,
		EditedAt: stamp(c.EditedAt),
	}
}

func decodeComment(c *boardv1.Comment) *board.Comment {
	return &board.Comment{
		Post: board.ID(c.GetPostId()), ReplyTo: board.ID(c.GetReplyTo()), Author: decodeAuthor(c.GetAuthor()), Body: c.GetBody(),
		Attachment: board.ID(c.GetAttachmentId()), At: int(c.GetAt()), State: board.PostState(c.GetState()), Reason: c.GetReason(), Held: c.GetHeld(),
		Sealed: board.Anonymity(c.GetSealed()), Withheld: c.GetWithheld(), EditedAt: unstamp(c.GetEditedAt()),
	}
}

// encodeReactions leaves the marks out: they order writes, and an event tells
// what was written.
func encodeReactions(r *board.Reactions) *boardv1.Reactions {
	out := &boardv1.Reactions{PostId: string(r.Post), Scale: string(r.Scale), Given: make(map[string]int32, len(r.Given))}
	for who, n := range r.Given {
		out.Given[string(who)] = int32(n)
	}
	return out
}

func decodeReactions(r *boardv1.Reactions) *board.Reactions {
	out := &board.Reactions{Post: board.ID(r.GetPostId()), Scale: board.Scale(r.GetScale())}
	if len(r.GetGiven()) > 0 {
		out.Given = make(map[board.ID]int, len(r.GetGiven()))
	}
	for who, n := range r.GetGiven() {
		out.Given[board.ID(who)] = int(n)
	}
	return out
}

func encodeAuthor(a board.Author) *boardv1.Author {
	return &boardv1.Author{Id: string(a.ID), Name: a.Name, Trainer: a.Trainer}
}

func decodeAuthor(a *boardv1.Author) board.Author {
	return board.Author{ID: board.ID(a.GetId()), Name: a.GetName(), Trainer: a.GetTrainer()}
}
