module fresque.dev/services/media

go 1.26.0

require (
	fresque.dev/proto v0.0.0
	fresque.dev/services/internal v0.0.0
)

replace fresque.dev/proto => ../../proto

replace fresque.dev/services/internal => ../internal
