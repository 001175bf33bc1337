package media

import "fresque.dev/services/internal/fault"

// Code is the stable reason of a refusal, as events carry it.
type Code string

// The reasons for which a file that was sent is refused.
const (
	// NotAPicture: announced as a picture, and none.
	NotAPicture Code = "media_not_a_picture"
	// TypeUnsupported: of a type that is not taken, such as SVG.
	TypeUnsupported Code = "media_type_unsupported"
	// TypeMismatch: something else than what it was announced as.
	TypeMismatch Code = "media_type_mismatch"
	// Polyglot: two files in one, to be taken for either.
	Polyglot Code = "media_polyglot"
	// Locked: a document with a password, or in a binary format of long ago;
	// from outside they look the same.
	Locked Code = "media_locked"
	// Macros: a document that holds programs.
	Macros Code = "media_macros"
	// Bomb: an archive that grows beyond measure when it is opened.
	Bomb Code = "media_bomb"
	// TooManyPixels: more than MaxSide or MaxPixels.
	TooManyPixels Code = "media_too_many_pixels"
	// TooLarge: larger than what it turned out to be may be.
	TooLarge Code = "media_too_large"
	// Damaged: cut off or not to be decoded.
	Damaged Code = "media_damaged"
	// NotCaptions: announced as captions, and without a single cue or with more
	// than anybody says.
	NotCaptions Code = "media_not_captions"
	// NotPlayable: no browser plays it, and it cannot be converted here.
	NotPlayable Code = "media_not_playable"
	// TooSlow: converting it takes longer than is allowed.
	TooSlow Code = "media_too_slow"
	// Infected: the virus scanner knows it.
	Infected Code = "media_infected"
	// NotScannable: larger than what the virus scanner looks at.
	NotScannable Code = "media_not_scannable"
	// Cancelled: its owner took it back before it was whole.
	Cancelled Code = "media_cancelled"
	// Abandoned: it did not become whole in time.
	Abandoned Code = "media_abandoned"
	// Erased: the board has no more use for it.
	Erased Code = "media_erased"
)

// examined are the codes that a look at a file may give.
var examined = map[Code]bool{
	NotAPicture: true, TypeUnsupported: true, TypeMismatch: true, Polyglot: true, Macros: true, Locked: true, Bomb: true,
	TooManyPixels: true, TooLarge: true, Damaged: true, NotCaptions: true,
}

// FromExamination tells whether a look at a file may give this code.
func (c Code) FromExamination() bool { return examined[c] }

// The faults of requests about uploads.
var (
	ErrTooLarge        = fault.New(fault.TooLarge, "media_too_large")
	ErrEmpty           = fault.New(fault.Invalid, "media_empty")
	ErrSizeMissing     = fault.New(fault.Invalid, "media_size_missing")
	ErrNotYours        = fault.New(fault.Forbidden, "upload_forbidden")
	ErrKindNotAllowed  = fault.New(fault.Forbidden, "upload_kind_forbidden")
	ErrOver            = fault.New(fault.Exists, "upload_over")
	ErrComplete        = fault.New(fault.Exists, "upload_complete")
	ErrSizeChanged     = fault.New(fault.Exists, "upload_size_changed")
	ErrNotFound        = fault.New(fault.NotFound, "upload_not_found")
	ErrTicketMissing   = fault.New(fault.Unauthenticated, "ticket_missing")
	ErrTicketExpired   = fault.New(fault.Unauthenticated, "ticket_expired")
	ErrTicketInvalid   = fault.New(fault.Unauthenticated, "ticket_invalid")
	ErrKeysUnavailable = fault.New(fault.Unavailable, "ticket_keys_unavailable")
	ErrAway            = fault.New(fault.Unavailable, "upload_away")
	ErrTooMany         = fault.New(fault.RateLimited, "upload_too_many").With(fault.RetryAfter, 30)
	ErrNoRoom          = fault.New(fault.Unavailable, "upload_no_room")
	ErrPlatformFull    = fault.New(fault.TooLarge, "platform_full")
	ErrNoObject        = fault.New(fault.NotFound, "media_not_found")
)
