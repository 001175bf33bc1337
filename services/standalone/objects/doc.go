// Package objects is the object store of an installation that has no S3: an S3
// server (versitygw) in this process, on the local disk, so that the media
// service has one way to speak to objects and not two.
//
// What the server lacks is added here: a transfer that is cut off is never
// published as a whole object, what is acknowledged is on the disk, and upload
// forms, which it would hold in memory, are refused.
package objects
