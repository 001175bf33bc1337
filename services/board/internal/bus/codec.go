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
	kind, known := kindsOnTheWire[doc.Kind()]
	if !known {
		return nil, fmt.Errorf("no event for kind %q", doc.Kind())
	}
	e.Meta.Kind = kind
	if doc.Kind() == board.KindComment {
		e.Meta.ParentId = string(head.Parent)
	}
	if !head.Deleted() {
		fillIn(e, doc)
	}
	return proto.Marshal(e)
}

var kindsOnTheWire = map[board.Kind]boardv1.Kind{
	board.KindBoard: boardv1.Kind_KIND_BOARD, board.KindPost: boardv1.Kind_KIND_POST, board.KindMedia: boardv1.Kind_KIND_MEDIA,
	board.KindLink: boardv1.Kind_KIND_LINK, board.KindSection: boardv1.Kind_KIND_SECTION, board.KindGroup: boardv1.Kind_KIND_GROUP,
	board.KindParticipant: boardv1.Kind_KIND_PARTICIPANT, board.KindReport: boardv1.Kind_KIND_REPORT,
	board.KindComment: boardv1.Kind_KIND_COMMENT, board.KindReactions: boardv1.Kind_KIND_REACTIONS,
}

// fillIn writes the content of a live document.
func fillIn(e *boardv1.DocumentChanged, doc board.Document) {
	switch d := doc.(type) {
	case *board.Board:
		e.Document = &boardv1.DocumentChanged_Board{Board: encodeBoard(d)}
	case *board.Post:
		e.Document = &boardv1.DocumentChanged_Post{Post: encodePost(d)}
	case *board.Media:
		e.Document = &boardv1.DocumentChanged_Media{Media: encodeMedia(d)}
	case *board.Link:
		e.Document = &boardv1.DocumentChanged_Link{Link: &boardv1.Link{
			Role: string(d.Role), RevokedAt: stamp(d.RevokedAt), ExpiresAt: stamp(d.ExpiresAt), Name: d.Name, GroupId: string(d.Group),
		}}
	case *board.Section:
		e.Document = &boardv1.DocumentChanged_Section{Section: &boardv1.Section{
			Title: d.Title, Description: d.Description, Colour: string(d.Colour), Order: d.Order, Locked: d.Locked, Hidden: d.Hidden,
			RemovedAt: stamp(d.RemovedAt), Fate: string(d.Fate), MovedTo: string(d.MovedTo),
		}}
	case *board.Group:
		e.Document = &boardv1.DocumentChanged_Group{Group: &boardv1.Group{Name: d.Name, Order: d.Order, Ref: d.Ref}}
	case *board.Participant:
		e.Document = &boardv1.DocumentChanged_Participant{Participant: &boardv1.Participant{
			Name: d.Name, Role: string(d.Role), LinkId: string(d.Link), GroupId: string(d.Group), Blocked: d.Blocked, Held: d.Held, Seat: string(d.Seat),
		}}
	case *board.Report:
		e.Document = &boardv1.DocumentChanged_Report{Report: &boardv1.Report{
			PostId: string(d.Post), CommentId: string(d.Comment), ReporterId: string(d.Reporter), Reason: d.Reason, Settled: d.Settled,
		}}
	case *board.Comment:
		e.Document = &boardv1.DocumentChanged_Comment{Comment: encodeComment(d)}
	case *board.Reactions:
		e.Document = &boardv1.DocumentChanged_Reactions{Reactions: encodeReactions(d)}
	}
}

func encodePost(p *board.Post) *boardv1.Post {
	out := &boardv1.Post{
		Author: encodeAuthor(p.Author), Title: p.Title, Body: p.Body,
		Colour: string(p.Colour), SectionId: string(p.Section), Order: p.Order, GroupId: string(p.Group), State: string(p.State),
		Reason: p.Reason, Held: p.Held, Sealed: string(p.Sealed), Withheld: p.Withheld, EditedAt: stamp(p.EditedAt),
	}
	for _, a := range p.Attachments {
		v := &boardv1.Attachment{Id: string(a.ID), Caption: a.Caption, Alt: a.Alt, CaptionsOf: string(a.CaptionsOf), Language: a.Language}
		switch a.Type {
		case board.AttachmentLink:
			v.Content = &boardv1.Attachment_Link{Link: &boardv1.LinkContent{Url: a.URL, PreviewId: string(a.Preview)}}
		case board.AttachmentMedia:
			v.Content = &boardv1.Attachment_Media{Media: &boardv1.MediaContent{MediaId: string(a.Media)}}
		}
		out.Attachments = append(out.Attachments, v)
	}
	return out
}

