package httpapi

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"fresque.dev/services/board/internal/board"
)

const (
	// ImportPath is where a whole board is sent at once.
	ImportPath = Base + "/platform/boards/import"
	// ImportWallPath is the same, of a wall of an account's.
	ImportWallPath = Base + "/account/walls/import"
	// ImportLimit is the most bytes that it may have.
	ImportLimit = 16 << 20
)

// ClonedBoard is a board that was made out of another.
type ClonedBoard struct {
	PlatformBoard
	Without LeftOut `json:"without" doc:"What the copy is without: uploads that were not ready, and posts that were nothing else"`
}

type cloneInput struct {
	BoardPath
	IdempotencyKey
	Body struct {
		ExternalID    string `json:"externalId,omitempty" doc:"What the platform calls the copy"`
		Title         string `json:"title,omitempty" doc:"The original's when left out"`
		Language      string `json:"language,omitempty" doc:"fr or en; the original's when left out"`
		Contributions bool   `json:"contributions,omitempty" doc:"Whether posts, their uploads and comments come along, by the same users"`
	}
}

type cloneOutput struct {
	ETag         string `header:"ETag"`
	CacheControl string `header:"Cache-Control"`
	Body         ClonedBoard
}

type resetBoardInput struct {
	BoardPath
	Body struct {
		Contributions bool `json:"contributions,omitempty" doc:"Posts, comments, reactions, uploads, the log, and who was there"`
		Groups        bool `json:"groups,omitempty" doc:"Groups, and who is in them"`
	}
}

type resetBoardOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         struct {
		Posts        int  `json:"posts" doc:"What was erased by this call, here and below"`
		Comments     int  `json:"comments"`
		Media        int  `json:"media"`
		Participants int  `json:"participants"`
		Groups       int  `json:"groups"`
		More         bool `json:"more,omitempty" doc:"Time ran out: ask again, and it goes on"`
	}
}

type exportInput struct {
	BoardPath
	Contributions bool `query:"contributions" default:"true" doc:"Whether posts and comments are in it"`
}

type exportOutput struct {
	CacheControl string `header:"Cache-Control"`
	ContentType  string `header:"Content-Type"`
	Body         []byte
}

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

// ImportedBoard is a board that was made out of an export.
type ImportedBoard struct {
	PlatformBoard
	Media   []ImportedMedia `json:"media" nullable:"false" doc:"Files that are to be sent; repeat the import to read how far they are"`
	Without LeftOut         `json:"without" doc:"Files that the export has not, and posts that were nothing else"`
}

type importedBoardOutput struct {
	ETag         string `header:"ETag"`
	CacheControl string `header:"Cache-Control"`
	Body         ImportedBoard
}

// ImportedWall is a wall that was made out of an export.
type ImportedWall struct {
	Wall    OwnedWall       `json:"wall"`
	Media   []ImportedMedia `json:"media" nullable:"false" doc:"Files that are to be sent; repeat the import to read how far they are"`
	Without LeftOut         `json:"without" doc:"Files that the export has not, and posts that were nothing else"`
}

type importedWallOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         ImportedWall
}

func (a *API) registerPlatformCopies() {
	op := asPlatform("/boards", scopeBoards)
	handle(a, with(http.StatusCreated, op("clonePlatformBoard", http.MethodPost, "/{board}/clone", "Make a board out of another")), a.clonePlatformBoard)
	handle(a, op("resetPlatformBoard", http.MethodPost, "/{board}/reset", "Erase what people have left on a board"), a.resetPlatformBoard)
	handle(a, op("exportPlatformBoard", http.MethodGet, "/{board}/export", "Read a whole board for a backup; uploads are not in it"), a.exportPlatformBoard)
	take := with(http.StatusCreated, op("importPlatformBoard", http.MethodPost, "/import", "Make a board out of what was exported"))
	take.MaxBodyBytes, take.SkipValidateBody = ImportLimit, true
	handle(a, take, a.importPlatformBoard)
	take = with(http.StatusCreated, below("/account/walls", "My walls", needsAccount())("importWall", http.MethodPost, "/import", "Make a wall of one's own out of what was exported"))
	take.MaxBodyBytes, take.SkipValidateBody = ImportLimit, true
	handle(a, take, a.importWall)
}

func (a *API) clonePlatformBoard(ctx context.Context, in *cloneInput) (*cloneOutput, error) {
	b, without, err := a.Service.ClonePlatformBoard(ctx, mustPlatform(ctx), in.id(), board.Clone{
		Key: in.Key, External: in.Body.ExternalID, Title: in.Body.Title, Language: in.Body.Language, Contributions: in.Body.Contributions,
	})
	out, err := a.platformBoard(b, err)
	if err != nil {
		return nil, err
	}
	return &cloneOutput{ETag: out.ETag, CacheControl: out.CacheControl, Body: ClonedBoard{
		PlatformBoard: out.Body, Without: LeftOut(without),
	}}, nil
}

func (a *API) resetPlatformBoard(ctx context.Context, in *resetBoardInput) (*resetBoardOutput, error) {
	done, err := a.Service.ResetBoard(ctx, mustPlatform(ctx), in.id(), board.Reset{Contributions: in.Body.Contributions, Groups: in.Body.Groups})
	if err != nil {
		return nil, err
	}
	out := &resetBoardOutput{CacheControl: "no-store"}
	out.Body.Posts, out.Body.Comments, out.Body.Media = done.Posts, done.Comments, done.Media
	out.Body.Participants, out.Body.Groups, out.Body.More = done.People, done.Groups, done.More
	return out, nil
}

func (a *API) exportPlatformBoard(ctx context.Context, in *exportInput) (*exportOutput, error) {
	t, err := a.Service.ExportPlatformBoard(ctx, mustPlatform(ctx), in.id(), in.Contributions)
	if err != nil {
		return nil, err
	}
	raw, err := json.Marshal(t)
	return &exportOutput{CacheControl: "no-store", ContentType: "application/json", Body: raw}, err
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
	media, err := a.importedMedia(made, p.ID)
	return &importedBoardOutput{ETag: out.ETag, CacheControl: out.CacheControl, Body: ImportedBoard{
		PlatformBoard: out.Body, Media: media, Without: LeftOut(made.Without),
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
	media, err := a.importedMedia(made, account.ID)
	return &importedWallOutput{CacheControl: "no-store", Body: ImportedWall{Wall: told.Body, Media: media, Without: LeftOut(made.Without)}}, err
}

// importedMedia tells how far the uploads of an import are, with what opens those
// that are still to come.
func (a *API) importedMedia(made *board.Imported, who board.ID) ([]ImportedMedia, error) {
	out := make([]ImportedMedia, 0, len(made.Media))
	for _, m := range made.Media {
		one := ImportedMedia{ID: string(m.ID), File: m.File, Name: m.Name, Type: m.Type, State: string(m.State), Refusal: m.Refusal}
		if m.State == board.MediaUploading {
			upload, err := a.uploadFor(m.Ticket, who)
			if err != nil {
				return nil, err
			}
			one.Upload = &upload
		}
		out = append(out, one)
	}
	return out, nil
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
	for _, path := range []string{ImportPath, ImportWallPath} {
		doc.Paths[path].Post.RequestBody.Content["application/json"].Schema = schema()
	}
	doc.Paths[Base+"/platform/boards/{board}/export"].Get.Responses["200"].Content = map[string]*huma.MediaType{"application/json": {Schema: schema()}}
}
