package app

import (
	"log/slog"

	"github.com/gofiber/fiber/v2"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/board/internal/httpapi"
)

// OpenAPI is the document of the service's API, without starting anything.
func OpenAPI() ([]byte, error) {
	api := httpapi.Register(fiber.New(), httpapi.Deps{
		Service: board.NewService(board.Deps{}), Version: apiVersion, Log: slog.New(slog.DiscardHandler),
	})
	return api.OpenAPI()
}

// apiVersion is that of the contract, not of a build.
const apiVersion = "1.0.0"
