// Package board is the domain of the board service: documents, rules,
// commands, and the ports through which it reaches the world. It is pure: it
// knows no engine and no transport.
package board

import (
	"maps"
	"slices"
	"time"
)

// ID names a document, a participant or an attachment: a UUID in its
// lower-case canonical form, made by the client or the server (rule S1).
type ID string

// Rev is a document's revision: 1 when created, and 1 more with every accepted
// change (rule S1).
type Rev int64

// Kind sorts documents. A new kind is added to kinds, once.
type Kind string

// The kinds of document.
const (
	KindBoard       Kind = "board"
	KindSection     Kind = "section"
	KindGroup       Kind = "group"
	KindPost        Kind = "post"
	KindMedia       Kind = "media"
	KindLink        Kind = "link"
	KindParticipant Kind = "participant"
	KindReport      Kind = "report"
	KindAct         Kind = "act"
	KindCode        Kind = "code"
	KindAccount     Kind = "account"
	KindOwned       Kind = "owned"
	KindSetup       Kind = "setup"
	KindTally       Kind = "tally"
	KindComment     Kind = "comment"
	KindReactions   Kind = "reactions"
	KindBallot      Kind = "ballot"
	KindBulk        Kind = "bulk"
	KindInvitation  Kind = "invitation"
	KindMember      Kind = "member"
	KindPlatform    Kind = "platform"
	KindUser        Kind = "user"
	KindOperation   Kind = "operation"
	KindTold        Kind = "told"
	KindVisit       Kind = "visit"
	KindDelivery    Kind = "delivery"
	KindUpkeep      Kind = "upkeep"
	KindSpent       Kind = "spent"
	KindRoster      Kind = "roster"
	KindKeys        Kind = "keys"
	KindAdminAct    Kind = "adminAct"
)

// kindTraits is what is particular to one kind.
type kindTraits struct {
	empty func() Document
	// live tells that changes of this kind are events, and that replicas keep
	// its documents at hand.
	live bool
	// catalogued tells that stores list documents of this kind from every board.
	catalogued bool
}

var kinds = map[Kind]kindTraits{
	KindBoard:       {func() Document { return new(Board) }, true, true},
	KindSection:     {func() Document { return new(Section) }, true, false},
	KindGroup:       {func() Document { return new(Group) }, true, false},
	KindPost:        {func() Document { return new(Post) }, true, false},
	KindMedia:       {func() Document { return new(Media) }, true, false},
	KindLink:        {func() Document { return new(Link) }, true, false},
	KindParticipant: {func() Document { return new(Participant) }, true, false},
	KindReport:      {func() Document { return new(Report) }, true, false},
	KindAct:         {func() Document { return new(Act) }, false, false},
	KindCode:        {func() Document { return new(Code) }, false, false},
	KindAccount:     {func() Document { return new(Account) }, false, true},
	KindOwned:       {func() Document { return new(Owned) }, false, true},
	KindSetup:       {func() Document { return new(Setup) }, false, false},
	KindTally:       {func() Document { return new(Tally) }, false, false},
	KindComment:     {func() Document { return new(Comment) }, true, false},
	KindReactions:   {func() Document { return new(Reactions) }, true, false},
	KindBallot:      {func() Document { return new(Ballot) }, false, false},
	KindBulk:        {func() Document { return new(Bulk) }, false, false},
	KindInvitation:  {func() Document { return new(Invitation) }, false, false},
	KindMember:      {func() Document { return new(Member) }, false, false},
	KindPlatform:    {func() Document { return new(Platform) }, false, false},
	KindUser:        {func() Document { return new(User) }, false, false},
	KindOperation:   {func() Document { return new(Operation) }, false, false},
	KindTold:        {func() Document { return new(Told) }, false, false},
	KindVisit:       {func() Document { return new(Visit) }, false, false},
	KindDelivery:    {func() Document { return new(DeadDelivery) }, false, false},
	KindUpkeep:      {func() Document { return new(Upkeep) }, false, false},
	KindSpent:       {func() Document { return new(Spent) }, false, false},
	KindRoster:      {func() Document { return new(Roster) }, false, false},
	KindKeys:        {func() Document { return new(Keys) }, false, false},
	KindAdminAct:    {func() Document { return new(AdminAct) }, false, false},
}

