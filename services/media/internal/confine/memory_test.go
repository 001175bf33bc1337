//go:build !race

package confine_test

import (
	"errors"
	"testing"

	"fresque.dev/services/media/internal/confine"
)

// The race detector does not run under a memory limit, not even until the tool
// takes over, so this one is for builds without it.
func TestTooMuchMemoryFails(t *testing.T) {
	if _, err := shell(t, "head -c 900m /dev/zero | tail", nil); !errors.Is(err, confine.ErrFailed) {
		t.Fatalf("got %v", err)
	}
}
