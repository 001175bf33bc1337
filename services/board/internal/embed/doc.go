// Package embed knows which addresses a player takes. A table with one row a
// provider turns an address that somebody pasted into the address of a frame,
// built from what a pattern captured and from nothing else; what no row takes
// is a plain link and never a frame. The Content-Security-Policy's frame-src
// comes from the same table, so that the two cannot disagree.
//
// An address may carry a bearer secret (the token of a restricted PodÉduc
// video, the hash of an unlisted Vimeo one). An Embed therefore never formats
// or logs its addresses.
package embed
