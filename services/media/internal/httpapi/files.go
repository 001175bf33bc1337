package httpapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"

	"fresque.dev/services/internal/fault"
	"fresque.dev/services/media/internal/media"
)

// immutable: an address names its bytes for good.
const immutable = "public, max-age=31536000, immutable"

// filesPath is below which files are.
const filesPath = "/m"

// FolderPath names where the files of one upload are.
type FolderPath struct {
	Board  string `path:"board" doc:"The board's id"`
	Media  string `path:"media" doc:"The media's id"`
	Digest string `path:"digest" doc:"What makes the address unguessable"`
}

func (p FolderPath) key(names ...string) (media.Key, bool) {
	return media.ParseKey(strings.Join(append([]string{p.Board, p.Media, p.Digest}, names...), "/"))
}

// Conditions are those under which something is sent.
type Conditions struct {
	Range       string `header:"Range" doc:"One range of bytes" example:"bytes=0-1023"`
	IfRange     string `header:"If-Range" doc:"The ETag that the range is of"`
	IfNoneMatch string `header:"If-None-Match" doc:"ETags that the client has"`
}

func (c Conditions) conditions() Conditions { return c }

type fileInput struct {
	FolderPath
	File string `path:"file" doc:"The variant" example:"w640.webp"`
	Conditions
}

func (in fileInput) key() (media.Key, bool) { return in.FolderPath.key(in.File) }

type wholeInput struct {
	FolderPath
	Role string `path:"role" doc:"file, or original for what was sent when file is another version of it"`
	Name string `path:"name" doc:"What the file is called when it is saved" example:"bilan.pdf"`
	Conditions
}

func (in wholeInput) key() (media.Key, bool) {
	name, err := url.PathUnescape(in.Name)
	if err != nil {
		return "", false
	}
	return in.FolderPath.key(in.Role, name)
}

// asked is what one may ask for by an address.
type asked interface {
	key() (media.Key, bool)
	conditions() Conditions
}

func (a *API) registerFiles() {
	serve[fileInput](a, "file", filesPath+"/{board}/{media}/{digest}/{file}", "a variant of a picture", "`variants[].url`")
	serve[wholeInput](a, "whole-file", filesPath+"/{board}/{media}/{digest}/{role}/{name}", "a whole file", "`file.url` or `original.url`")
}

func serve[In asked](a *API, id, path, what, member string) {
	for method, verb := range map[string]string{http.MethodGet: "Get ", http.MethodHead: "Ask about "} {
		huma.Register(a.huma, huma.Operation{
			OperationID: strings.ToLower(method) + "-" + id,
			Method:      method,
			Path:        path,
			Summary:     verb + what,
			Description: "The address comes with the media document, as " + member + ".",
			Tags:        []string{"Files"},
			Responses: map[string]*huma.Response{
				"200": {Description: "The file", Content: contents(), Headers: fileHeaders()},
				"206": {Description: "The range asked for", Content: contents(), Headers: fileHeaders()},
				"304": {Description: "The client has it"},
			},
		}, func(_ context.Context, in *In) (*huma.StreamResponse, error) {
			return &huma.StreamResponse{Body: func(ctx huma.Context) {
				c := humafiber.Unwrap(ctx)
				if err := a.serveFile(c, *in); err != nil {
					if err := a.fail(c, err); err != nil {
						a.Log.ErrorContext(c.UserContext(), "problem not sent", "error", err)
					}
				}
			}}, nil
		})
	}
}

func contents() map[string]*huma.MediaType {
	binary := &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
	return map[string]*huma.MediaType{"*/*": binary}
}

func fileHeaders() map[string]*huma.Param {
	text := &huma.Schema{Type: huma.TypeString}
	return map[string]*huma.Param{
		"ETag":          {Description: "Strong; the bytes never change", Schema: text},
		"Cache-Control": {Description: immutable, Schema: text},
		"Accept-Ranges": {Description: "bytes", Schema: text},
	}
}

