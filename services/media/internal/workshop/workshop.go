// Package workshop makes files ready: it lets the worker look at a file, and
// the module of its kind complete what the worker made, with the tools that
// are installed.
package workshop

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"slices"

	"fresque.dev/services/media/internal/confine"
	"fresque.dev/services/media/internal/kind"
	"fresque.dev/services/media/internal/kinds"
	"fresque.dev/services/media/internal/media"
	"fresque.dev/services/media/internal/worker"
)

// Config says what there is to work with.
type Config struct {
	Pool *worker.Pool
	// Dir takes temporary folders.
	Dir string
	// Without names tools that are not to be used though they are installed.
	Without []string
	// Long is how many seconds a conversion may take.
	Long int
}

// Workshop makes files ready.
type Workshop struct {
	cfg   Config
	tools map[string]string
}

var (
	_ media.Maker   = (*Workshop)(nil)
	_ kind.Workshop = (*Workshop)(nil)
)

// New looks for the tools.
func New(cfg Config) *Workshop {
	w := &Workshop{cfg: cfg, tools: map[string]string{}}
	for _, name := range kinds.Tools() {
		path, err := exec.LookPath(name)
		if err == nil && !slices.Contains(cfg.Without, name) {
			w.tools[name] = path
		}
	}
	return w
}

// Missing lists the tools that are not there.
func (w *Workshop) Missing() []string {
	return slices.DeleteFunc(kinds.Tools(), func(name string) bool { return w.tools[name] != "" })
}

// Make finds out what a file is and makes what shows it.
func (w *Workshop) Make(ctx context.Context, u media.Upload, file *os.File) (*media.Made, error) {
	made, found, err := w.cfg.Pool.Examine(ctx, u, file)
	if err != nil || made.Refusal != "" {
		return made, err
	}
	job := kind.Job{Upload: u, Found: found, Source: file, Made: made}
	if err := kinds.ModuleOf(found).Make(ctx, w, job); err != nil {
		return nil, errors.Join(err, made.Close())
	}
	if made.Refusal != "" {
		return &media.Made{Refusal: made.Refusal}, made.Close()
	}
	return made, nil
}

// Tool gives the path of a program; empty when it is not installed.
func (w *Workshop) Tool(name string) string { return w.tools[name] }

// Run runs a program, confined.
func (w *Workshop) Run(ctx context.Context, c confine.Command) ([]byte, error) {
	return confine.Run(ctx, c)
}

// Folder makes a folder for temporary files.
func (w *Workshop) Folder() (string, error) { return os.MkdirTemp(w.cfg.Dir, "job-*") }

// Picture makes an image of a PNG or JPEG file.
func (w *Workshop) Picture(ctx context.Context, file *os.File) (*media.Made, error) {
	return w.cfg.Pool.Picture(ctx, file)
}

// Long is how many seconds a conversion may take.
func (w *Workshop) Long() int { return w.cfg.Long }
