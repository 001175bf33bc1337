package httpapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
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

type fileInput struct {
	Board       string `path:"board" doc:"The board's id"`
	Media       string `path:"media" doc:"The media's id"`
	Digest      string `path:"digest" doc:"What makes the address unguessable"`
	File        string `path:"file" doc:"The variant" example:"w640.webp"`
	Range       string `header:"Range" doc:"One range of bytes" example:"bytes=0-1023"`
	IfRange     string `header:"If-Range" doc:"The ETag that the range is of"`
	IfNoneMatch string `header:"If-None-Match" doc:"ETags that the client has"`
}

func (in fileInput) path() string {
	return strings.Join([]string{in.Board, in.Media, in.Digest, in.File}, "/")
}

func (a *API) registerFiles() {
	for method, summary := range map[string]string{
		http.MethodGet:  "Get a variant of a picture",
		http.MethodHead: "Ask about a variant of a picture",
	} {
		huma.Register(a.huma, huma.Operation{
			OperationID: strings.ToLower(method) + "-file",
			Method:      method,
			Path:        "/m/{board}/{media}/{digest}/{file}",
			Summary:     summary,
			Description: "The address comes with the media document, as `variants[].path`.",
			Tags:        []string{"Files"},
			Responses: map[string]*huma.Response{
				"200": {Description: "The file", Content: contents(), Headers: fileHeaders()},
				"206": {Description: "The range asked for", Content: contents(), Headers: fileHeaders()},
				"304": {Description: "The client has it"},
			},
		}, func(_ context.Context, in *fileInput) (*huma.StreamResponse, error) {
			return &huma.StreamResponse{Body: func(ctx huma.Context) {
				c := humafiber.Unwrap(ctx)
				if err := a.serveFile(c, in); err != nil {
					if err := a.fail(c, err); err != nil {
						a.Log.Error("problem not sent", "error", err)
					}
				}
			}}, nil
		})
	}
}

func contents() map[string]*huma.MediaType {
	binary := &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
	return map[string]*huma.MediaType{"image/webp": binary, "image/jpeg": binary, "image/png": binary}
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
func (a *API) serveFile(c *fiber.Ctx, in *fileInput) error {
	key, ok := media.ParseKey(in.path())
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
	if matches(in.IfNoneMatch, key.ETag()) {
		c.Status(http.StatusNotModified)
		return nil
	}
	part, status := whole(size), http.StatusOK
	if in.IfRange == "" || in.IfRange == key.ETag() {
		asked, ok, err := parseRange(in.Range, size)
		if err != nil {
			c.Set(fiber.HeaderContentRange, fmt.Sprintf("bytes */%d", size))
			return a.refuseRange(c, err)
		}
		if ok {
			part, status = asked, http.StatusPartialContent
			c.Set(fiber.HeaderContentRange, fmt.Sprintf("bytes %d-%d/%d", part.from, part.from+part.length-1, size))
		}
	}
	c.Status(status)
	c.Set(fiber.HeaderContentType, key.Type())
	c.Set(fiber.HeaderContentDisposition, fmt.Sprintf("inline; filename=%q", key.FileName()))
	if c.Method() == fiber.MethodHead {
		c.Response().SkipBody = true
		c.Response().Header.SetContentLength(int(part.length))
		return nil
	}
	return a.stream(c, key, part)
}

// stream hands the object through without holding it.
func (a *API) stream(c *fiber.Ctx, key media.Key, part span) error {
	// It outlives the handler: fasthttp reads it when it writes the answer, and
	// closes it.
	ctx, cancel := context.WithTimeout(context.Background(), writeWithin)
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
