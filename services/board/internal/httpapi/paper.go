package httpapi

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"

	"fresque.dev/services/board/internal/archive"
	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/board/internal/paper"
)

const (
	paperPath = "/boards/{board}/wall.pdf"
	// papersAtOnce bounds the documents that one replica lays out or lets wait,
	// papersFrom those of one address.
	papersAtOnce, papersFrom = 16, 4
	// paperWithin is how long somebody waits for one, less than the minute that
	// proxies do: longer than for other answers, as all of it is made before it begins.
	paperWithin = 50 * time.Second
	// picturesLarge is up to how many pictures they are shown of the larger size.
	picturesLarge              = 300
	pictureLarge, pictureSmall = 640, 320
)

func (a *API) registerPaper() {
	a.press = paper.NewPress()
	a.papers = newOpen(Limits{AddressStreams: papersFrom, SessionStreams: 1, Streams: papersAtOnce})
	handle(a, huma.Operation{
		OperationID: "readPaper", Method: http.MethodGet, Path: paperPath, Tags: []string{"Boards"}, Security: needsSession(),
		Summary: "Read a whole board as a PDF, as trainers see it: tagged, with a bookmark for each section and post",
	}, a.readPaper)
	a.answersFile(paperPath, "The document", "application/pdf")
}

func (a *API) readPaper(ctx context.Context, in *zipInput) (*huma.StreamResponse, error) {
	p := mustPrincipal(ctx)
	read := func(id board.ID) (*board.Archive, error) { return a.Service.ArchiveOf(ctx, p, id) }
	found, leave, err := readInTurn(ctx, a.papers, string(p.Participant), in.id(), read)
	if err != nil {
		return nil, err
	}
	pictured(found)
	raw, err := a.layOut(ctx, a.archivePage(found, found.Transfer, in.language(found)))
	if err != nil {
		leave()
		return nil, err
	}
	return &huma.StreamResponse{Body: func(ctx huma.Context) { sendPaper(ctx, raw, leave) }}, nil
}

// layOut makes a document, in a time of its own.
func (a *API) layOut(ctx context.Context, page archive.Page) ([]byte, error) {
	ctx, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), paperWithin, paper.ErrTooLong)
	defer cancel()
	var raw bytes.Buffer
	err := a.press.Write(ctx, &raw, a.Files, page)
	if errors.Is(err, paper.ErrBusy) {
		err = errArchives
	}
	return raw.Bytes(), err
}

// pictured names the pictures that stand for uploads on paper, by where they are
// read, and how large the files are that stay on the wall.
func pictured(found *board.Archive) {
	width := pictureLarge
	if len(found.Transfer.Media) > picturesLarge {
		width = pictureSmall
	}
	for i := range found.Transfer.Media {
		one := &found.Transfer.Media[i]
		m := found.Uploads[board.ID(one.ID)]
		if m == nil {
			continue
		}
		for _, f := range []*board.File{m.File, m.Original} {
			if f != nil {
				one.Size = f.Size
			}
		}
		if m.Picture == nil {
			continue
		}
		for _, v := range m.Picture.Variants {
			if one.Poster == "" || v.Width <= width {
				one.Poster = v.Path
			}
		}
	}
}

// sendPaper sends a document to whoever takes it, however slowly: they keep their
// room until they have it, as it is in memory so long.
func sendPaper(ctx huma.Context, raw []byte, leave func()) {
	c := humafiber.Unwrap(ctx)
	conn := beginFile(c, "application/pdf", "wall.pdf")
	c.Context().SetBodyStream(&taken{bytes.NewReader(raw), conn, leave}, len(raw))
}

// taken puts off the deadline of a connection whenever more is taken.
type taken struct {
	*bytes.Reader
	conn  net.Conn
	leave func()
}

// Close gives the room back.
func (t *taken) Close() error {
	t.leave()
	return nil
}

// Read reads on.
func (t *taken) Read(p []byte) (int, error) {
	if err := t.conn.SetWriteDeadline(time.Now().Add(archiveStill)); err != nil {
		return 0, err
	}
	n, err := t.Reader.Read(p)
	if t.Len() == 0 {
		t.leave() // the last of it is on its way
	}
	return n, err
}

// WriteTo would send all at once, under one deadline.
func (t *taken) WriteTo(w io.Writer) (int64, error) {
	return io.Copy(w, struct{ io.Reader }{t})
}