// serveFile answers with a file, a part of it, or that the client has it.
func (a *API) serveFile(c *fiber.Ctx, in asked) error {
	given := in.conditions()
	key, ok := in.key()
	if !ok {
		return media.ErrNoObject
	}
	ctx, cancel := context.WithTimeout(context.Background(), findWithin)
	defer cancel()
	size, err := a.Objects.Size(ctx, key)
	if err != nil {
		return unavailable(err)
	}
	c.Set(fiber.HeaderETag, key.ETag())
	c.Set(fiber.HeaderCacheControl, immutable)
	c.Set(fiber.HeaderAcceptRanges, "bytes")
	if matches(given.IfNoneMatch, key.ETag()) {
		c.Status(http.StatusNotModified)
		return nil
	}
	part, status := whole(size), http.StatusOK
	if given.IfRange == "" || given.IfRange == key.ETag() {
		wanted, ok, err := parseRange(given.Range, size)
		if err != nil {
			c.Set(fiber.HeaderContentRange, fmt.Sprintf("bytes */%d", size))
			return a.refuseRange(c, err)
		}
		if ok {
			part, status = wanted, http.StatusPartialContent
			c.Set(fiber.HeaderContentRange, fmt.Sprintf("bytes %d-%d/%d", part.from, part.from+part.length-1, size))
		}
	}
	c.Status(status)
	c.Set(fiber.HeaderContentType, key.Type().Name)
	c.Set(fiber.HeaderContentDisposition, disposition(key))
	if c.Method() == fiber.MethodHead {
		c.Response().SkipBody = true
		c.Response().Header.SetContentLength(int(part.length))
		return nil
	}
	return a.stream(c, key, part)
}

// disposition tells whether a browser may show the file, and what it is called
// when it is saved (RFC 6266).
func disposition(key media.Key) string {
	how := "attachment"
	if key.Inline() {
		how = "inline"
	}
	name := key.FileName()
	plain := strings.Map(func(r rune) rune {
		if r < 0x20 || r > 0x7e || r == '"' || r == '\\' {
			return '_'
		}
		return r
	}, name)
	if plain == name {
		return how + `; filename="` + name + `"`
	}
	return how + `; filename="` + plain + `"; filename*=UTF-8''` + strings.ReplaceAll(url.QueryEscape(name), "+", "%20")
}

// stream hands the object through without holding it.
func (a *API) stream(c *fiber.Ctx, key media.Key, part span) error {
	// It outlives the handler: fasthttp reads it when it writes the answer, and
	// closes it.
	ctx, cancel := context.WithCancel(context.Background())
	body, err := a.Objects.Read(ctx, key, part.from, part.length)
	if err != nil {
		cancel()
		return unavailable(err)
	}
	c.Context().SetBodyStream(&streamed{body, cancel}, int(part.length))
	return nil
}

type streamed struct {
	io.ReadCloser
	cancel context.CancelFunc
}

func (s *streamed) Close() error {
	defer s.cancel()
	return s.ReadCloser.Close()
}

// unavailable tells an object store that is away from a file that is not there.
func unavailable(err error) error {
	if errors.Is(err, media.ErrNoObject) {
		return err
	}
	return fault.Wrap(fault.Unavailable, "unavailable", err)
}

func (a *API) refuseRange(c *fiber.Ctx, err error) error {
	p := a.Messages.Of(err, c.Get(fiber.HeaderAcceptLanguage))
	p.Status, p.Title = http.StatusRequestedRangeNotSatisfiable, http.StatusText(http.StatusRequestedRangeNotSatisfiable)
	return a.send(c, p, err)
}

// span is a part of a file, in bytes.
type span struct{ from, length int64 }

func whole(size int64) span { return span{0, size} }

var errRange = fault.New(fault.Invalid, "range_not_satisfiable")

// parseRange reads a Range header (RFC 9110, 14.2). What is malformed, or asks
// for several ranges, is ignored, as the RFC allows.
func parseRange(header string, size int64) (span, bool, error) {
	spec, ok := strings.CutPrefix(header, "bytes=")
	if !ok || strings.Contains(spec, ",") {
		return span{}, false, nil
	}
	first, last, ok := strings.Cut(strings.TrimSpace(spec), "-")
	if !ok {
		return span{}, false, nil
	}
	if first == "" {
		return parseSuffix(last, size)
	}
	from, ok := parseBytes(first)
	if !ok {
		return span{}, false, nil
	}
	to := size - 1
	if last != "" {
		if to, ok = parseBytes(last); !ok || to < from {
			return span{}, false, nil
		}
		to = min(to, size-1)
	}
	if from >= size {
		return span{}, false, errRange
	}
	return span{from, to - from + 1}, true, nil
}

func parseSuffix(s string, size int64) (span, bool, error) {
	n, ok := parseBytes(s)
	if !ok {
		return span{}, false, nil
	}
	if n = min(n, size); n == 0 {
		return span{}, false, errRange
	}
	return span{size - n, n}, true, nil
}

// parseBytes reads digits only: ParseInt alone takes signs too.
func parseBytes(s string) (int64, bool) {
	n, err := strconv.ParseUint(s, 10, 63)
	return int64(n), err == nil
}

// matches tells whether If-None-Match holds the ETag (weak comparison).
func matches(header, etag string) bool {
	for candidate := range strings.SplitSeq(header, ",") {
		candidate = strings.TrimSpace(candidate)
		if candidate == "*" || strings.TrimPrefix(candidate, "W/") == etag {
			return true
		}
	}
	return false
}
