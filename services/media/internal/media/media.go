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

// Ticket is the board's leave to send one file.
type Ticket struct {
	Media ID
	Board ID
	// Owner is the participant it was given to.
	Owner ID
	// Max is the most bytes the file may have.
	Max int64
	// Kinds are what it may turn out to be, the announced one first.
	Kinds []Kind
	// Type is the media type as announced, and Name the file's; either may be
	// empty.
	Type, Name string
	// Trace is that of the request which gave it; empty for none.
	Trace string
}

// Upload is one file on its way in.
type Upload struct {
	ID    ID `json:"id"`
	Board ID `json:"board"`
	Owner ID `json:"owner"`
	// Size is the whole file's, in bytes, as announced before it came.
	Size int64 `json:"size"`
	// Kinds are what it may turn out to be, the announced one first; none for a
	// picture.
	Kinds []Kind `json:"kinds,omitempty"`
	// Declared is the media type that was announced, and Name the file's; either
	// may be empty.
	Declared string `json:"declared,omitempty"`
	Name     string `json:"name,omitempty"`
	// Trace is that of the request which announced it; empty for none.
	Trace string `json:"trace,omitempty"`
}

// Announced is the kind that was announced.
func (u Upload) Announced() Kind {
	if len(u.Kinds) == 0 {
		return Picture
	}
	return u.Kinds[0]
}

// MayBe tells whether the upload may turn out to be of a kind.
func (u Upload) MayBe(k Kind) bool { return k == u.Announced() || slices.Contains(u.Kinds, k) }

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

// Outcome is how an upload ended: what it became, or the code of a refusal.
type Outcome struct {
	Refusal Code `json:"refusal,omitempty"`
	// Kind and Type are what the file turned out to be.
	Kind Kind   `json:"kind,omitempty"`
	Type string `json:"type,omitempty"`
	// Picture is what shows it; nil when nothing does.
	Picture *Image `json:"picture,omitempty"`
	// File is what is played or downloaded; nil for a picture. Original is what
	// was sent, when File is another version of it.
	File     *File `json:"file,omitempty"`
	Original *File `json:"original,omitempty"`
	// Duration is in seconds.
	Duration float64 `json:"duration,omitempty"`
	Pages    int     `json:"pages,omitempty"`
	// Link is what a link's page says of itself, for a preview.
	Link *Link `json:"-"`
}

// Image is a still image in several sizes.
type Image struct {
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

// Variant is one file that shows an image.
type Variant struct {
	// Path is below the media service's public address and starts with /m/.
	Path   string `json:"path"`
	Type   string `json:"type"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Bytes  int64  `json:"bytes"`
}

// File is one whole file.
type File struct {
	// Path is below the media service's public address and starts with /m/.
	Path string `json:"path"`
	Type string `json:"type"`
	// Size is in bytes.
	Size int64 `json:"size"`
}

// State tells how far an upload has come, for those who follow it.
type State string

// The states that events tell, in their order.
const (
	Uploaded   State = "uploaded"
	Scanning   State = "scanning"
	Processing State = "processing"
	Ready      State = "ready"
	Refused    State = "refused"
)

// Event tells the other services about one upload.
type Event struct {
	Media ID
	Board ID
	State State
	// Outcome is that of one that is ready or refused.
	Outcome Outcome
	// Turn is that of a preview.
	Turn int
}

// Reached is the event of an upload on its way.
func Reached(u Upload, s State) Event {
	return Event{Media: u.ID, Board: u.Board, State: s}
}

// Ended is the event of an outcome.
func Ended(u Upload, o Outcome) Event {
	e := Event{Media: u.ID, Board: u.Board, State: Ready, Outcome: o}
	if o.Refusal != "" {
		e.State = Refused
	}
	return e
}

// The largest image that is decoded. A side is what WebP can hold; the pixels
// bound the memory that decoding takes.
const (
	MaxSide   = 16_384
	MaxPixels = 50_000_000
)

// CheckSize refuses an image whose decoding would take too much memory.
func CheckSize(width, height int) Code {
	switch {
	case width < 1 || height < 1:
		return Damaged
	case width > MaxSide || height > MaxSide || int64(width)*int64(height) > MaxPixels:
		return TooManyPixels
	}
	return ""
}
