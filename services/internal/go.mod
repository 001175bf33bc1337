module fresque.dev/services/internal

go 1.26.0

require fresque.dev/proto v0.0.0

replace fresque.dev/proto => ../../proto
