// Package objects keeps variants in any S3, asking no more of it than put, get
// with a range, head, list and delete.
package objects
