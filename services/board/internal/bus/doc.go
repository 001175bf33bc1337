// Package bus carries the board's events on NATS JetStream (rules S5 and S6):
// it publishes what the store has accepted, sweeps what a crash left behind,
// reads events back for streams that resume, and listens to the media service.
package bus
