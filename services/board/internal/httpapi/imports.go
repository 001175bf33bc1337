package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"golang.org/x/sync/semaphore"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/board/internal/view"
)

const (
	// ImportPath is where a platform sends a whole board at once.
	ImportPath = Base + "/platform/boards/import"
	// ImportWallPath is the same, of a wall of an account's.
	ImportWallPath = Base + "/account/walls/import"
	// ImportOperatorPath is the same, for the operator.
	ImportOperatorPath = Base + "/operator/boards/import"
	// ImportLimit is the most bytes that it may have.
	ImportLimit = 16 << 20
	// importsAtOnce bounds the boards that one replica reads and makes at a time,
	// each of which may take a hundred MiB, and importWait how long others wait: the
	// making must have time left of what a request has.
	importsAtOnce = 2
	importWait    = 4 * time.Second
)

type importInput struct {
	IdempotencyKey
	ExternalID string `query:"externalId" maxLength:"800" doc:"What the platform calls the board"`
	Title      string `query:"title" maxLength:"800" doc:"That of the export when left out"`
	RawBody    []byte `contentType:"application/json"`
}

type importWallInput struct {
	ID      string `query:"id" format:"uuid" doc:"Made by the client, so that a retry makes one wall and tells how far its files are"`
	Title   string `query:"title" maxLength:"800" doc:"That of the export when left out"`
	RawBody []byte `contentType:"application/json"`
}

// ImportedMedia is a file of an export that is to be sent.
type ImportedMedia struct {
	ID      string  `json:"id" format:"uuid"`
	File    string  `json:"file" doc:"What the archive calls it"`
	Name    string  `json:"name,omitempty"`
	Type    string  `json:"type,omitempty"`
	State   string  `json:"state" enum:"uploading,scanning,processing,ready,refused"`
	Refusal string  `json:"refusal,omitempty" doc:"Stable code of why it was refused"`
	Upload  *Upload `json:"upload,omitempty" doc:"Where to send it, while it is still to come"`
}

// ImportedFiles are those of a board that was made out of an export. Huma reads
// embedded structs only when exported.
type ImportedFiles struct {
	Media   []ImportedMedia `json:"media" nullable:"false" doc:"Files that are to be sent; repeat the import to read how far they are"`
	Without LeftOut         `json:"without" doc:"Files that the export has not, and posts that were nothing else"`
}

// ImportedBoard is a board that was made out of an export.
type ImportedBoard struct {
	PlatformBoard
	ImportedFiles
}

type importedBoardOutput struct {
	ETag         string `header:"ETag"`
	CacheControl string `header:"Cache-Control"`
	Body         ImportedBoard
}

// ImportedWall is a wall that was made out of an export.
type ImportedWall struct {
	Wall OwnedWall `json:"wall"`
	ImportedFiles
}

type importedWallOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         ImportedWall
}

// ImportedWithLinks is what the operator is told of a board that was made out of
// an export.
type ImportedWithLinks struct {
	BoardWithLinks
	ImportedFiles
}

type importedWithLinksOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         ImportedWithLinks
}

func (a *API) registerImports() {
	a.importing = semaphore.NewWeighted(importsAtOnce)
	const summary = "Make a board out of what was exported"
	takes := func(op huma.Operation) huma.Operation {
		op.MaxBodyBytes, op.SkipValidateBody = ImportLimit, true
		return with(http.StatusCreated, op)
	}
	handle(a, takes(asPlatform("/boards", scopeBoards)("importPlatformBoard", http.MethodPost, "/import", summary)), inTurn(a, a.importPlatformBoard))
	handle(a, takes(below("/account/walls", "My walls", needsAccount())("importWall", http.MethodPost, "/import", "Make a wall of one's own out of what was exported")), inTurn(a, a.importWall))
	handle(a, takes(below("/operator/boards", "Boards", needsOperator())("importBoard", http.MethodPost, "/import", "Make a board and its links out of what was exported")), inTurn(a, a.importBoard))
}

// inTurn has an import wait for its turn.
func inTurn[In, Out any](a *API, do func(context.Context, *In) (*Out, error)) func(context.Context, *In) (*Out, error) {
	return func(ctx context.Context, in *In) (*Out, error) {
		waiting, cancel := context.WithTimeoutCause(ctx, importWait, errArchives)
		defer cancel()
		if a.importing.Acquire(waiting, 1) != nil {
			return nil, context.Cause(waiting)
		}
		defer a.importing.Release(1)
		return do(ctx, in)
	}
}

