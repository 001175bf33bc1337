// Package wiring runs, without containers, what deploy/compose runs with them: two
// board services, two media services and the web server as the images have them,
// behind the ingress of compose with the very same configuration. See make
// test-compose.
package wiring