func encodeMedia(m *board.Media) *boardv1.Media {
	out := &boardv1.Media{
		OwnerId: string(m.Owner), PostId: string(m.Post), State: mediaStates[m.State], Refusal: m.Refusal,
		Kind: string(m.Content), Name: m.Name, Type: m.Type, Size: m.Size,
		File: encodeFile(m.File), Original: encodeFile(m.Original), Duration: m.Duration, Pages: int32(m.Pages),
		Preview: encodePreview(m.Preview),
	}
	if m.Picture != nil {
		out.Picture = encodePicture(m.Picture)
	}
	return out
}

func encodeFile(f *board.File) *mediav1.File {
	if f == nil {
		return nil
	}
	return &mediav1.File{Path: f.Path, Type: f.Type, Size: f.Size}
}

func decodeFile(f *mediav1.File) *board.File {
	if f == nil {
		return nil
	}
	return &board.File{Path: f.GetPath(), Type: f.GetType(), Size: f.GetSize()}
}

var mediaStates = map[board.MediaState]boardv1.MediaState{
	board.MediaUploading:  boardv1.MediaState_MEDIA_STATE_UPLOADING,
	board.MediaScanning:   boardv1.MediaState_MEDIA_STATE_SCANNING,
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
	doc, err := contentOf(e)
	if err != nil {
		return nil, err
	}
	*doc.Head() = board.Meta{
		ID: board.ID(e.GetMeta().GetId()), Board: board.ID(e.GetBoardId()), Rev: board.Rev(e.GetMeta().GetRev()),
		Parent: board.ID(e.GetMeta().GetParentId()), CreatedAt: unstamp(e.GetMeta().GetCreatedAt()), UpdatedAt: unstamp(e.GetMeta().GetUpdatedAt()), ShownTo: words[board.Audience](e.GetMeta().GetShownTo()),
	}
	if e.GetMeta().GetDeleted() {
		doc.Head().DeletedAt = doc.Head().UpdatedAt
	}
	return doc, nil
}

// contentOf reads what a document holds; of a tombstone, nothing.
func contentOf(e *boardv1.DocumentChanged) (board.Document, error) {
	switch e.GetMeta().GetKind() {
	case boardv1.Kind_KIND_BOARD:
		return decodeBoard(e.GetBoard()), nil
	case boardv1.Kind_KIND_POST:
		return decodePost(e.GetPost()), nil
	case boardv1.Kind_KIND_MEDIA:
		m := e.GetMedia()
		return &board.Media{
			Owner: board.ID(m.GetOwnerId()), Post: board.ID(m.GetPostId()),
			State: mediaState(m.GetState()), Refusal: m.GetRefusal(), Picture: decodePicture(m.GetPicture()),
			Content: board.ContentKind(m.GetKind()), Name: m.GetName(), Type: m.GetType(), Size: m.GetSize(),
			File: decodeFile(m.GetFile()), Original: decodeFile(m.GetOriginal()), Duration: m.GetDuration(), Pages: int(m.GetPages()),
			Preview: decodePreview(m.GetPreview()),
		}, nil
	case boardv1.Kind_KIND_LINK:
		l := e.GetLink()
		return &board.Link{
			Role: board.Role(l.GetRole()), RevokedAt: unstamp(l.GetRevokedAt()), ExpiresAt: unstamp(l.GetExpiresAt()),
			Name: l.GetName(), Group: board.ID(l.GetGroupId()),
		}, nil
	case boardv1.Kind_KIND_SECTION:
		sec := e.GetSection()
		return &board.Section{
			Title: sec.GetTitle(), Description: sec.GetDescription(), Colour: board.Colour(sec.GetColour()), Order: sec.GetOrder(),
			Locked: sec.GetLocked(), Hidden: sec.GetHidden(), RemovedAt: unstamp(sec.GetRemovedAt()),
			Fate: board.Fate(sec.GetFate()), MovedTo: board.ID(sec.GetMovedTo()),
		}, nil
	case boardv1.Kind_KIND_GROUP:
		return &board.Group{Name: e.GetGroup().GetName(), Order: e.GetGroup().GetOrder(), Ref: e.GetGroup().GetRef()}, nil
	case boardv1.Kind_KIND_PARTICIPANT:
		p := e.GetParticipant()
		return &board.Participant{
			Name: p.GetName(), Role: board.Role(p.GetRole()), Link: board.ID(p.GetLinkId()), Group: board.ID(p.GetGroupId()), Blocked: p.GetBlocked(), Held: p.GetHeld(), Seat: board.Role(p.GetSeat()),
		}, nil
	case boardv1.Kind_KIND_REPORT:
		r := e.GetReport()
		return &board.Report{
			Post: board.ID(r.GetPostId()), Comment: board.ID(r.GetCommentId()), Reporter: board.ID(r.GetReporterId()),
			Reason: r.GetReason(), Settled: r.GetSettled(),
		}, nil
	case boardv1.Kind_KIND_COMMENT:
		return decodeComment(e.GetComment()), nil
	case boardv1.Kind_KIND_REACTIONS:
		return decodeReactions(e.GetReactions()), nil
	default:
		return nil, fmt.Errorf("event of unknown kind %v", e.GetMeta().GetKind())
	}
}

