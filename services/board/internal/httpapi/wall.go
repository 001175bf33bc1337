package httpapi

import (
	"context"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/board/internal/view"
	"fresque.dev/services/internal/fault"
)

// Snapshot is a board as the asker's view class sees it. What only its owner
// sees comes by the live stream.
type Snapshot struct {
	Cursor       string             `json:"cursor" doc:"Where the live stream goes on, for Last-Event-ID; empty when it cannot be told"`
	Board        view.Board         `json:"board"`
	Limits       view.Limits        `json:"limits" doc:"What may be sent to the board, to be told before it is tried"`
	Sections     []view.Section     `json:"sections" nullable:"false"`
	Groups       []view.Group       `json:"groups" nullable:"false"`
	Posts        []view.Post        `json:"posts" nullable:"false"`
	Media        []view.Media       `json:"media" nullable:"false"`
	Counts       []view.Counts      `json:"counts" nullable:"false" doc:"Of the posts to which something was said or given"`
	Comments     []view.Comment     `json:"comments,omitempty" nullable:"false" doc:"For moderators only: those that wait for them, and those that were reported"`
	Participants []view.Participant `json:"participants,omitempty" nullable:"false" doc:"For moderators only"`
	Reports      []view.Report      `json:"reports,omitempty" nullable:"false" doc:"For moderators only"`
}

// registerWall adds the snapshot and the live stream. They are not Huma's to
// answer: a snapshot is encoded and compressed once for many, and a stream
// takes its connection over.
func (a *API) registerWall(f *fiber.App) {
	f.Get(Base+"/boards/:board/snapshot", a.snapshot)
	f.Get(Base+"/boards/:board/events", a.stream)
	doc := a.huma.OpenAPI()
	path := &huma.Param{Name: "board", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString, Format: "uuid"}}
	text := &huma.Schema{Type: huma.TypeString}
	doc.AddOperation(&huma.Operation{
		OperationID: "readSnapshot", Method: http.MethodGet, Path: Base + "/boards/{board}/snapshot", Tags: []string{"Boards"},
		Security: needsSession(), Summary: "Read a whole board, and where its live stream goes on",
		Parameters: []*huma.Param{path, {Name: "If-None-Match", In: "header", Schema: text}},
		Responses: map[string]*huma.Response{
			"200": {
				Description: "The board", Headers: map[string]*huma.Param{"ETag": {Schema: text}},
				Content: map[string]*huma.MediaType{"application/json": {
					Schema: doc.Components.Schemas.Schema(typeOf[Snapshot](), true, "Snapshot"),
				}},
			},
			"304": {Description: "It has not changed"},
		},
	})
	doc.AddOperation(&huma.Operation{
		OperationID: "streamEvents", Method: http.MethodGet, Path: Base + "/boards/{board}/events", Tags: []string{"Boards"},
		Security: needsSession(), Summary: "Follow a board live (server-sent events)",
		Description: "Events: `hello` when the stream is open; `you` with a You as data, when it opens and when it has changed; `change` with a Change as data and the cursor as id; " +
			"`reset` when a snapshot must be taken again; `expired` when the session has ended; `bye` with {\"retryMs\": n} " +
			"when the server goes away; `presence` with a Presence as data, at most one a second; `reactions` when the stream opens, with what the reader gave to which post as data, by its id, and `reacted` with what of it has changed. A comment every 10 s " +
			"tells that the connection lives.",
		Parameters: []*huma.Param{path, {Name: "Last-Event-ID", In: "header", Description: "The cursor to resume after", Schema: text}},
		Responses: map[string]*huma.Response{"200": {
			Description: "The stream; each change carries this as its data",
			Content: map[string]*huma.MediaType{"text/event-stream": {
				Schema: doc.Components.Schemas.Schema(typeOf[view.Change](), true, "Change"),
			}},
		}},
	})
	doc.Components.Schemas.Schema(typeOf[view.Presence](), true, "Presence")
	doc.Components.Schemas.Schema(typeOf[view.You](), true, "You")
	handle(a, huma.Operation{
		OperationID: "setWriting", Method: http.MethodPut, Path: "/boards/{board}/writing", Tags: []string{"Boards"},
		Security: needsSession(), DefaultStatus: http.StatusNoContent,
		Summary: "Tell that one is writing, every 5 s or so, or has stopped; it is forgotten by itself",
	}, a.setWriting)
}

