package kind

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"fresque.dev/services/media/internal/confine"
	"fresque.dev/services/media/internal/media"
)

// Draw lets a tool draw a picture of a file, under a name in the folder where it
// works, and makes of it what shows the file. A file of which there is no
// picture is kept all the same.
func Draw(ctx context.Context, shop Workshop, made *media.Made, tool confine.Command, name string) error {
	if _, err := shop.Run(ctx, tool); err != nil {
		return UnlessFaulty(err)
	}
	drawn, err := os.Open(filepath.Join(tool.Dir, name))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer drawn.Close()
	shown, err := shop.Picture(ctx, drawn)
	if errors.Is(err, media.ErrCrashed) {
		return nil
	}
	if err != nil {
		return err
	}
	if shown.Refusal != "" {
		return shown.Close()
	}
	made.Take(shown)
	return nil
}

// UnlessFaulty lets a file pass that a tool could not read: it may have a
// password. What is not the file's fault is tried again.
func UnlessFaulty(err error) error {
	if errors.Is(err, confine.ErrFailed) || errors.Is(err, confine.ErrTimeout) {
		return nil
	}
	return err
}