func decodePost(p *boardv1.Post) *board.Post {
	out := &board.Post{
		Author: decodeAuthor(p.GetAuthor()),
		Title:  p.GetTitle(), Body: p.GetBody(),
		Colour: board.Colour(p.GetColour()), Section: board.ID(p.GetSectionId()), Order: p.GetOrder(), Group: board.ID(p.GetGroupId()),
		State: board.PostState(p.GetState()), Reason: p.GetReason(), Held: p.GetHeld(), Sealed: board.Anonymity(p.GetSealed()), Withheld: p.GetWithheld(),
		EditedAt: unstamp(p.GetEditedAt()),
	}
	for _, a := range p.GetAttachments() {
		v := board.Attachment{ID: board.ID(a.GetId()), Caption: a.GetCaption(), Alt: a.GetAlt(), CaptionsOf: board.ID(a.GetCaptionsOf()), Language: a.GetLanguage()}
		switch c := a.GetContent().(type) {
		case *boardv1.Attachment_Link:
			v.Type, v.URL, v.Preview = board.AttachmentLink, c.Link.GetUrl(), board.ID(c.Link.GetPreviewId())
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
	out := board.MediaProgress{Board: board.ID(e.GetBoardId()), Media: board.ID(e.GetMediaId()), Turn: int(e.GetTurn())}
	switch s := e.GetState().(type) {
	case *mediav1.MediaChanged_Uploaded, *mediav1.MediaChanged_Scanning:
		out.State = board.MediaScanning
	case *mediav1.MediaChanged_Processing:
		out.State = board.MediaProcessing
	case *mediav1.MediaChanged_Ready:
		out.State, out.Picture = board.MediaReady, decodePicture(s.Ready.GetPicture())
		out.Content, out.Type = board.ContentKind(s.Ready.GetKind()), s.Ready.GetType()
		out.File, out.Original = decodeFile(s.Ready.GetFile()), decodeFile(s.Ready.GetOriginal())
		out.Duration, out.Pages, out.Page = s.Ready.GetDuration(), int(s.Ready.GetPages()), decodePage(s.Ready.GetPage())
	case *mediav1.MediaChanged_Refused:
		out.State, out.Refusal = board.MediaRefused, s.Refused.GetCode()
	default:
		return out, false, nil
	}
	return out, true, nil
}

// texts and words carry the lists of named strings over.
func texts[T ~string](in []T) []string {
	var out []string
	for _, one := range in {
		out = append(out, string(one))
	}
	return out
}

func words[T ~string](in []string) []T {
	var out []T
	for _, one := range in {
		out = append(out, T(one))
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
