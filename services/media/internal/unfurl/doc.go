// Package unfurl reads pages of the world on behalf of people who link to them:
// a page's title, description and picture. It is the only place from which the
// product asks an address that somebody else has named, so it is a guard first:
// what it connects to was looked up once, is public, and is checked again for
// each redirect and once more at the moment of connecting.
package unfurl
