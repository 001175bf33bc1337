package bus

import (
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	boardv1 "fresque.dev/proto/gen/go/fresque/board/v1"
	mediav1 "fresque.dev/proto/gen/go/fresque/media/v1"
	"fresque.dev/services/board/internal/board"
)

// encode makes the event of a document. A tombstone carries no content.
func encode(doc board.Document) ([]byte, error) {
	head := doc.Head()
	e := &boardv1.DocumentChanged{
		BoardId: string(head.Board),
		Meta: &boardv1.Meta{
			Id: string(head.ID), Rev: int64(head.Rev), Deleted: head.Deleted(),
			CreatedAt: timestamppb.New(head.CreatedAt), UpdatedAt: timestamppb.New(head.UpdatedAt),
			ShownTo: texts(head.ShownTo),
		},
	}
	live := !head.Deleted()
	switch d := doc.(type) {
	case *board.Board:
		e.Meta.Kind = boardv1.Kind_KIND_BOARD
		if live {
			e.Document = &boardv1.DocumentChanged_Board{Board: &boardv1.Board{Title: d.Title, Description: d.Description, PresenceHidden: d.PresenceHidden}}
		}
	case *board.Post:
		e.Meta.Kind = boardv1.Kind_KIND_POST
		if live {
			e.Document = &boardv1.DocumentChanged_Post{Post: encodePost(d)}
		}
	case *board.Media:
		e.Meta.Kind = boardv1.Kind_KIND_MEDIA
		if live {
			e.Document = &boardv1.DocumentChanged_Media{Media: encodeMedia(d)}
		}
	case *board.Link:
		e.Meta.Kind = boardv1.Kind_KIND_LINK
		if live {
			e.Document = &boardv1.DocumentChanged_Link{Link: &boardv1.Link{Role: string(d.Role), RevokedAt: stamp(d.RevokedAt)}}
		}
	default:
		return nil, fmt.Errorf("no event for kind %q", doc.Kind())
	}
	return proto.Marshal(e)
}

func encodePost(p *board.Post) *boardv1.Post {
	out := &boardv1.Post{Author: &boardv1.Author{Id: string(p.Author.ID), Name: p.Author.Name}, Title: p.Title, Body: p.Body}
	for _, a := range p.Attachments {
		v := &boardv1.Attachment{Id: string(a.ID), Caption: a.Caption, Alt: a.Alt}
		switch a.Type {
		case board.AttachmentLink:
			v.Content = &boardv1.Attachment_Link{Link: &boardv1.LinkContent{Url: a.URL}}
		case board.AttachmentMedia:
			v.Content = &boardv1.Attachment_Media{Media: &boardv1.MediaContent{MediaId: string(a.Media)}}
		}
		out.Attachments = append(out.Attachments, v)
	}
	return out
}

func encodeMedia(m *board.Media) *boardv1.Media {
	out := &boardv1.Media{OwnerId: string(m.Owner), PostId: string(m.Post), State: mediaStates[m.State], Refusal: m.Refusal}
	if m.Picture != nil {
		out.Picture = encodePicture(m.Picture)
	}
	return out
}

var mediaStates = map[board.MediaState]boardv1.MediaState{
	board.MediaUploading:  boardv1.MediaState_MEDIA_STATE_UPLOADING,
	board.MediaProcessing: boardv1.MediaState_MEDIA_STATE_PROCESSING,
	board.MediaReady:      boardv1.MediaState_MEDIA_STATE_READY,
	board.MediaRefused:    boardv1.MediaState_MEDIA_STATE_REFUSED,
}

func mediaState(s boardv1.MediaState) board.MediaState {
	for state, v := range mediaStates {
		if v == s {
			return state
		}
	}
	return ""
}

func encodePicture(p *board.Picture) *mediav1.Picture {
	out := &mediav1.Picture{Width: int32(p.Width), Height: int32(p.Height), Colour: p.Colour, Placeholder: p.Placeholder}
	for _, v := range p.Variants {
		out.Variants = append(out.Variants, &mediav1.Variant{
			Path: v.Path, Type: v.Type, Width: int32(v.Width), Height: int32(v.Height), Bytes: v.Bytes,
		})
	}
	return out
}

