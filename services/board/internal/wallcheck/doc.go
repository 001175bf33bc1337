// Package wallcheck tells whether a wall kept its promises. Tests record what
// was acknowledged (Ledger) and what each browser holds (Wall); Compare finds
// every acknowledged write that is lost, every post that is doubled, and every
// browser that does not show what a fresh snapshot shows (docs/sync.md).
package wallcheck
