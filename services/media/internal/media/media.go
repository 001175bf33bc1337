package media

import (
	"regexp"
	"slices"
	"time"
)

// ID names an upload, a board or a participant: a UUID in its lower-case
// canonical form. It is safe as a file name and as a part of a path.
type ID string

var canonicalUUID = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// Valid tells whether the id is a UUID in its canonical form.
func (id ID) Valid() bool { return canonicalUUID.MatchString(string(id)) }

// KindPicture is the one kind of content that tickets may allow so far.
const KindPicture = "picture"

// Ticket is the board's leave to send one file.
type Ticket struct {
	Media ID
	Board ID
	// Owner is the participant it was given to.
	Owner ID
	// Max is the most bytes the file may have.
	Max   int64
	Kinds []string
}

// Allows tells whether the ticket is for this kind of content.
func (t Ticket) Allows(kind string) bool { return slices.Contains(t.Kinds, kind) }

// Upload is one file on its way in.
type Upload struct {
	ID    ID `json:"id"`
	Board ID `json:"board"`
	Owner ID `json:"owner"`
	// Size is the whole file's, in bytes, as announced before it came.
	Size int64 `json:"size"`
	// Declared is the media type that the sender claims; it may be empty.
	Declared string `json:"declared,omitempty"`
}

// Record is what the quarantine knows of an upload.
type Record struct {
	Upload
	// Offset is how many bytes have come.
	Offset int64
	// Outcome is nil until the upload is ready or refused.
	Outcome *Outcome
	// Held tells that the file still lies in quarantine.
	Held bool
	// TouchedAt is when the last byte came.
	TouchedAt time.Time
}

// Arrived tells that the whole file has come.
func (r Record) Arrived() bool { return r.Offset == r.Size }

// Outcome is how an upload ended: a picture, or the code of a refusal.
type Outcome struct {
	Picture *Picture `json:"picture,omitempty"`
	Refusal Code     `json:"refusal,omitempty"`
	// Link is what a link's page says of itself, for a preview.
	Link *Link `json:"-"`
}

// Picture is what a still image became.
type Picture struct {
	// Width and Height are in pixels, orientation applied.
	Width  int `json:"width"`
	Height int `json:"height"`
	// Colour is the dominant one, #rrggbb.
	Colour string `json:"colour"`
	// Placeholder is a blurred stand-in as a data: URL.
	Placeholder string `json:"placeholder"`
	// Variants ascend by width; the last one of a width is the fallback for
	// readers without WebP.
	Variants []Variant `json:"variants"`
}

// Variant is one file that shows a picture.
type Variant struct {
	// Path is below the media service's public address and starts with /m/.
	Path   string `json:"path"`
	Type   string `json:"type"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Bytes  int64  `json:"bytes"`
}

// State tells how far an upload has come, for those who follow it.
type State string

// The states that events tell.
const (
	Processing State = "processing"
	Ready      State = "ready"
	Refused    State = "refused"
)

// Event tells the other services about one upload.
type Event struct {
	Media   ID
	Board   ID
	State   State
	Picture *Picture
	Refusal Code
	// Link and Turn are those of a preview.
	Link *Link
	Turn int
}

// Started is the event of a file that has wholly come.
func Started(u Upload) Event {
	return Event{Media: u.ID, Board: u.Board, State: Processing}
}

// Ended is the event of an outcome.
func Ended(u Upload, o Outcome) Event {
	e := Event{Media: u.ID, Board: u.Board, State: Ready, Picture: o.Picture}
	if o.Picture == nil {
		e.State, e.Refusal = Refused, o.Refusal
	}
	return e
}
