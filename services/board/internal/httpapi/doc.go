// Package httpapi is the board service's face on HTTP: it decodes and checks
// form, recognises who asks, calls the domain, and renders what comes back.
// Rules live in the domain, sight in view, and live streams in live.
//
// The OpenAPI document is made from the types here and exported to
// proto/openapi/board.json.
package httpapi
