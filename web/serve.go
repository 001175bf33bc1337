package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
)

// Origins are whom the pages may talk to, each as scheme://host[:port]; nobody
// where one is empty.
type Origins struct {
	// Media serves what people have sent, Upload takes it.
	Media, Upload string
	// Frames are the players that a page may show.
	Frames []string
	// Secure tells that browsers reach the app by https.
	Secure bool
}

// Fixed are origins that do not change while the process lives.
func (o Origins) Fixed() func() Origins { return func() Origins { return o } }

// Options say who the pages have to do with.
type Options struct {
	// Origins gives them; it is asked for each answer.
	Origins func() Origins
	// Embedders gives whose pages may show the page of a wall, by its id, in a
	// frame: nobody's when it is left out, or does not know.
	Embedders func(ctx context.Context, wall string) ([]string, error)
}

// trustedTypes are the policies that our libraries make, Svelte's templates and
// ProseMirror's clipboard, and ours for the one worker, that of the PDF reader.
const trustedTypes = "svelte-trusted-html ProseMirrorClipboard fresque-reader"

// policy is the Content-Security-Policy of a page that some sites may frame:
// what is not named here cannot be loaded, framed or run.
func (o Origins) policy(framedBy []string) string {
	return strings.Join([]string{
		"default-src 'none'",
		"script-src 'self'",
		"style-src 'self'",
		"img-src 'self' data: blob: " + o.Media,
		"media-src 'self' blob: " + o.Media,
		"font-src 'self'",
		// The PDF reader fetches the document that it shows.
		"connect-src 'self' " + o.Upload + " " + o.Media,
		"worker-src 'self'",
		"frame-src " + sources(o.Frames),
		"manifest-src 'self'",
		"base-uri 'none'",
		"form-action 'none'",
		"frame-ancestors " + sources(framedBy),
		"require-trusted-types-for 'script'",
		"trusted-types " + trustedTypes,
	}, "; ")
}

// pageHeaders come with everything besides the policy, on pages and on their
// parts. Those of the services are in services/internal/headers.
var pageHeaders = map[string]string{
	fiber.HeaderReferrerPolicy:      "same-origin",
	fiber.HeaderXContentTypeOptions: "nosniff",
	"Cross-Origin-Opener-Policy":    "same-origin",
	"Cross-Origin-Resource-Policy":  "same-origin",
	fiber.HeaderPermissionsPolicy:   "camera=(), display-capture=(), geolocation=(), microphone=(self), payment=(), usb=()",
}

// sources writes a list of a policy; an empty one is none.
func sources(list []string) string {
	if len(list) == 0 {
		return "'none'"
	}
	return strings.Join(list, " ")
}

// Register serves the app on every path that nothing before it has answered.
func Register(f *fiber.App, o Options) {
	built, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // the folder is part of the binary
	}
	serve(f, o, built)
}

func serve(f *fiber.App, o Options, built fs.FS) {
	files := load(built)
	known := newEmbedders(o.Embedders, time.Now)
	f.Use(func(c *fiber.Ctx) error {
		if strings.HasPrefix(c.Path(), "/api/") {
			// What no service answered is their 404, never a page.
			return c.Next()
		}
		if c.Method() != http.MethodGet && c.Method() != http.MethodHead {
			return fiber.ErrMethodNotAllowed
		}
		file, ok := files[strings.TrimPrefix(c.Path(), "/")]
		if !ok {
			// An address of the app, not of a file: the app finds its page.
			if path.Ext(c.Path()) != "" || strings.HasPrefix(c.Path(), "/assets/") {
				return fiber.ErrNotFound
			}
			if file, ok = files["index.html"]; !ok {
				return c.Status(http.StatusServiceUnavailable).SendString("The web app is not built: run make web.\n")
			}
			if !isPage(c.Path()) {
				c.Status(http.StatusNotFound)
			}
		}
		for name, value := range pageHeaders {
			c.Set(name, value)
		}
		now := o.Origins()
		if now.Secure {
			c.Set(fiber.HeaderStrictTransportSecurity, "max-age=31536000")
		}
		var framedBy []string
		if wall, ok := strings.CutPrefix(c.Path(), "/w/"); ok {
			wall, _, _ = strings.Cut(wall, "/")
			// A site that isolates its pages shows it in a frame as others do.
			c.Set("Cross-Origin-Resource-Policy", "cross-origin")
			framedBy = known.of(c.UserContext(), wall)
		}
		c.Set(fiber.HeaderContentSecurityPolicy, now.policy(framedBy))
		return file.send(c)
	})
}

