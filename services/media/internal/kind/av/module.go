package av

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"fresque.dev/services/media/internal/confine"
	"fresque.dev/services/media/internal/kind"
	"fresque.dev/services/media/internal/media"
)

// Module is the kinds of sounds and videos.
type Module struct{}

var _ kind.Module = Module{}

// The tools. Without them a file is served as it was sent when its container is
// one that browsers know; it then keeps its metadata, and shows no poster.
const (
	ToolProbe   = "ffprobe"
	ToolConvert = "ffmpeg"
)

const (
	convertMemory = 2 << 30
	// posterWithin bounds looking for one still picture.
	posterWithin = 2 * time.Minute
	// growth bounds what a conversion writes: this many times what was sent, and
	// leastSize at least.
	growth    = 3
	leastSize = 64 << 20
	// videoWidth and videoHeight bound a converted video, in pixels: what a
	// projector in a classroom shows.
	videoWidth, videoHeight = 1280, 1280
	// posterSide is the most of a poster's sides, in pixels.
	posterSide = 1280
	// shorter tells that much of a file was missing: how much of the time it
	// claims is there.
	shorter = 0.8
)

// Inside has nothing to do without tools.
func (Module) Inside(kind.File, kind.Found, kind.Output) (media.Code, error) { return "", nil }

// Make makes what browsers play, and a poster.
func (Module) Make(ctx context.Context, shop kind.Workshop, job kind.Job) (err error) {
	in := containerOf(job.Found)
	if shop.Tool(ToolProbe) == "" || shop.Tool(ToolConvert) == "" {
		return asItIs(job, in)
	}
	dir, err := shop.Folder()
	if err != nil {
		return err
	}
	job.Made.OnClose(func() error { return os.RemoveAll(dir) })
	c, err := probe(ctx, shop, dir, job.Source, in.demuxer)
	if err != nil {
		return refuseIfFaulty(err, job.Made)
	}
	if refusal := judge(c, in, &job); refusal != "" {
		job.Made.Refusal = refusal
		return nil
	}
	m := making{shop, dir, in, c, job}
	if err := m.file(ctx); err != nil {
		return refuseIfFaulty(err, job.Made)
	}
	if job.Made.Refusal != "" || c.video == nil {
		return nil
	}
	return m.poster(ctx)
}

// asItIs serves what was sent, where no tool can look at it.
func asItIs(job kind.Job, in container) error {
	if in.video == quicktime.video && job.Kind == media.Video {
		job.Made.Refusal = media.NotPlayable
		return nil
	}
	job.Made.File = &media.MadeFile{Extension: job.Extension, Body: io.NewSectionReader(job.Source, 0, job.Size)}
	return nil
}

// judge tells what the file turned out to be, or why it is refused.
func judge(c contents, in container, job *kind.Job) media.Code {
	is, as := media.Video, in.video
	switch {
	case c.video == nil && c.sound == nil:
		return media.Damaged
	case c.video == nil:
		is, as = media.Audio, in.sound
	case in.video.mediaType == "":
		return media.TypeUnsupported // a video in a container for sounds
	}
	if !job.MayBe(is) {
		return media.TypeMismatch
	}
	if c.video != nil {
		if code := media.CheckSize(c.video.Width, c.video.Height); code != "" {
			return code
		}
	}
	job.Made.Kind, job.Made.Type = is, as.mediaType
	return ""
}

// making is one file in the making.
type making struct {
	shop kind.Workshop
	dir  string
	in   container
	contents
	kind.Job
}

// file makes what is played: what was sent without its metadata where browsers
// play that, else another version of it; what was sent then stays too.
func (m making) file(ctx context.Context) error {
	as, plays := m.plays(m.in)
	how := []string{"-c", "copy"}
	if !plays {
		how = m.encoding()
	}
	played, err := m.convert(ctx, "played", as, how)
	if err != nil {
		return err
	}
	after, err := m.lookAt(ctx, played, as)
	if err != nil {
		return err
	}
	if m.duration > 1 && after < m.duration*shorter {
		m.Made.Refusal = media.Damaged
		return nil
	}
	m.Made.Duration = after
	m.Made.File, err = m.open(played, as)
	if err != nil || plays {
		return err
	}
	return m.original(ctx)
}

// original keeps what was sent, without its metadata.
func (m making) original(ctx context.Context) error {
	as := m.in.sound
	if m.video != nil {
		as = m.in.video
	}
	kept, err := m.convert(ctx, "original", as, []string{"-c", "copy"})
	if errors.Is(err, confine.ErrFailed) {
		return nil // its container does not take it: what is played stays
	}
	if err != nil {
		return err
	}
	m.Made.Original, err = m.open(kept, as)
	return err
}

