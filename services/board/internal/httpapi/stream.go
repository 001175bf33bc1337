package httpapi

import (
	"net"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/board/internal/view"
	"fresque.dev/services/internal/fault"
)

// registerStream adds the live stream. It is not Huma's to answer: the stream
// takes the connection over and writes it itself.
func (a *API) registerStream(f *fiber.App) {
	f.Get(Base+"/boards/:board/events", a.stream)
	doc := a.huma.OpenAPI()
	doc.AddOperation(&huma.Operation{
		OperationID: "streamEvents", Method: http.MethodGet, Path: Base + "/boards/{board}/events", Tags: []string{"Boards"},
		Security: needsSession(), Summary: "Follow a board live (server-sent events)",
		Description: "Events: `hello` when the stream is open; `change` with a Change as data and the cursor as id; " +
			"`reset` when a snapshot must be taken again; `expired` when the session has ended; `bye` with {\"retryMs\": n} " +
			"when the server goes away. A comment every 10 s tells that the connection lives.",
		Parameters: []*huma.Param{
			{Name: "board", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString, Format: "uuid"}},
			{Name: "Last-Event-ID", In: "header", Description: "The cursor to resume after", Schema: &huma.Schema{Type: huma.TypeString}},
		},
		Responses: map[string]*huma.Response{"200": {
			Description: "The stream; each change carries this as its data",
			Content: map[string]*huma.MediaType{"text/event-stream": {
				Schema: doc.Components.Schemas.Schema(typeOf[view.Change](), true, "Change"),
			}},
		}},
	})
}

func (a *API) stream(c *fiber.Ctx) error {
	p, expires, err := a.session(bearer(c.Get(fiber.HeaderAuthorization)))
	if err != nil {
		return err
	}
	id, ok := board.ParseID(c.Params("board"))
	if !ok {
		return fault.New(fault.NotFound, "not_found")
	}
	if _, err := a.Service.ReadBoard(c.UserContext(), p, id); err != nil {
		return err
	}
	stream, err := a.Streams.Attach(c.UserContext(), p, c.Get("Last-Event-ID"), expires)
	if err != nil {
		return err
	}
	c.Context().HijackSetNoResponse(true)
	c.Context().Hijack(func(conn net.Conn) { stream.Serve(conn) })
	return nil
}
