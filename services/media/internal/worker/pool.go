package worker

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"fresque.dev/services/media/internal/media"
)

// Config bounds the workers.
type Config struct {
	// Dir takes the variants while they are being made.
	Dir string
	// Concurrency is how many run at a time.
	Concurrency int
	// Memory is the most one may use, in bytes.
	Memory int64
	// Timeout is how long one may take.
	Timeout time.Duration
}

// Pool runs workers, a few at a time.
type Pool struct {
	cfg   Config
	slots chan struct{}
	exe   string
}

var _ media.Renderer = (*Pool)(nil)

// NewPool makes a pool that runs this program's own file.
func NewPool(cfg Config) (*Pool, error) {
	exe := self
	if exe == "" {
		var err error
		if exe, err = os.Executable(); err != nil {
			return nil, fmt.Errorf("find the program's own file: %w", err)
		}
	}
	return &Pool{cfg, make(chan struct{}, cfg.Concurrency), exe}, nil
}

// Render gives the file to a worker. media.ErrCrashed says that the worker died
// of it or took too long; any other error is not the file's fault.
func (p *Pool) Render(ctx context.Context, file *os.File) (*media.Rendering, error) {
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	out, err := unnamedFile(p.cfg.Dir)
	if err != nil {
		return nil, err
	}
	rendering, err := p.start(ctx, file, out)
	if err != nil || rendering.Refusal != "" {
		return rendering, errors.Join(err, out.Close())
	}
	return rendering, nil
}

// unnamedFile is gone when closed, also after a crash.
func unnamedFile(dir string) (*os.File, error) {
	f, err := os.CreateTemp(dir, "variants-*")
	if err != nil {
		return nil, err
	}
	return f, os.Remove(f.Name())
}

func (p *Pool) start(ctx context.Context, file, out *os.File) (*media.Rendering, error) {
	limited, cancel := context.WithTimeout(ctx, p.cfg.Timeout)
	defer cancel()
	cmd := exec.CommandContext(limited, p.exe, verb,
		"-memory", strconv.FormatInt(p.cfg.Memory, 10),
		"-cpu", strconv.FormatInt(int64(p.cfg.Timeout/time.Second)+1, 10))
	// The garbage collector works harder before the hard limit strikes.
	cmd.Env = []string{fmt.Sprintf("GOMEMLIMIT=%d", p.cfg.Memory*3/4), "GOTRACEBACK=single"}
	cmd.Dir = "/"
	cmd.Stdin = file
	cmd.ExtraFiles = []*os.File{out}
	stdout, stderr := &capped{max: 64 << 10}, &capped{max: 4 << 10}
	cmd.Stdout, cmd.Stderr = stdout, stderr
	cmd.SysProcAttr = attributes()
	cmd.WaitDelay = 5 * time.Second

	// The worker is to die with this program, not with the thread that happens
	// to start it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start worker: %w", err)
	}
	err := cmd.Wait()
	said, started := bytes.CutPrefix(stdout.Bytes(), []byte(hello))
	switch {
	case err == nil:
		return rendering(said, out)
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case !started, cmd.ProcessState != nil && cmd.ProcessState.ExitCode() == exitEnvironment:
		return nil, fmt.Errorf("worker: %w: %s", err, stderr.line())
	default:
		return nil, fmt.Errorf("%w: %w: %s", media.ErrCrashed, err, stderr.line())
	}
}

// rendering turns the report into files. A worker that fell to a hostile file
// might say anything, so everything is checked.
func rendering(raw []byte, out *os.File) (*media.Rendering, error) {
	var r report
	if err := json.Unmarshal(raw, &r); err != nil {
		return nil, fmt.Errorf("%w: report: %w", media.ErrCrashed, err)
	}
	info, err := out.Stat()
	if err != nil {
		return nil, err
	}
	if !r.plausible(info.Size()) {
		return nil, fmt.Errorf("%w: implausible report", media.ErrCrashed)
	}
	if r.Refusal != "" {
		return &media.Rendering{Refusal: r.Refusal}, nil
	}
	files := make([]media.RenderedFile, len(r.Files))
	for i, f := range r.Files {
		files[i] = media.RenderedFile{
			Name: f.Name, Type: f.Type, Width: f.Width, Height: f.Height,
			Body: io.NewSectionReader(out, f.Offset, f.Bytes),
		}
	}
	return media.NewRendering(r.Picture, files, out.Close), nil
}

var (
	namePattern        = regexp.MustCompile(`^w[1-9][0-9]{0,4}\.(webp|jpg|png)$`)
	colourPattern      = regexp.MustCompile(`^#[0-9a-f]{6}$`)
	placeholderPattern = regexp.MustCompile(`^data:image/webp;base64,[A-Za-z0-9+/=]{1,1000}$`)
	typesByExtension   = map[string]string{"webp": "image/webp", "jpg": "image/jpeg", "png": "image/png"}
)

func (r report) plausible(written int64) bool {
	if r.Refusal != "" {
		return slices.Contains([]media.Code{media.NotAPicture, media.TypeUnsupported, media.TooManyPixels, media.Damaged}, r.Refusal)
	}
	p := r.Picture
	if media.CheckSize(p.Width, p.Height) != "" || !colourPattern.MatchString(p.Colour) ||
		!placeholderPattern.MatchString(p.Placeholder) || len(p.Variants) > 0 || len(r.Files) < 2 || len(r.Files) > 8 {
		return false
	}
	for _, f := range r.Files {
		m := namePattern.FindStringSubmatch(f.Name)
		if m == nil || typesByExtension[m[1]] != f.Type || media.CheckSize(f.Width, f.Height) != "" ||
			f.Offset < 0 || f.Bytes < 1 || f.Offset+f.Bytes > written {
			return false
		}
	}
	return true
}

// capped keeps the first max bytes of what is written and drops the rest.
type capped struct {
	bytes.Buffer
	max int
}

func (c *capped) Write(p []byte) (int, error) {
	c.Buffer.Write(p[:min(len(p), c.max-c.Len())])
	return len(p), nil
}

// line is the first line, for a log.
func (c *capped) line() string {
	s, _, _ := strings.Cut(strings.TrimSpace(c.String()), "\n")
	return s
}
