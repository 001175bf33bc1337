module fresque.dev/services/standalone

go 1.26.0

require (
	fresque.dev/proto v0.0.0
	fresque.dev/services/board v0.0.0
	fresque.dev/services/internal v0.0.0
	fresque.dev/services/media v0.0.0
	fresque.dev/web v0.0.0
)

replace fresque.dev/proto => ../../proto

replace fresque.dev/services/internal => ../internal

replace fresque.dev/services/board => ../board

replace fresque.dev/services/media => ../media

replace fresque.dev/web => ../../web