// NewDocument makes an empty document of a kind, for a store to decode into;
// false when the kind is unknown.
func NewDocument(kind Kind) (Document, bool) {
	traits, ok := kinds[kind]
	if !ok {
		return nil, false
	}
	return traits.empty(), true
}

// Kinds lists every kind of document.
func Kinds() []Kind { return slices.Sorted(maps.Keys(kinds)) }

// LiveKinds lists the kinds whose changes are events.
func LiveKinds() []Kind {
	return slices.DeleteFunc(Kinds(), func(k Kind) bool { return !kinds[k].live })
}

// IsLive tells whether changes of a kind are events: whether a write of it is
// marked as not yet published (rule S5).
func IsLive(kind Kind) bool { return kinds[kind].live }

// CataloguedKinds lists the kinds whose documents stores list from every board.
func CataloguedKinds() []Kind {
	return slices.DeleteFunc(Kinds(), func(k Kind) bool { return !kinds[k].catalogued })
}

// IsCatalogued tells whether a kind is one of them.
func IsCatalogued(kind Kind) bool { return kinds[kind].catalogued }

// Tombstone is a document as those know it who have lost it: its place and
// revision, and nothing of its content.
func Tombstone(doc Document) Document {
	gone, ok := NewDocument(doc.Kind())
	if !ok {
		return doc
	}
	*gone.Head() = *doc.Head()
	if !gone.Head().Deleted() {
		gone.Head().DeletedAt = doc.Head().UpdatedAt
	}
	return gone
}

// Document is what a store keeps and an event carries. A Document handed out
// by a store is the caller's own: nothing else reads or writes it.
type Document interface {
	Kind() Kind
	// Head gives the document's metadata, to read and to change.
	Head() *Meta
}

// Key finds one document. Board is the shard key.
type Key struct {
	Board ID
	Kind  Kind
	ID    ID
}

// KeyOf gives the key of a document.
func KeyOf(d Document) Key {
	return Key{Board: d.Head().Board, Kind: d.Kind(), ID: d.Head().ID}
}

// Meta is what every document has. Times are UTC to the millisecond, which is
// what every store and the wire keep.
type Meta struct {
	ID    ID `json:"id"`
	Board ID `json:"board"`
	// Parent is what the document hangs on, to be listed by: of a post its
	// author, of a comment its post, of a report and an act what they are about.
	Parent    ID        `json:"parent,omitempty"`
	Rev       Rev       `json:"rev"`
	CreatedAt time.Time `json:"createdAt"`
	UpdatedAt time.Time `json:"updatedAt"`
	// DeletedAt is zero for a live document, else this is a tombstone. It keeps
	// its content until PurgeAt, so that the deletion can be undone.
	DeletedAt time.Time `json:"deletedAt,omitzero"`
	DeletedBy ID        `json:"deletedBy,omitempty"`
	PurgeAt   time.Time `json:"purgeAt,omitzero"`
	// ShownTo are the audiences that have ever seen this document, sorted: they,
	// and no others, are told when it goes (rule S14).
	ShownTo []Audience `json:"shownTo,omitempty"`
	// Deed is the last thing done to the document, for the activity log: kept
	// in the same write as the change itself.
	Deed *Deed `json:"deed,omitempty"`
}

// Head gives the metadata itself.
func (m *Meta) Head() *Meta { return m }

// Deleted tells a tombstone.
func (m *Meta) Deleted() bool { return !m.DeletedAt.IsZero() }

// bare tells a tombstone without content.
func (m *Meta) bare() bool { return m.Deleted() && m.PurgeAt.IsZero() }

// AttachmentType sorts attachments.
type AttachmentType string

// The types of attachment.
const (
	// AttachmentLink is a URL; a player shows it when a provider takes it.
	AttachmentLink AttachmentType = "link"
	// AttachmentMedia is an upload: a Media document of the same board.
	AttachmentMedia AttachmentType = "media"
)

