package board

import (
	"context"
	"errors"
	"sync"
	"time"

	"fresque.dev/services/internal/fault"
)

const (
	// previewFresh is how long a preview serves before a new post or edit has it
	// made again; previewRetry the same for one that failed or was not answered.
	previewFresh = 7 * 24 * time.Hour
	previewRetry = 10 * time.Minute
	// lookupsEach are the previews that one person may have made within
	// lookupsWithin, and lookupsBoard those of all on a board.
	lookupsEach   = 60
	lookupsBoard  = 300
	lookupsWithin = 10 * time.Minute
)

var errTooManyLookups = fault.New(fault.RateLimited, "rate_limited")

// Lookup is how a page is asked for.
type Lookup struct {
	URL string `json:"url"`
	// OEmbed is where the page's provider tells about it; empty for nowhere.
	OEmbed string `json:"oEmbed,omitempty"`
	// Restrictable: the provider may show the page to some people only.
	Restrictable bool `json:"restrictable,omitempty"`
}

// Preview is what there is to know of a link's page: what was asked of the media
// service and what it answered.
type Preview struct {
	Lookup Lookup `json:"lookup"`
	// Asked counts how often it was asked for, and Answered is the last time
	// that was answered: while it is the smaller one, an answer is awaited.
	Asked    int       `json:"asked"`
	Answered int       `json:"answered,omitempty"`
	AskedAt  time.Time `json:"askedAt"`
	// Page is nil until there is one to tell of.
	Page *Page `json:"page,omitempty"`
}

// Page is what a page says of itself.
type Page struct {
	Title       string `json:"title,omitempty"`
	Description string `json:"description,omitempty"`
	Site        string `json:"site,omitempty"`
	// Host is its server's name.
	Host string `json:"host,omitempty"`
	// Restricted: it is not open to all, so that nothing else of it is told.
	Restricted bool `json:"restricted,omitempty"`
}

// Due tells whether an answer of the media service is awaited.
func (p *Preview) Due() bool { return p != nil && p.Asked > p.Answered }

// stale tells whether it is to be asked for again.
func (p *Preview) stale(state MediaState, now time.Time) bool {
	age := now.Sub(p.AskedAt)
	if p.Due() || state != MediaReady {
		return age > previewRetry
	}
	return age > previewFresh
}

// answered takes an answer over. One that fails leaves what was known.
func (m *Media) answered(in MediaProgress) bool {
	p := m.Preview
	if in.Turn <= p.Answered || in.State != MediaReady && in.State != MediaRefused {
		return false
	}
	p.Answered = in.Turn
	if in.State == MediaRefused && m.State == MediaReady {
		return true
	}
	m.State, m.Refusal = in.State, in.Refusal
	if in.State == MediaReady {
		p.Page, m.Picture = in.Page, in.Picture
	}
	return true
}

// previewOf names the preview of a link in a post; empty when there is to be
// none. Each post has its own, so that a preview is seen by those who see the
// post, and goes with it.
func (s *Service) previewOf(board, post ID, url string) (ID, Lookup) {
	lookup, ok := s.Links.Lookup(url)
	if !ok {
		return "", Lookup{}
	}
	return derivedID("preview", board, post, ID(lookup.URL)), lookup
}

// NewPreview asks for the preview of a link before its post is there.
type NewPreview struct {
	// Post is the id that the post has or will have.
	Post ID
	URL  string
}

// PreviewLink gives the link as a post would have it, and its preview, which the
// asker follows as any upload of theirs; nil when there is to be none.
func (s *Service) PreviewLink(ctx context.Context, p Principal, board ID, in NewPreview) (Attachment, *Media, error) {
	sc, err := s.enter(ctx, p, board, UploadMedia)
	if err != nil {
		return Attachment{}, nil, err
	}
	if p.Name == "" {
		return Attachment{}, nil, errNameRequired
	}
	a := Attachment{Type: AttachmentLink, URL: in.URL}
	var f faults
	f.add(s.checkURL("url", &a))
	if !p.Role.moderates() && !sc.board.Settings.takes(ContentLink) {
		f.add(fault.New(fault.Invalid, "kind_not_allowed").At("url"))
	}
	if err := f.err(); err != nil {
		return Attachment{}, nil, err
	}
	a.ID = derivedID("attachment", board, in.Post, ID(a.URL))
	var lookup Lookup
	if a.Preview, lookup = s.previewOf(board, in.Post, a.URL); a.Preview == "" {
		return a, nil, nil
	}
	m, err := s.ensurePreview(ctx, sc, a.Preview, "", lookup)
	if err != nil || m == nil || !sc.sight.SeenBy(sc.p, m) {
		return a, nil, err
	}
	return a, m, nil
}

