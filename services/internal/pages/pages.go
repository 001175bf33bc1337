// Package pages is what the board service tells the web server about the pages
// of walls: the two run apart, and the Content-Security-Policy of a page follows
// from the settings of one and is sent by the other.
package pages

// Path is where the board service answers with Rules, and below it, by the id
// of a wall, with Embedders. It is no part of the API: an ingress passes /api/
// alone on to the board service.
const Path = "/pages"

// Rules hold for every page. Origins are scheme://host[:port].
type Rules struct {
	// Public is where browsers reach the wall, Media where they load files and
	// Upload where they send them.
	Public string `json:"public"`
	Media  string `json:"media"`
	Upload string `json:"upload"`
	// Frames are the players that a page may show.
	Frames []string `json:"frames"`
}

// Embedders are whose pages may show one wall in a frame.
type Embedders struct {
	Sites []string `json:"sites"`
}