// Attachment is one piece of content of a post, in the order of the post.
type Attachment struct {
	ID    ID             `json:"id"`
	Type  AttachmentType `json:"type"`
	URL   string         `json:"url,omitempty"`
	Media ID             `json:"media,omitempty"`
	// Preview is the Media document that tells of a link's page; empty for none.
	Preview ID     `json:"preview,omitempty"`
	Caption string `json:"caption,omitempty"`
	// Alt is the alternative text of a picture.
	Alt string `json:"alt,omitempty"`
	// CaptionsOf names the sound or the video of the same post whose words these
	// are; empty for all other attachments. Language is theirs, such as fr.
	CaptionsOf ID     `json:"captionsOf,omitempty"`
	Language   string `json:"language,omitempty"`
}

// MediaID names the Media document that shows an attachment: an upload, or the
// preview of a link; empty for none.
func (a Attachment) MediaID() ID {
	if a.Type == AttachmentLink {
		return a.Preview
	}
	return a.Media
}

// MediaState tells how far an upload has come. States only move forward.
type MediaState string

// The states of an upload.
const (
	MediaUploading MediaState = "uploading"
	// MediaScanning: the whole file has come and waits for, or is at, the virus
	// scanner.
	MediaScanning   MediaState = "scanning"
	MediaProcessing MediaState = "processing"
	MediaReady      MediaState = "ready"
	MediaRefused    MediaState = "refused"
)

// Media is the board's view of one upload. Until it is ready and a post shows
// it, only its owner sees it.
type Media struct {
	Meta
	Owner ID `json:"owner"`
	// Post is the one post that shows it; empty until then.
	Post  ID         `json:"post,omitempty"`
	State MediaState `json:"state"`
	// Content is the kind that its author announced, put right once the media
	// service has looked; empty for a picture of the time when there was nothing
	// else.
	Content ContentKind `json:"kind,omitempty"`
	// Name is the file's as its author had it, on one line and without a path.
	Name string `json:"name,omitempty"`
	// Type is its media type: announced, then seen.
	Type string `json:"type,omitempty"`
	// Size is in bytes.
	Size int64 `json:"size,omitempty"`
	// Refusal is a stable code such as media_too_large.
	Refusal string `json:"refusal,omitempty"`
	// Picture shows it: itself, a video's poster, a document's first page. There
	// may be none.
	Picture *Picture `json:"picture,omitempty"`
	// File is what is played or downloaded; nil for a picture.
	File *File `json:"file,omitempty"`
	// Original is what was sent, when File is another version of it.
	Original *File `json:"original,omitempty"`
	// Duration of a sound or a video, in seconds.
	Duration float64 `json:"duration,omitempty"`
	// Pages of a document.
	Pages int `json:"pages,omitempty"`
	// Preview is that of a link, which is no upload; nil for all others.
	Preview *Preview `json:"preview,omitempty"`
	// Source is what this is to be a copy of; nil once it is, and for all others.
	Source *MediaSource `json:"source,omitempty"`
}

// ContentKind is the kind of an upload of any time.
func (m *Media) ContentKind() ContentKind {
	if m.Content == "" {
		return ContentPicture
	}
	return m.Content
}

// File is one whole file.
type File struct {
	// Path is below the media service's public address.
	Path string `json:"path"`
	Type string `json:"type"`
	Size int64  `json:"size"`
}

// Picture is what a still image became.
type Picture struct {
	// Pixels, orientation applied.
	Width  int `json:"width"`
	Height int `json:"height"`
	// Colour is the dominant one, #rrggbb.
	Colour string `json:"colour"`
	// Placeholder is a blurred stand-in as a data: URL.
	Placeholder string `json:"placeholder"`
	// Variants ascend by width.
	Variants []Variant `json:"variants"`
}

// Variant is one file that shows a picture.
type Variant struct {
	// Path is below the media service's public address.
	Path   string `json:"path"`
	Type   string `json:"type"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Bytes  int64  `json:"bytes"`
}

// Kind tells KindMedia.
func (*Media) Kind() Kind { return KindMedia }
