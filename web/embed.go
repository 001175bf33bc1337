// Package web carries the built web app in the binary and serves it.
package web

import "embed"

// dist is what `npm run build` makes. The folder is there before that, empty
// but for .gitkeep, so that the package always compiles.
//
//go:embed all:dist
var dist embed.FS
