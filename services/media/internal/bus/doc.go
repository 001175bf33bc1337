// Package bus is the media service's side of NATS: it publishes events to
// JetStream, in the stream that it owns, and asks the board for the keys that
// check tickets.
package bus
