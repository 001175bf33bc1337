package media

import "fresque.dev/services/internal/fault"

// Code is the stable reason of a refusal, as events carry it.
type Code string

// The reasons for which a file that was sent is refused.
const (
	// NotAPicture: the content is no picture, whatever its name says.
	NotAPicture Code = "media_not_a_picture"
	// TypeUnsupported: a picture of a kind that is not taken, such as SVG.
	TypeUnsupported Code = "media_type_unsupported"
	// TypeMismatch: sent as something else than a picture.
	TypeMismatch Code = "media_type_mismatch"
	// TooManyPixels: more than MaxSide or MaxPixels.
	TooManyPixels Code = "media_too_many_pixels"
	// Damaged: cut off or not to be decoded.
	Damaged Code = "media_damaged"
	// Cancelled: its owner took it back before it was whole.
	Cancelled Code = "media_cancelled"
	// Abandoned: it did not become whole in time.
	Abandoned Code = "media_abandoned"
)

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
	ErrNoRoom          = fault.New(fault.Unavailable, "upload_no_room")
	ErrNoObject        = fault.New(fault.NotFound, "media_not_found")
)