// Decode reads an event back into the document that it carries.
func Decode(data []byte) (board.Document, error) {
	e := new(boardv1.DocumentChanged)
	if err := proto.Unmarshal(data, e); err != nil {
		return nil, err
	}
	var doc board.Document
	switch e.GetMeta().GetKind() {
	case boardv1.Kind_KIND_BOARD:
		b := e.GetBoard()
		doc = &board.Board{Title: b.GetTitle(), Description: b.GetDescription(), PresenceHidden: b.GetPresenceHidden()}
	case boardv1.Kind_KIND_POST:
		doc = decodePost(e.GetPost())
	case boardv1.Kind_KIND_MEDIA:
		m := e.GetMedia()
		doc = &board.Media{
			Owner: board.ID(m.GetOwnerId()), Post: board.ID(m.GetPostId()),
			State: mediaState(m.GetState()), Refusal: m.GetRefusal(), Picture: decodePicture(m.GetPicture()),
		}
	case boardv1.Kind_KIND_LINK:
		doc = &board.Link{Role: board.Role(e.GetLink().GetRole()), RevokedAt: unstamp(e.GetLink().GetRevokedAt())}
	default:
		return nil, fmt.Errorf("event of unknown kind %v", e.GetMeta().GetKind())
	}
	*doc.Head() = board.Meta{
		ID: board.ID(e.GetMeta().GetId()), Board: board.ID(e.GetBoardId()), Rev: board.Rev(e.GetMeta().GetRev()),
		CreatedAt: unstamp(e.GetMeta().GetCreatedAt()), UpdatedAt: unstamp(e.GetMeta().GetUpdatedAt()), ShownTo: classes(e.GetMeta().GetShownTo()),
	}
	if e.GetMeta().GetDeleted() {
		doc.Head().DeletedAt = doc.Head().UpdatedAt
	}
	return doc, nil
}

func decodePost(p *boardv1.Post) *board.Post {
	out := &board.Post{
		Author: board.Author{ID: board.ID(p.GetAuthor().GetId()), Name: p.GetAuthor().GetName()},
		Title:  p.GetTitle(), Body: p.GetBody(),
	}
	for _, a := range p.GetAttachments() {
		v := board.Attachment{ID: board.ID(a.GetId()), Caption: a.GetCaption(), Alt: a.GetAlt()}
		switch c := a.GetContent().(type) {
		case *boardv1.Attachment_Link:
			v.Type, v.URL = board.AttachmentLink, c.Link.GetUrl()
		case *boardv1.Attachment_Media:
			v.Type, v.Media = board.AttachmentMedia, board.ID(c.Media.GetMediaId())
		}
		out.Attachments = append(out.Attachments, v)
	}
	return out
}

func decodePicture(p *mediav1.Picture) *board.Picture {
	if p == nil {
		return nil
	}
	out := &board.Picture{Width: int(p.GetWidth()), Height: int(p.GetHeight()), Colour: p.GetColour(), Placeholder: p.GetPlaceholder()}
	for _, v := range p.GetVariants() {
		out.Variants = append(out.Variants, board.Variant{
			Path: v.GetPath(), Type: v.GetType(), Width: int(v.GetWidth()), Height: int(v.GetHeight()), Bytes: v.GetBytes(),
		})
	}
	return out
}

// decodeProgress reads news of an upload; false when its state is unknown.
func decodeProgress(data []byte) (board.MediaProgress, bool, error) {
	e := new(mediav1.MediaChanged)
	if err := proto.Unmarshal(data, e); err != nil {
		return board.MediaProgress{}, false, err
	}
	out := board.MediaProgress{Board: board.ID(e.GetBoardId()), Media: board.ID(e.GetMediaId())}
	switch s := e.GetState().(type) {
	case *mediav1.MediaChanged_Processing:
		out.State = board.MediaProcessing
	case *mediav1.MediaChanged_Ready:
		out.State, out.Picture = board.MediaReady, decodePicture(s.Ready.GetPicture())
	case *mediav1.MediaChanged_Refused:
		out.State, out.Refusal = board.MediaRefused, s.Refused.GetCode()
	default:
		return out, false, nil
	}
	return out, true, nil
}

func texts(in []board.Class) []string {
	var out []string
	for _, class := range in {
		out = append(out, string(class))
	}
	return out
}

func classes(in []string) []board.Class {
	var out []board.Class
	for _, text := range in {
		out = append(out, board.Class(text))
	}
	return out
}

func stamp(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}

func unstamp(t *timestamppb.Timestamp) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.AsTime().UTC()
}
