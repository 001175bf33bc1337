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
	"strconv"
	"strings"
	"time"

	"fresque.dev/services/media/internal/kind"
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

// Examine gives the file to a worker, which tells what it is and makes what
// needs no tools. media.ErrCrashed says that the worker died of it or took too
// long; any other error is not the file's fault.
func (p *Pool) Examine(ctx context.Context, u media.Upload, file *os.File) (*media.Made, kind.Found, error) {
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-ctx.Done():
		return nil, kind.Found{}, ctx.Err()
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, kind.Found{}, err
	}
	out, err := unnamedFile(p.cfg.Dir)
	if err != nil {
		return nil, kind.Found{}, err
	}
	r, err := p.start(ctx, u, file, out)
	if err != nil || r.Refusal != "" {
		return &media.Made{Refusal: r.Refusal}, kind.Found{}, errors.Join(err, out.Close())
	}
	return r.made(out), kind.Found{Kind: r.Kind, Type: r.Type, Extension: r.Extension}, nil
}

// Picture makes an image of a picture that a tool has made.
func (p *Pool) Picture(ctx context.Context, file *os.File) (*media.Made, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	made, _, err := p.Examine(ctx, media.Upload{Size: info.Size()}, file)
	return made, err
}

// unnamedFile is gone when closed, also after a crash.
func unnamedFile(dir string) (*os.File, error) {
	f, err := os.CreateTemp(dir, "variants-*")
	if err != nil {
		return nil, err
	}
	return f, os.Remove(f.Name())
}

func (p *Pool) start(ctx context.Context, u media.Upload, file, out *os.File) (report, error) {
	about, err := json.Marshal(u)
	if err != nil {
		return report{}, err
	}
	limited, cancel := context.WithTimeout(ctx, p.cfg.Timeout)
	defer cancel()
	cmd := exec.CommandContext(limited, p.exe, verb,
		"-memory", strconv.FormatInt(p.cfg.Memory, 10),
		"-cpu", strconv.FormatInt(int64(p.cfg.Timeout/time.Second)+1, 10),
		"-upload", string(about))
	// The garbage collector works harder before the hard limit strikes.
	cmd.Env = append([]string{fmt.Sprintf("GOMEMLIMIT=%d", p.cfg.Memory*3/4), "GOTRACEBACK=single"}, atEnd...)
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
		return report{}, fmt.Errorf("start worker: %w", err)
	}
	err = cmd.Wait()
	said, started := bytes.CutPrefix(stdout.Bytes(), []byte(hello))
	switch {
	case err == nil:
		return read(said, out)
	case ctx.Err() != nil:
		return report{}, ctx.Err()
	case !started, cmd.ProcessState != nil && cmd.ProcessState.ExitCode() == exitEnvironment:
		return report{}, fmt.Errorf("worker: %w: %s", err, stderr.line())
	default:
		return report{}, fmt.Errorf("%w: %w: %s", media.ErrCrashed, err, stderr.line())
	}
}

// read checks a report. A worker that fell to a hostile file might say
// anything, so everything is checked.
func read(raw []byte, out *os.File) (report, error) {
	var r report
	if err := json.Unmarshal(raw, &r); err != nil {
		return r, fmt.Errorf("%w: report: %w", media.ErrCrashed, err)
	}
	info, err := out.Stat()
	if err != nil {
		return r, err
	}
	if !r.plausible(info.Size()) {
		return r, fmt.Errorf("%w: implausible report", media.ErrCrashed)
	}
	return r, nil
}

// made turns a report into files.
func (r report) made(out *os.File) *media.Made {
	m := &media.Made{Kind: r.Kind, Type: r.Type, Image: r.Image}
	m.OnClose(out.Close)
	for _, v := range r.Variants {
		m.Variants = append(m.Variants, media.MadeVariant{
			Name: v.Name, Type: v.Type, Width: v.Width, Height: v.Height, Body: io.NewSectionReader(out, v.Offset, v.Bytes),
		})
	}
	if r.File != nil {
		m.File = &media.MadeFile{Extension: r.File.Name, Body: io.NewSectionReader(out, r.File.Offset, r.File.Bytes)}
	}
	return m
}

var (
	namePattern        = regexp.MustCompile(`^w[1-9][0-9]{0,4}\.(webp|jpg|png)$`)
	colourPattern      = regexp.MustCompile(`^#[0-9a-f]{6}$`)
	placeholderPattern = regexp.MustCompile(`^data:image/webp;base64,[A-Za-z0-9+/=]{1,1000}$`)
	typesByExtension   = map[string]string{"webp": "image/webp", "jpg": "image/jpeg", "png": "image/png"}
)

func (r report) plausible(written int64) bool {
	if r.Refusal != "" {
		return r.Refusal.FromExamination()
	}
	if !r.Kind.Known() || (r.Kind == media.Picture) != (r.Image != nil) || (r.Kind == media.Picture) == (len(r.Variants) == 0) {
		return false
	}
	if r.File != nil {
		_, served := media.TypeByExtension(r.File.Name)
		if !served || r.Kind != media.Document || !r.File.within(written) {
			return false
		}
	}
	if r.Image == nil {
		_, served := media.TypeByExtension(r.Extension)
		return served
	}
	return plausibleImage(*r.Image, r.Variants, written)
}

func plausibleImage(p media.Image, variants []reported, written int64) bool {
	if media.CheckSize(p.Width, p.Height) != "" || !colourPattern.MatchString(p.Colour) ||
		!placeholderPattern.MatchString(p.Placeholder) || len(p.Variants) > 0 || len(variants) < 2 || len(variants) > 8 {
		return false
	}
	for _, f := range variants {
		m := namePattern.FindStringSubmatch(f.Name)
		if m == nil || typesByExtension[m[1]] != f.Type || media.CheckSize(f.Width, f.Height) != "" || !f.within(written) {
			return false
		}
	}
	return true
}

// within tells a part of what was written.
func (f reported) within(written int64) bool {
	return f.Offset >= 0 && f.Bytes >= 1 && f.Offset+f.Bytes <= written
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
