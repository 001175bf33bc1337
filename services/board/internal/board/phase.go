package board

import (
	"time"

	"fresque.dev/services/internal/fault"
)

// Phase is what can be done with a board now.
type Phase string

// The phases.
const (
	// PhaseOpen: all that roles and settings allow.
	PhaseOpen Phase = "open"
	// PhaseFrozen: read, moderated, and not written.
	PhaseFrozen Phase = "frozen"
	// PhaseBefore and PhaseAfter: moderators only.
	PhaseBefore Phase = "before"
	PhaseAfter  Phase = "after"
	// PhaseArchived: read, until it is taken out again.
	PhaseArchived Phase = "archived"
	// PhaseEnded: anonymised, and read for good.
	PhaseEnded Phase = "ended"
)

// PhaseAt tells the phase of a board at a time.
func (b *Board) PhaseAt(now time.Time) Phase {
	s := b.Settings
	switch {
	case !b.EndedAt.IsZero():
		return PhaseEnded
	case !b.ArchivedAt.IsZero():
		return PhaseArchived
	case !s.OpenFrom.IsZero() && now.Before(s.OpenFrom):
		return PhaseBefore
	case !s.OpenUntil.IsZero() && !now.Before(s.OpenUntil):
		return PhaseAfter
	case !s.FreezeAt.IsZero() && !now.Before(s.FreezeAt):
		return PhaseFrozen
	default:
		return PhaseOpen
	}
}

// What a phase refuses with.
var (
	errFrozen   = fault.New(fault.Closed, "board_frozen")
	errBefore   = fault.New(fault.Closed, "board_not_open_yet")
	errAfter    = fault.New(fault.Closed, "board_closed")
	errArchived = fault.New(fault.Closed, "board_archived")
	errEnded    = fault.New(fault.Closed, "board_ended")
)

// Admits tells whether a role may come onto the board in this phase at all.
func (s *Sight) Admits(role Role) error {
	if role.moderates() {
		return nil
	}
	switch s.Phase {
	case PhaseBefore:
		return errBefore
	case PhaseAfter:
		return errAfter
	default:
		return nil
	}
}
