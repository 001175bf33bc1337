//go:build !race

package worker_test

import (
	"errors"
	"testing"

	"fresque.dev/services/media/internal/media"
	"fresque.dev/services/media/internal/worker"
)

// The race detector does not run under a memory limit, so this one is for
// builds without it.
func TestTooMuchMemoryKillsTheWorkerOnly(t *testing.T) {
	pool, _ := newPool(t, func(c *worker.Config) { c.Memory = 128 << 20 })
	_, err := examine(t.Context(), pool, file(t, widest()))
	if !errors.Is(err, media.ErrCrashed) {
		t.Errorf("got %v", err)
	}
}
