// Package previews makes previews of links: it has a page read, its picture made
// anew like any upload, and tells what came of it. It keeps nothing: a preview
// that a crash interrupts is asked for again.
package previews