func (a *API) importPlatformBoard(ctx context.Context, in *importInput) (*importedBoardOutput, error) {
	t, err := board.ReadTransfer(in.RawBody)
	if err != nil {
		return nil, err
	}
	p := mustPlatform(ctx)
	made, err := a.Service.ImportPlatformBoard(ctx, p, board.Import{Key: in.Key, External: in.ExternalID, Title: in.Title, Transfer: t})
	if err != nil {
		return nil, err
	}
	out, err := a.platformBoard(made.Board, nil)
	if err != nil {
		return nil, err
	}
	files, err := a.importedFiles(ctx, made, p.ID)
	return &importedBoardOutput{ETag: out.ETag, CacheControl: out.CacheControl, Body: ImportedBoard{
		PlatformBoard: out.Body, ImportedFiles: files,
	}}, err
}

func (a *API) importWall(ctx context.Context, in *importWallInput) (*importedWallOutput, error) {
	t, err := board.ReadTransfer(in.RawBody)
	if err != nil {
		return nil, err
	}
	account := mustAccount(ctx)
	id, _ := board.ParseID(in.ID)
	made, err := a.Service.ImportWall(ctx, account, board.WallImport{ID: id, Title: in.Title, Transfer: t})
	if err != nil {
		return nil, err
	}
	told, err := a.wallAnswer(ctx, made.ID, nil)
	if err != nil {
		return nil, err
	}
	files, err := a.importedFiles(ctx, made, account.ID)
	return &importedWallOutput{CacheControl: "no-store", Body: ImportedWall{Wall: told.Body, ImportedFiles: files}}, err
}

// importedFiles tells how far the uploads of an import are, with what opens those
// that are still to come.
func (a *API) importedFiles(ctx context.Context, made *board.Imported, who board.ID) (ImportedFiles, error) {
	out := make([]ImportedMedia, 0, len(made.Media))
	for _, m := range made.Media {
		one := ImportedMedia{ID: string(m.ID), File: m.File, Name: m.Name, Type: m.Type, State: string(m.State), Refusal: m.Refusal}
		if m.State == board.MediaUploading {
			upload, err := a.uploadFor(ctx, m.Ticket, who)
			if err != nil {
				return ImportedFiles{}, err
			}
			one.Upload = &upload
		}
		out = append(out, one)
	}
	return ImportedFiles{Media: out, Without: LeftOut(made.Without)}, nil
}

func (a *API) importBoard(ctx context.Context, in *importWallInput) (*importedWithLinksOutput, error) {
	t, err := board.ReadTransfer(in.RawBody)
	if err != nil {
		return nil, err
	}
	id, _ := board.ParseID(in.ID)
	made, links, err := a.Service.ImportBoard(ctx, board.WallImport{ID: id, Title: in.Title, Transfer: t})
	if err != nil {
		return nil, err
	}
	actsOn(ctx, made.ID)
	sight, err := a.Service.SightOf(ctx, made.ID)
	if err != nil {
		return nil, err
	}
	files, err := a.importedFiles(ctx, made, "operator")
	return &importedWithLinksOutput{CacheControl: "no-store", Body: ImportedWithLinks{
		BoardWithLinks: BoardWithLinks{Board: *a.View.Board(made.Board, view.Viewer{Level: board.LevelModerators, Sight: sight}), Links: a.links(links)},
		ImportedFiles:  files,
	}}, err
}

// describeTransfers says in the document what an export is: an object whose form
// has a version of its own (docs/api.md).
func (a *API) describeTransfers() {
	doc := a.huma.OpenAPI()
	schema := func() *huma.Schema {
		return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true, Required: []string{"version", "board"}, Properties: map[string]*huma.Schema{
			"version": {Type: huma.TypeInteger}, "board": {Type: huma.TypeObject, AdditionalProperties: true},
		}}
	}
	for _, path := range []string{ImportPath, ImportWallPath, ImportOperatorPath} {
		doc.Paths[path].Post.RequestBody.Content["application/json"].Schema = schema()
	}
	doc.Paths[Base+"/platform/boards/{board}/export"].Get.Responses["200"].Content = map[string]*huma.MediaType{"application/json": {Schema: schema()}}
}
