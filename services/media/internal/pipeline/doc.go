// Package pipeline takes an upload from the moment its file is whole, or given
// up, to the moment everybody knows how it ended:
//
//  1. tell that it is being processed
//  2. examine and render it, and store the variants
//  3. write the outcome down in the quarantine
//  4. tell the outcome, and wait until that is stored
//  5. remove the file from the quarantine
//
// Every step can be repeated, so whatever a crash interrupts goes on with a
// look at the quarantine, at the start and then from time to time. What is not
// the file's fault (a disk, S3 or NATS that is away) is tried until it works.
package pipeline