// previewLinks makes the previews of a post's links. A link without one is a
// plain link: too many in a short time are no reason to refuse a post.
func (s *Service) previewLinks(ctx context.Context, sc *scene, post *Post) error {
	for _, a := range post.Attachments {
		if a.Type != AttachmentLink || a.Preview == "" {
			continue
		}
		id, lookup := s.previewOf(post.Board, post.ID, a.URL)
		if id != a.Preview {
			continue
		}
		_, err := s.ensurePreview(ctx, sc, id, post.ID, lookup)
		if err != nil && !errors.Is(err, errTooManyLookups) {
			return err
		}
	}
	return nil
}

// previewsFor makes the previews of a copied post, which a copied wall has made
// anew.
func (s *Service) previewsFor(post *Post, to *scene) []Document {
	var out []Document
	for i := range post.Attachments {
		a := &post.Attachments[i]
		var lookup Lookup
		if a.Preview, lookup = s.previewOf(post.Board, post.ID, a.URL); a.Preview != "" {
			m := newPreview(to, a.Preview, post.ID, lookup)
			m.CreatedAt, m.Owner = to.now, post.Author.ID
			out = append(out, m)
		}
	}
	return out
}

// ensurePreview makes a preview, or has one that is old made again, and puts it
// into a post, if there is one yet. It gives nil where an upload has taken the
// preview's id.
func (s *Service) ensurePreview(ctx context.Context, sc *scene, id, post ID, lookup Lookup) (*Media, error) {
	key := Key{Board: sc.board.ID, Kind: KindMedia, ID: id}
	m, err := get[*Media](ctx, s.Store, key)
	if fault.KindOf(err) == fault.NotFound {
		if !s.lookups.take(sc) {
			return nil, errTooManyLookups
		}
		var fresh bool
		if m, fresh, err = create(ctx, s, sc, NotLogged, newPreview(sc, id, post, lookup)); fresh {
			return m, err
		}
	}
	if err != nil {
		return nil, err
	}
	again := false
	if m.Deleted() || m.Preview != nil && m.Preview.stale(m.State, sc.now) {
		again = s.lookups.take(sc)
	}
	m, err = change(ctx, s, sc, key, 0, doing{}, func(m *Media) (bool, error) {
		if again {
			m.askAgain(sc, lookup)
		}
		if m.Deleted() || m.Preview == nil || post == "" {
			return again, nil
		}
		kept, moved := m.keep(sc.now), m.Post != post
		m.Post = post
		return again || kept || moved, nil
	})
	if err == nil && (m.Deleted() || m.Preview == nil) {
		m = nil
	}
	return m, err
}

// askAgain has a preview made once more; until it is, it stays what it was.
func (m *Media) askAgain(sc *scene, lookup Lookup) {
	if m.Preview == nil { // it was erased
		fresh := newPreview(sc, m.ID, "", lookup)
		at := fresh.PurgeAt
		fresh.Meta = m.Meta
		fresh.live()
		fresh.PurgeAt = at
		*m = *fresh
		return
	}
	m.Preview.Lookup, m.Preview.Asked, m.Preview.AskedAt = lookup, m.Preview.Asked+1, sc.now
	if m.State == MediaRefused {
		m.State, m.Refusal = MediaProcessing, ""
	}
}

func newPreview(sc *scene, id, post ID, lookup Lookup) *Media {
	m := &Media{
		Owner: sc.p.Participant, Post: post, State: MediaProcessing, Content: ContentLink,
		Preview: &Preview{Lookup: lookup, Asked: 1, AskedAt: sc.now},
	}
	m.ID, m.Board, m.PurgeAt = id, sc.board.ID, sc.now.Add(UnusedKept)
	return m
}

// quota bounds the previews that are asked for, in each replica by itself: it is
// there against a flood, not to the last one.
type quota struct {
	mu    sync.Mutex
	since time.Time
	used  map[ID]int
}

// take lets somebody ask for one more, or not.
func (q *quota) take(sc *scene) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.used == nil || sc.now.Sub(q.since) >= lookupsWithin {
		q.since, q.used = sc.now, map[ID]int{}
	}
	board := sc.board.ID
	person := board + ID("/") + sc.p.Participant
	if q.used[person] >= lookupsEach || q.used[board] >= lookupsBoard {
		return false
	}
	q.used[person]++
	q.used[board]++
	return true
}