// muxers are the forms in which ffmpeg writes, by extension.
var muxers = map[string]string{
	"mp4": "mp4", "mov": "mov", "m4a": "ipod", "webm": "webm", "weba": "webm", "oga": "ogg", "mp3": "mp3", "aac": "adts", "wav": "wav",
}

// convert writes the sound and the picture, and nothing else, to a new file.
func (m making) convert(ctx context.Context, name string, as sort, how []string) (string, error) {
	args := []string{"-nostdin", "-v", "error", "-y", "-threads", "2", "-protocol_whitelist", "file", "-f", m.in.demuxer, "-i", thisFile}
	if m.video != nil {
		args = append(args, "-map", "0:V:0")
	}
	if m.sound != nil {
		args = append(args, "-map", "0:a:0")
	}
	args = append(args, "-sn", "-dn", "-map_metadata", "-1", "-map_metadata:s", "-1", "-map_chapters", "-1", "-fflags", "+bitexact", "-flags", "+bitexact")
	args = append(args, how...)
	if as.extension == "mp4" || as.extension == "m4a" || as.extension == "mov" {
		args = append(args, "-movflags", "+faststart", "-empty_hdlr_name", "1")
	}
	if as.extension == "mp3" {
		args = append(args, "-id3v2_version", "0")
	}
	path := filepath.Join(m.dir, name+"."+as.extension)
	args = append(args, "-f", muxers[as.extension], "file:"+path)
	_, err := m.shop.Run(ctx, confine.Command{
		Path: m.shop.Tool(ToolConvert), Args: args, Dir: m.dir, Stdin: m.Source, Memory: convertMemory,
		FileSize: max(leastSize, growth*m.Size), Timeout: time.Duration(m.shop.Long()) * time.Second,
	})
	return path, err
}

// encoding is that of what every browser plays.
func (m making) encoding() []string {
	var how []string
	if m.video != nil {
		scale := fmt.Sprintf("scale=w='min(%d,iw)':h='min(%d,ih)':force_original_aspect_ratio=decrease:force_divisible_by=2", videoWidth, videoHeight)
		how = append(how, "-c:v", "libx264", "-preset", "veryfast", "-crf", "24", "-profile:v", "high", "-pix_fmt", "yuv420p",
			"-fpsmax", "30", "-vf", scale, "-g", "120")
	}
	if m.sound != nil {
		how = append(how, "-c:a", "aac", "-b:a", "128k", "-ac", "2", "-ar", "48000")
	}
	return how
}

// lookAt tells how long what was made is, in seconds.
func (m making) lookAt(ctx context.Context, path string, as sort) (float64, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", confine.ErrFailed, err)
	}
	defer f.Close()
	c, err := probe(ctx, m.shop, m.dir, f, containerOf(kind.Found{Type: as.mediaType}).demuxer)
	return c.duration, err
}

func (m making) open(path string, as sort) (*media.MadeFile, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	m.Made.OnClose(f.Close)
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	return &media.MadeFile{Extension: as.extension, Body: io.NewSectionReader(f, 0, info.Size())}, nil
}

// poster makes the picture of a moment near the beginning. A video without one
// is a video all the same.
func (m making) poster(ctx context.Context) error {
	at := min(1, m.Made.Duration/3)
	const name = "poster.png"
	return kind.Draw(ctx, m.shop, m.Made, confine.Command{
		Path: m.shop.Tool(ToolConvert), Dir: m.dir, Stdin: m.Source, Memory: convertMemory, FileSize: leastSize, Timeout: posterWithin,
		Args: []string{
			"-nostdin", "-v", "error", "-y", "-threads", "2", "-protocol_whitelist", "file",
			"-ss", strconv.FormatFloat(at, 'f', 3, 64), "-f", m.in.demuxer, "-i", thisFile,
			"-map", "0:V:0", "-frames:v", "1", "-an", "-sn", "-dn", "-map_metadata", "-1",
			"-vf", fmt.Sprintf("scale=w='min(%d,iw)':h='min(%d,ih)':force_original_aspect_ratio=decrease", posterSide, posterSide),
			"-c:v", "png", "-f", "image2", "-update", "1", filepath.Join(m.dir, name),
		},
	}, name)
}

// refuseIfFaulty makes a refusal of a tool's failure; what is not the file's
// fault is tried again.
func refuseIfFaulty(err error, made *media.Made) error {
	switch {
	case errors.Is(err, confine.ErrTimeout):
		made.Refusal = media.TooSlow
	case errors.Is(err, confine.ErrFailed):
		made.Refusal = media.Damaged
	default:
		return err
	}
	return nil
}