type writingInput struct {
	BoardPath
	Body struct {
		Writing bool `json:"writing"`
	}
}

func (a *API) setWriting(ctx context.Context, in *writingInput) (*struct{}, error) {
	p := mustPrincipal(ctx)
	if p.Board != in.id() || p.Name == "" {
		return nil, board.ErrForbidden
	}
	if err := a.Service.MayPost(ctx, p); err != nil {
		return nil, err
	}
	return nil, a.Walls.SetWriting(ctx, p, in.Body.Writing)
}

// visitor is who asks for a whole wall, or to follow it.
func (a *API) visitor(c *fiber.Ctx) (board.Principal, time.Time, error) {
	p, expires, err := a.session(bearer(c.Get(fiber.HeaderAuthorization)))
	if err != nil {
		return p, expires, err
	}
	at, err := a.boundSession(c.UserContext(), string(p.Participant), c.Method())
	at.Tell(c.Set, err)
	return p, expires, err
}

func (a *API) snapshot(c *fiber.Ctx) error {
	p, _, err := a.visitor(c)
	if err != nil {
		return err
	}
	if err := ofBoard(p, c.Params("board")); err != nil {
		return err
	}
	if err := a.Service.StillThere(c.UserContext(), p); err != nil {
		return err
	}
	s, err := a.Walls.Snapshot(c.UserContext(), p)
	if err != nil {
		return err
	}
	coding := codingFor(c.Get(fiber.HeaderAcceptEncoding))
	tag := `"` + s.Tag() + coding + `"`
	c.Set(fiber.HeaderETag, tag)
	c.Set(fiber.HeaderVary, fiber.HeaderAuthorization+", "+fiber.HeaderAcceptEncoding)
	c.Set(fiber.HeaderCacheControl, "private, no-cache")
	if matches(c.Get(fiber.HeaderIfNoneMatch), tag) {
		return c.SendStatus(http.StatusNotModified)
	}
	if coding != "" {
		c.Set(fiber.HeaderContentEncoding, coding)
	}
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	// Not copied: the bytes are the same for everybody, and nobody writes them.
	c.Response().SetBodyRaw(s.Encoded(coding))
	return nil
}

// codingFor picks a content coding that the asker takes, the smallest first.
func codingFor(accept string) string {
	for _, coding := range []string{"zstd", "gzip"} {
		for offer := range strings.SplitSeq(accept, ",") {
			name, params, _ := strings.Cut(offer, ";")
			if strings.EqualFold(strings.TrimSpace(name), coding) && !refused(params) {
				return coding
			}
		}
	}
	return ""
}

// refused tells the weight that means "not at all".
func refused(params string) bool {
	_, weight, _ := strings.Cut(params, "q=")
	weight = strings.TrimSpace(weight)
	return weight != "" && strings.Trim(weight, "0.") == ""
}

// matches tells whether an If-None-Match names a tag.
func matches(header, tag string) bool {
	return slices.ContainsFunc(strings.Split(header, ","), func(one string) bool {
		one = strings.TrimSpace(one)
		return one == "*" || strings.TrimPrefix(one, "W/") == tag
	})
}

// ofBoard refuses a principal of another board than the one in the path.
func ofBoard(p board.Principal, param string) error {
	id, ok := board.ParseID(param)
	if !ok {
		return fault.New(fault.NotFound, "not_found")
	}
	if p.Board != id {
		return board.ErrForbidden
	}
	return nil
}

func (a *API) stream(c *fiber.Ctx) error {
	p, expires, err := a.visitor(c)
	if err != nil {
		return err
	}
	if err := ofBoard(p, c.Params("board")); err != nil {
		return err
	}
	if err := a.Service.StillThere(c.UserContext(), p); err != nil {
		return err
	}
	leave, err := a.streams.enter(addressOf(c.UserContext()), string(p.Participant))
	if err != nil {
		return err
	}
	stream, err := a.Walls.Attach(c.UserContext(), p, c.Get("Last-Event-ID"), expires)
	if err != nil {
		leave()
		return err
	}
	stream.WhenOver(leave)
	c.Context().HijackSetNoResponse(true)
	c.Context().Hijack(func(conn net.Conn) { stream.Serve(conn) })
	return nil
}
