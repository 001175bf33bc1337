// Package storetest is the one conformance suite of the document stores: what
// the domain counts on, whatever the engine. Entries are named after the rules
// of docs/sync.md where one applies.
package storetest