// isPage tells the addresses that the app's router knows; on any other the app
// shows its own "not found".
func isPage(address string) bool {
	switch strings.TrimSuffix(address, "/") {
	case "", "/signin", "/setup", "/walls", "/invited":
		return true
	}
	return isWall(address)
}

func isWall(address string) bool { return strings.HasPrefix(address, "/w/") }

// file is one file of the build with its compressed forms.
type file struct {
	plain, gzip, brotli []byte
	contentType, etag   string
	immutable           bool
}

// load reads the whole build once: it is a few hundred kilobytes.
func load(built fs.FS) map[string]file {
	files := make(map[string]file)
	_ = fs.WalkDir(built, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(path.Base(name), ".") {
			return err
		}
		if ext := path.Ext(name); ext == ".gz" || ext == ".br" {
			return nil
		}
		plain, err := fs.ReadFile(built, name)
		if err != nil {
			return err
		}
		gzip, _ := fs.ReadFile(built, name+".gz")
		brotli, _ := fs.ReadFile(built, name+".br")
		sum := sha256.Sum256(plain)
		files[name] = file{
			plain: plain, gzip: gzip, brotli: brotli, contentType: contentType(name),
			etag: hex.EncodeToString(sum[:12]),
			// The build names these by their content.
			immutable: strings.HasPrefix(name, "assets/"),
		}
		return nil
	})
	return files
}

// contentType does not ask the system: its tables differ.
func contentType(name string) string {
	switch ext := path.Ext(name); ext {
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".html":
		return "text/html; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".woff2":
		return "font/woff2"
	case ".webmanifest":
		return "application/manifest+json"
	default:
		if t := mime.TypeByExtension(ext); t != "" {
			return t
		}
		return "application/octet-stream"
	}
}

func (f file) send(c *fiber.Ctx) error {
	cache := "no-cache"
	if f.immutable {
		cache = "public, max-age=31536000, immutable"
	}
	c.Set(fiber.HeaderCacheControl, cache)
	c.Set(fiber.HeaderVary, fiber.HeaderAcceptEncoding)
	body, coding := f.choose(c)
	tag := `"` + f.etag + coding + `"`
	c.Set(fiber.HeaderETag, tag)
	if c.Response().StatusCode() == http.StatusOK && matches(c.Get(fiber.HeaderIfNoneMatch), tag) {
		return c.SendStatus(http.StatusNotModified)
	}
	if coding != "" {
		c.Set(fiber.HeaderContentEncoding, coding)
	}
	c.Set(fiber.HeaderContentType, f.contentType)
	return c.Send(body)
}

// matches reads If-None-Match, a list whose weak tags compare alike (RFC 9110,
// 13.1.2).
func matches(header, tag string) bool {
	for sent := range strings.SplitSeq(header, ",") {
		sent = strings.TrimPrefix(strings.TrimSpace(sent), "W/")
		if sent == tag || sent == "*" {
			return true
		}
	}
	return false
}

// choose picks the smallest form that the browser takes.
func (f file) choose(c *fiber.Ctx) (body []byte, coding string) {
	switch {
	case c.Get(fiber.HeaderAcceptEncoding) == "":
		return f.plain, ""
	case f.brotli != nil && c.AcceptsEncodings("br") == "br":
		return f.brotli, "br"
	case f.gzip != nil && c.AcceptsEncodings("gzip") == "gzip":
		return f.gzip, "gzip"
	default:
		return f.plain, ""
	}
}
