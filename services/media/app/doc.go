// Package app makes the media service out of its parts. It is the only package
// of the service that others may import: main runs it, and so do the
// standalone process and the tests.
package app
