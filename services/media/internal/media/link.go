package media

import (
	"context"
	"errors"
	"net/url"
)

// Lookup is a page of the world to be read.
type Lookup struct {
	URL string
	// OEmbed is where its provider tells about it; empty for providers that are
	// not known to.
	OEmbed string
	// Restrictable: its site may show it to some people only, so that nothing of
	// it is told unless it is open to all.
	Restrictable bool
}

// Host is the name of the page's server.
func (l Lookup) Host() string {
	u, err := url.Parse(l.URL)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// Unfurl asks for the preview of a link.
type Unfurl struct {
	// Media is the document that becomes the preview.
	Media ID
	Board ID
	Lookup
	// Turn counts how often the preview was asked for; the answer repeats it.
	Turn int
}

// Unreadable is why there is no preview: the page cannot be had, or says
// nothing of itself. Which of them, and why, is told to nobody: it would tell
// what can be reached from here.
const Unreadable Code = "link_unreadable"

// Previewed is the event of a preview.
func Previewed(in Unfurl, o Outcome) Event {
	e := Event{Media: in.Media, Board: in.Board, Turn: in.Turn, State: Ready, Outcome: o}
	if o.Link == nil {
		e.State = Refused
	}
	return e
}

// Link is what a page says of itself: each one line, without control characters,
// and any of them may be empty but Host.
type Link struct {
	Title       string `json:"title,omitempty"`
	Description string `json:"description,omitempty"`
	Site        string `json:"site,omitempty"`
	Host        string `json:"host"`
	// Restricted: the page is not open to all, so that nothing of it is told.
	Restricted bool `json:"restricted,omitempty"`
}

// Page is a page that was read.
type Page struct {
	Link Link
	// Picture is the address of its picture; empty for none.
	Picture string
}

// ErrRestricted says that a page is not open to all.
var ErrRestricted = errors.New("the page is restricted")

// PageReader reads pages of the world, on behalf of people who link to them.
type PageReader interface {
	// Read tells what a page says of itself; ErrRestricted, or an error where
	// there is nothing to tell.
	Read(ctx context.Context, l Lookup) (Page, error)
	// Picture gives the bytes of a picture.
	Picture(ctx context.Context, url string) ([]byte, error)
}
