// Package sample makes test pictures that are like those of a camera: twelve
// megapixels of gradients and noise, with EXIF, GPS and XMP, and a corner of
// each colour by which to tell the orientation. Tests and the sample-picture
// command use it, so that no photograph need be kept in the repository.
package sample
