package probe

import (
	"runtime"
	"runtime/debug"

	"github.com/gofiber/fiber/v2"
)

// Version is the answer of /version.
type Version struct {
	// Version is that of the build, Revision that of the sources, if it is known.
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"`
	Go       string `json:"go"`
	// API is the version of the contract.
	API string `json:"api,omitempty"`
	// Schema is the version of the store's that this release makes.
	Schema int `json:"schema,omitempty"`
}

// NewVersion says what else the build knows of itself.
func NewVersion(build, api string, schema int) Version {
	v := Version{Version: build, Go: runtime.Version(), API: api, Schema: schema}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				v.Revision = s.Value
			}
		}
	}
	return v
}

// Register answers whoever watches over the process: /livez asks no engine,
// /readyz all of them.
func Register(f *fiber.App, h *Health, v Version) {
	answer := func(c *fiber.Ctx, status int, body any) error {
		c.Set(fiber.HeaderCacheControl, "no-store")
		return c.Status(status).JSON(body)
	}
	f.Get("/livez", func(c *fiber.Ctx) error { return answer(c, fiber.StatusOK, fiber.Map{"status": OK}) })
	f.Get("/version", func(c *fiber.Ctx) error { return answer(c, fiber.StatusOK, v) })
	f.Get("/readyz", func(c *fiber.Ctx) error {
		report, status := h.Report(c.UserContext())
		return answer(c, status, report)
	})
}
