package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/board/internal/sheet"
	"fresque.dev/services/board/internal/view"
)

// recordsPath is where a board is read as a sheet.
const recordsPath = "/boards/{board}/records.csv"

type recordsOutput struct {
	CacheControl string `header:"Cache-Control"`
	ContentType  string `header:"Content-Type"`
	Disposition  string `header:"Content-Disposition"`
	Body         []byte
}

func (a *API) registerRecords() {
	handle(a, huma.Operation{
		OperationID: "readRecords", Method: http.MethodGet, Path: recordsPath, Tags: []string{"Boards"}, Security: needsSession(),
		Summary: "Read all posts and comments as a sheet (CSV), as trainers see them; separators are those of the board's language",
	}, a.readRecords)
	a.huma.OpenAPI().Paths[Base+recordsPath].Get.Responses["200"].Content = map[string]*huma.MediaType{"text/csv": {Schema: &huma.Schema{Type: huma.TypeString}}}
}

func (a *API) readRecords(ctx context.Context, in *BoardPath) (*recordsOutput, error) {
	r, err := a.Service.Records(ctx, mustPrincipal(ctx), in.id())
	if err != nil {
		return nil, err
	}
	raw, err := sheet.CSV(r.Sight.Language, a.rowsOf(r))
	return &recordsOutput{
		CacheControl: "no-store", ContentType: "text/csv; charset=utf-8", Disposition: `attachment; filename="wall.csv"`, Body: raw,
	}, err
}

// rowsOf gives each post, and what was said to it after it.
func (a *API) rowsOf(r *board.Records) []sheet.Row {
	said := make(map[board.ID][]*board.Comment)
	for _, c := range r.Comments {
		said[c.Post] = append(said[c.Post], c)
	}
	v := view.Viewer{Level: board.LevelModerators, Sight: r.Sight}
	rows := make([]sheet.Row, 0, len(r.Posts)+len(r.Comments))
	for _, p := range r.Posts {
		shown := a.View.Post(p, v)
		row := sheet.Row{
			ID: shown.ID, Author: shown.Author.Name, Title: shown.Title, Text: a.Plain(shown.Body), State: shown.State, CreatedAt: shown.CreatedAt,
		}
		if s := r.Sight.Section(board.ID(shown.SectionID)); s != nil {
			row.Section = s.Title
		}
		for _, one := range p.Attachments {
			switch m := r.Uploads[one.Media]; {
			case one.Type == board.AttachmentLink:
				row.Links = append(row.Links, one.URL)
			case m != nil:
				row.Files = append(row.Files, m.Name)
			}
		}
		if given := r.Given[p.ID]; given != nil {
			row.Reactions, row.Sum = given.Total()
		}
		rows = append(rows, row)
		for _, c := range said[p.ID] {
			shown := a.View.Comment(c, v)
			rows = append(rows, sheet.Row{
				Comment: true, ID: shown.ID, Post: row.ID, ReplyTo: string(c.ReplyTo), Section: row.Section, Author: shown.Author.Name,
				Text: a.Plain(shown.Body), State: shown.State, CreatedAt: shown.CreatedAt,
			})
		}
	}
	return rows
}
