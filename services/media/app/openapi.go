package app

import (
	"log/slog"

	"fresque.dev/services/media/internal/httpapi"
	"fresque.dev/services/media/internal/wording"
)

// OpenAPI is the document of the service's API, without starting anything.
func OpenAPI() ([]byte, error) {
	return httpapi.New(httpapi.Deps{Messages: wording.Messages(), Log: slog.New(slog.DiscardHandler)}).OpenAPI()
}
