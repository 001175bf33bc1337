// Package media is the domain of the media service: what an upload is, how it
// moves from the first byte to ready or refused, which files are pictures and
// how their objects are named. It knows no transport, store or codec; what it
// needs of them are the ports in ports.go.
package media
