// Package httpapi serves what is ready: variants, to anybody who has their
// unguessable address, from an origin that is not the app's. It takes no
// content in; uploads have a listener of their own (package uploads).
//
// The OpenAPI document is made from the operations here and exported to
// proto/openapi/media.json.
package httpapi
