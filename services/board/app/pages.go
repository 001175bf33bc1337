package app

import (
	"github.com/gofiber/fiber/v2"

	"fresque.dev/services/internal/pages"
)

// registerPages tells the web server, which runs apart, what pages may show and
// who may show them. Pages say both to everybody: it is no secret.
func (a *App) registerPages(frames Frames) {
	rules := pages.Rules{Public: origin(a.cfg.PublicURL), Media: origin(a.cfg.MediaURL), Upload: origin(a.cfg.UploadURL), Frames: frames.Sources}
	a.fiber.Get(pages.Path, func(c *fiber.Ctx) error { return c.JSON(rules) })
	a.fiber.Get(pages.Path+"/:board", func(c *fiber.Ctx) error {
		sites, err := frames.Embedders(c.UserContext(), c.Params("board"))
		if err != nil {
			return err
		}
		return c.JSON(pages.Embedders{Sites: sites})
	})
}
