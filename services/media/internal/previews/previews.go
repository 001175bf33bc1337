package previews

import (
	"context"
	"crypto/sha256"
	"errors"
	"log/slog"
	"os"
	"time"

	"fresque.dev/services/media/internal/media"
)

// Config is what previews are made with.
type Config struct {
	// Reader is nil where the operator wants no page to be read.
	Reader    media.PageReader
	Pictures  Pictures
	Objects   media.Objects
	Publisher media.Publisher
	// Secret makes object names unguessable.
	Secret []byte
	// Dir takes pictures while they are looked at.
	Dir string
	Log *slog.Logger
	Now func() time.Time
}

// Pictures makes images of pictures that were fetched.
type Pictures interface {
	Picture(ctx context.Context, file *os.File) (*media.Made, error)
}

// Maker makes previews.
type Maker struct {
	Config
	seen *cache
}

// New makes a maker.
func New(cfg Config) *Maker {
	return &Maker{Config: cfg, seen: newCache(cfg.Now)}
}

// Make makes one preview and tells of it. An error means that it is to be asked
// for again: a page that cannot be read is an answer and none. No address is in
// it, nor in the log: one may open what is not for all.
func (m *Maker) Make(ctx context.Context, in media.Unfurl) error {
	outcome, err := m.outcome(ctx, in)
	if err != nil {
		return err
	}
	m.Log.Info("preview made", "media", in.Media, "board", in.Board, "refusal", string(outcome.Refusal), "picture", outcome.Picture != nil)
	return m.Publisher.Publish(ctx, media.Previewed(in, outcome))
}

func (m *Maker) outcome(ctx context.Context, in media.Unfurl) (media.Outcome, error) {
	if m.Reader == nil {
		return media.Outcome{Refusal: media.Unreadable}, nil
	}
	read, err := m.seen.read(in, func() (found, error) { return m.read(ctx, in.Lookup) })
	if err != nil {
		return unread(in, err), ctx.Err()
	}
	out := media.Outcome{Link: &read.link}
	if read.picture != nil {
		out.Picture, err = m.picture(ctx, in, read.picture)
	}
	if err == nil && out.Picture == nil && read.link.Title == "" {
		out = media.Outcome{Refusal: media.Unreadable}
	}
	return out, err
}

// unread is what comes of a page that was not read, for whatever reason.
func unread(in media.Unfurl, why error) media.Outcome {
	if errors.Is(why, media.ErrRestricted) {
		return media.Outcome{Link: &media.Link{Host: in.Host(), Restricted: true}}
	}
	return media.Outcome{Refusal: media.Unreadable}
}

// read reads a page, and its picture if it has one that can be had.
func (m *Maker) read(ctx context.Context, l media.Lookup) (found, error) {
	page, err := m.Reader.Read(ctx, l)
	if err != nil {
		return found{}, err
	}
	out := found{link: page.Link}
	if page.Picture != "" {
		if picture, err := m.Reader.Picture(ctx, page.Picture); err == nil {
			out.picture = picture
		}
	}
	return out, nil
}

// picture makes the variants of a picture and stores them; nil for one that is
// not taken.
func (m *Maker) picture(ctx context.Context, in media.Unfurl, raw []byte) (_ *media.Image, err error) {
	f, err := os.CreateTemp(m.Dir, "preview-*")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if err := os.Remove(f.Name()); err != nil {
		return nil, err
	}
	if _, err := f.Write(raw); err != nil {
		return nil, err
	}
	made, err := m.Pictures.Picture(ctx, f)
	if errors.Is(err, media.ErrCrashed) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, made.Close()) }()
	if made.Refusal != "" {
		return nil, nil
	}
	picture := *made.Image
	upload := media.Upload{ID: in.Media, Board: in.Board}
	for _, file := range made.Variants {
		key := media.NewKey(m.Secret, upload, sha256.Sum256(raw), file.Name)
		if err := m.Objects.Put(ctx, key, file.Body, file.Body.Size()); err != nil {
			return nil, err
		}
		picture.Variants = append(picture.Variants, media.Variant{
			Path: key.Path(), Type: file.Type, Width: file.Width, Height: file.Height, Bytes: file.Body.Size(),
		})
	}
	return &picture, nil
}
