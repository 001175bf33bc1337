module fresque.dev/services/internal

go 1.26.0

require fresque.dev/proto v0.0.0

require (
	github.com/golang-jwt/jwt/v5 v5.3.1 // indirect
	golang.org/x/text v0.43.0 // indirect
)

replace fresque.dev/proto => ../../proto
