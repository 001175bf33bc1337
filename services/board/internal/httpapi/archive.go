package httpapi

import (
	"bufio"
	"cmp"
	"context"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"

	"fresque.dev/services/board/internal/archive"
	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/fault"
)

const (
	archivePath = "/boards/{board}/archive.zip"
	// archivesAtOnce bounds the archives that one replica writes, archivesFrom those
	// that one address fetches from it; a person fetches one.
	archivesAtOnce, archivesFrom = 8, 4
	// archiveRetry is in how many seconds to try again.
	archiveRetry = 20
	// archiveStill is how long whoever fetches one may take nothing.
	archiveStill = time.Minute
)

type zipInput struct {
	BoardPath
	Language string `query:"lang" enum:"fr,en" doc:"Of the page; the board's when left out"`
}

var errArchives = fault.New(fault.RateLimited, "archive_busy").With(paramRetryAfter, archiveRetry)

func (a *API) registerArchive() {
	a.archives = newOpen(Limits{AddressStreams: archivesFrom, SessionStreams: 1, Streams: archivesAtOnce})
	const summary = "Read a whole board as a ZIP: index.html to read, board.json to import again, and media/ with the files"
	a.handleArchive(huma.Operation{
		OperationID: "readArchive", Method: http.MethodGet, Path: archivePath, Tags: []string{"Boards"}, Security: needsSession(), Summary: summary,
	}, func(ctx context.Context) (string, archiveReader) {
		p := mustPrincipal(ctx)
		return string(p.Participant), func(id board.ID) (*board.Archive, error) { return a.Service.ArchiveOf(ctx, p, id) }
	})
	a.handleArchive(below("/operator/boards", "Boards", needsOperator())("readOperatorArchive", http.MethodGet, "/{board}/archive.zip", summary),
		func(ctx context.Context) (string, archiveReader) {
			return "operator", func(id board.ID) (*board.Archive, error) { return a.Service.ArchiveForOperator(ctx, id) }
		})
	a.handleArchive(asPlatform("/boards", scopeBoards)("readPlatformArchive", http.MethodGet, "/{board}/archive.zip", summary),
		func(ctx context.Context) (string, archiveReader) {
			p := mustPlatform(ctx)
			return string(p.ID), func(id board.ID) (*board.Archive, error) { return a.Service.ArchivePlatformBoard(ctx, p, id) }
		})
}

// archiveReader reads a whole board.
type archiveReader func(board.ID) (*board.Archive, error)

// handleArchive registers one way to an archive. as tells who asks, and how they
// read one.
func (a *API) handleArchive(op huma.Operation, as func(context.Context) (string, archiveReader)) {
	handle(a, op, func(ctx context.Context, in *zipInput) (*huma.StreamResponse, error) {
		who, read := as(ctx)
		found, leave, err := readInTurn(ctx, a.archives, who, in.id(), read)
		if err != nil {
			return nil, err
		}
		return &huma.StreamResponse{Body: func(ctx huma.Context) { a.sendArchive(ctx, found, in.language(found), leave) }}, nil
	})
	a.answersFile(op.Path, "The archive", "application/zip")
}

// readInTurn reads a board where there is room for one more, and not before: it is
// all in memory then. leave gives the room back.
func readInTurn(ctx context.Context, room *open, who string, id board.ID, read archiveReader) (found *board.Archive, leave func(), err error) {
	if leave, err = room.enter(addressOf(ctx), who); err != nil {
		return nil, nil, errArchives
	}
	if found, err = read(id); err != nil {
		leave()
		return nil, nil, err
	}
	return found, leave, nil
}

// language is that of the words around what people wrote.
func (in *zipInput) language(found *board.Archive) string {
	return cmp.Or(in.Language, found.Board.Language)
}

// answersFile documents that a file is answered.
func (a *API) answersFile(path, description, mediaType string) {
	answer := a.huma.OpenAPI().Paths[Base+path].Get.Responses
	for status := range answer {
		if status < "400" {
			delete(answer, status)
		}
	}
	answer["200"] = &huma.Response{
		Description: description, Content: map[string]*huma.MediaType{mediaType: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}},
	}
}

// Packed tells, by its path, an answer in which nothing is left to compress: that of
// gigabytes would keep a processor busy for minutes.
func Packed(path string) bool {
	return strings.HasSuffix(path, ".zip") || strings.HasSuffix(path, ".pdf")
}

// beginFile begins an answer that is a file to keep, and gives its connection,
// whose deadlines are that answer's alone.
func beginFile(c *fiber.Ctx, mediaType, name string) net.Conn {
	c.Status(http.StatusOK)
	c.Set("Content-Type", mediaType)
	c.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	c.Set("Cache-Control", "no-store")
	c.Context().SetConnectionClose()
	return c.Context().Conn()
}

// sendArchive writes an archive as it is made. The request's own deadlines are for
// answers that are there at once: this one may take as long as something is taken.
func (a *API) sendArchive(ctx huma.Context, found *board.Archive, language string, leave func()) {
	c := humafiber.Unwrap(ctx)
	conn := beginFile(c, "application/zip", "wall.zip")
	c.Context().SetBodyStreamWriter(func(w *bufio.Writer) {
		defer leave()
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		err := archive.Write(ctx, rolling{w, conn}, a.Files, found, func(t *board.Transfer) archive.Page {
			return a.archivePage(found, t, language)
		})
		if err != nil {
			// Without its end nobody takes it for a whole one.
			a.Log.Info("archive not sent", "board", found.Board.ID, "error", err)
			_ = conn.Close()
		}
	})
}

// rolling puts off the deadline of a connection whenever something is written.
type rolling struct {
	w    *bufio.Writer
	conn net.Conn
}

// Write writes on.
func (r rolling) Write(p []byte) (int, error) {
	if err := r.conn.SetWriteDeadline(time.Now().Add(archiveStill)); err != nil {
		return 0, err
	}
	return r.w.Write(p)
}
