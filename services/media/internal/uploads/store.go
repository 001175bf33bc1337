package uploads

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"

	"github.com/tus/tusd/v2/pkg/handler"

	"fresque.dev/services/media/internal/media"
)

// The metadata that is kept with an upload; nothing else that clients send is.
const (
	metaBoard    = "board"
	metaOwner    = "owner"
	metaDeclared = "type"
	metaName     = "name"
	metaKinds    = "kinds"
	metaTrace    = "trace"
)

func uploadOf(info handler.FileInfo) media.Upload {
	u := media.Upload{
		ID: media.ID(info.ID), Size: info.Size,
		Board: media.ID(info.MetaData[metaBoard]), Owner: media.ID(info.MetaData[metaOwner]),
		Declared: info.MetaData[metaDeclared], Name: info.MetaData[metaName], Trace: info.MetaData[metaTrace],
	}
	for _, k := range strings.Fields(info.MetaData[metaKinds]) {
		u.Kinds = append(u.Kinds, media.Kind(k))
	}
	return u
}

// errBusy makes a client ask again: somebody else is creating this upload.
var errBusy = handler.NewError("ERR_UPLOAD_EXISTS", "upload exists", http.StatusConflict)

// errStore is all that a client learns of a failing disk.
var errStore = handler.NewError("ERR_STORE", "upload store failed", http.StatusInternalServerError)

// tusStore is the quarantine as tusd wants it.
type tusStore struct {
	q       *Quarantine
	changed func(media.ID)
	log     *slog.Logger
}

func (s tusStore) useIn(c *handler.StoreComposer) {
	c.UseCore(s)
	c.UseTerminater(s)
}

// NewUpload creates an upload, and never anew one that is there.
func (s tusStore) NewUpload(ctx context.Context, info handler.FileInfo) (handler.Upload, error) {
	s.q.mu.Lock()
	defer s.q.mu.Unlock()
	if _, err := s.q.Find(media.ID(info.ID)); !errors.Is(err, media.ErrNotFound) {
		return nil, errBusy
	}
	u, err := s.q.store.NewUpload(ctx, info)
	return s.wrap(u), s.hide(err)
}

// GetUpload finds an upload. One whose file is no longer needed still shows as
// whole, to a client that did not hear so.
func (s tusStore) GetUpload(ctx context.Context, id string) (handler.Upload, error) {
	r, err := s.q.Find(media.ID(id))
	if errors.Is(err, media.ErrNotFound) {
		return nil, handler.ErrNotFound
	}
	if err != nil {
		return nil, s.hide(err)
	}
	if !r.Held {
		return finished{r}, nil
	}
	u, err := s.q.store.GetUpload(ctx, id)
	if errors.Is(err, handler.ErrNotFound) {
		// It was processed, and let go of, between the two looks.
		if r, err := s.q.Find(media.ID(id)); err == nil && !r.Held {
			return finished{r}, nil
		}
	}
	return s.wrap(u), s.hide(err)
}

// AsTerminatableUpload lets an upload be taken back.
func (s tusStore) AsTerminatableUpload(u handler.Upload) handler.TerminatableUpload {
	return u.(handler.TerminatableUpload)
}

func (s tusStore) wrap(u handler.Upload) handler.Upload {
	if u == nil {
		return nil
	}
	return held{u, s}
}

// hide keeps paths and the like out of responses; the log has them.
func (s tusStore) hide(err error) error {
	var known handler.Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	s.log.Error("upload store failed", "error", err)
	return errStore
}

// held is an upload whose file is in quarantine.
type held struct {
	handler.Upload
	s tusStore
}

// WriteChunk appends to the file.
func (h held) WriteChunk(ctx context.Context, offset int64, src io.Reader) (int64, error) {
	n, err := h.Upload.WriteChunk(ctx, offset, flow{src})
	return n, h.s.hide(err)
}

// FinishUpload puts the whole file on the disk before the client hears that it
// has come, and lets it be processed.
func (h held) FinishUpload(ctx context.Context) error {
	info, err := h.GetInfo(ctx)
	if err != nil {
		return h.s.hide(err)
	}
	id := media.ID(info.ID)
	defer h.s.changed(id)
	f, err := os.OpenFile(h.s.q.file(id), os.O_RDWR, 0)
	if err != nil {
		return h.s.hide(err)
	}
	return h.s.hide(syncAndClose(f))
}

// Terminate takes the upload back. The file is removed when the others know.
func (h held) Terminate(ctx context.Context) error {
	info, err := h.GetInfo(ctx)
	if err != nil {
		return h.s.hide(err)
	}
	id := media.ID(info.ID)
	if _, err := h.s.q.Decide(id, media.Outcome{Refusal: media.Cancelled}); err != nil {
		return h.s.hide(err)
	}
	h.s.changed(id)
	return nil
}

// finished is an upload whose file is gone because it has been processed.
type finished struct{ r media.Record }

// GetInfo says that all has come.
func (f finished) GetInfo(context.Context) (handler.FileInfo, error) {
	return handler.FileInfo{ID: string(f.r.ID), Size: f.r.Size, Offset: f.r.Size}, nil
}

// WriteChunk is never called for a whole file.
func (finished) WriteChunk(context.Context, int64, io.Reader) (int64, error) {
	return 0, handler.ErrNotFound
}

// GetReader has nothing to read.
func (finished) GetReader(context.Context) (io.ReadCloser, error) { return nil, handler.ErrNotFound }

// FinishUpload has happened.
func (finished) FinishUpload(context.Context) error { return nil }

// Terminate comes too late.
func (finished) Terminate(context.Context) error { return handler.ErrNotFound }
