//go:build unix && !linux

package nowait

// Ring is not to be had here.
type Ring struct{}

// NewRing answers ErrNoRing.
func NewRing() (*Ring, error) { return nil, ErrNoRing }

// Close has nothing to give back.
func (*Ring) Close() error { return nil }

// Write makes every one of some writes.
func (*Ring) Write(sends []Send) {
	for i := range sends {
		sends[i].N, sends[i].Err = Write(sends[i].FD, sends[i].P)
	}
}
