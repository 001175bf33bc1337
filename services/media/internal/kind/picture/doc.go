// Package picture turns a file of pixels into the files that show it: it
// checks the size before decoding, applies the EXIF orientation, scales, and
// encodes anew, so that nothing of the original but its pixels comes through.
// It is pure Go and keeps no state; it is meant to run in a process of its own
// (package worker), because decoders work on what strangers send.
package picture
