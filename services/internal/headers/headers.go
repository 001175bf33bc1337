// Package headers is the one table of what the services tell a browser to allow
// with each of their answers. Pages have a table of their own, in package web:
// they are built apart.
package headers

import "strings"

// Surface is a part of the services whose answers are treated alike.
type Surface int

// The surfaces.
const (
	// API is the board service: problems and documents, never a page.
	API Surface = iota
	// Docs is the page that shows the API.
	Docs
	// Files are those that people have sent, on an origin of their own.
	Files
	// Intake takes them.
	Intake
)

// Header is one header of an answer.
type Header struct{ Name, Value string }

// year is how long a browser keeps to https once it has been told to.
const year = "max-age=31536000"

// nothing is what may be used of a device where nothing is shown.
const nothing = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"

// docsPolicy lets Swagger UI run from its own origin and reach nothing else.
const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

var table = map[Surface][]Header{
	API: {
		{"X-Content-Type-Options", "nosniff"},
		{"Referrer-Policy", "no-referrer"},
		{"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
		{"Cross-Origin-Resource-Policy", "same-origin"},
		{"Cross-Origin-Opener-Policy", "same-origin"},
		{"Permissions-Policy", nothing},
		// What a handler knows to be worth keeping says so itself.
		{"Cache-Control", "no-store"},
	},
	Docs: {
		{"X-Content-Type-Options", "nosniff"},
		{"Referrer-Policy", "no-referrer"},
		{"Content-Security-Policy", docsPolicy},
		{"Cross-Origin-Resource-Policy", "same-origin"},
		{"Cross-Origin-Opener-Policy", "same-origin"},
		{"Permissions-Policy", nothing},
		{"Cache-Control", "no-cache"},
	},
	// What people sent must not act as a page, and is shown on pages of another
	// origin: whoever has an address may read it there.
	Files: {
		{"X-Content-Type-Options", "nosniff"},
		{"Referrer-Policy", "no-referrer"},
		{"Content-Security-Policy", "default-src 'none'; sandbox"},
		{"Cross-Origin-Resource-Policy", "cross-origin"},
		{"Permissions-Policy", nothing},
		{"Access-Control-Allow-Origin", "*"},
		{"Access-Control-Expose-Headers", "Accept-Ranges, Content-Length, Content-Range, ETag"},
	},
	// Which origins may send is asked with each request; see package uploads.
	Intake: {
		{"X-Content-Type-Options", "nosniff"},
		{"Referrer-Policy", "no-referrer"},
		{"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
		{"Cross-Origin-Resource-Policy", "same-origin"},
		{"Permissions-Policy", nothing},
		{"Cache-Control", "no-store"},
	},
}

// Of gives the headers of a surface. A browser that has come by https is told to
// stay there.
func Of(s Surface, publicURL string) []Header {
	out := append([]Header{}, table[s]...)
	if strings.HasPrefix(publicURL, "https://") {
		out = append(out, Header{"Strict-Transport-Security", year})
	}
	return out
}

// Lines are headers as they stand in the head of an answer.
func Lines(list []Header) string {
	var out strings.Builder
	for _, h := range list {
		out.WriteString(h.Name + ": " + h.Value + "\r\n")
	}
	return out.String()
}
