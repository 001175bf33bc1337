package httpapi

import (
	"embed"
	"net/http"

	"github.com/gofiber/fiber/v2"
	"github.com/swaggest/swgui/v5/static"

	"fresque.dev/services/internal/headers"
)

//go:embed docs
var docsPage embed.FS

// registerDocs serves the documentation page: Swagger UI from this binary, no
// other host.
func registerDocs(f *fiber.App, publicURL string) {
	protection := headers.Of(headers.Docs, publicURL)
	serve := func(path, kind string, read func() ([]byte, error), gzipped bool) {
		f.Get("/api/docs"+path, func(c *fiber.Ctx) error {
			data, err := read()
			if err != nil {
				return fiber.ErrNotFound
			}
			if gzipped {
				c.Set(fiber.HeaderContentEncoding, "gzip")
			}
			c.Set(fiber.HeaderContentType, kind)
			for _, h := range protection {
				c.Set(h.Name, h.Value)
			}
			return c.Status(http.StatusOK).Send(data)
		})
	}
	page := func(name string) func() ([]byte, error) {
		return func() ([]byte, error) { return docsPage.ReadFile("docs/" + name) }
	}
	asset := func(name string) func() ([]byte, error) {
		return func() ([]byte, error) { return static.FS.ReadFile(name + ".gz") }
	}
	serve("/init.js", "text/javascript; charset=utf-8", page("init.js"), false)
	serve("/swagger-ui.css", "text/css; charset=utf-8", asset("swagger-ui.css"), true)
	serve("/swagger-ui-bundle.js", "text/javascript; charset=utf-8", asset("swagger-ui-bundle.js"), true)
	serve("", "text/html; charset=utf-8", page("index.html"), false)
}
