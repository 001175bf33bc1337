package unfurl

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"fresque.dev/services/media/internal/media"
)

var _ media.PageReader = (*Reader)(nil)

const (
	acceptPage    = "text/html, application/xhtml+xml;q=0.9, image/*;q=0.5"
	acceptPicture = "image/webp, image/jpeg, image/png, image/gif"
	acceptJSON    = "application/json"
)

// Read tells what the page of a link says of itself. media.ErrRestricted says
// that not everybody may see it; any other error that there is nothing to tell.
func (r *Reader) Read(ctx context.Context, l media.Lookup) (media.Page, error) {
	ctx, cancel := context.WithTimeout(ctx, r.cfg.Within)
	defer cancel()
	if l.Restrictable {
		return r.readRestrictable(ctx, l)
	}
	if l.OEmbed != "" {
		p, err := r.oEmbed(ctx, l.OEmbed)
		p.Link.Host = l.Host()
		var status statusError
		switch {
		case err == nil && p.Link.Title != "":
			return p, nil
		case errors.As(err, &status) && status.refuses():
			return media.Page{}, media.ErrRestricted
		}
	}
	return r.page(ctx, l.URL)
}

// page reads a page, or makes one of a picture that is linked to by itself.
func (r *Reader) page(ctx context.Context, raw string) (media.Page, error) {
	resp, err := r.get(ctx, raw, acceptPage, maxPage)
	if err != nil {
		return media.Page{}, err
	}
	defer resp.Body.Close()
	here := resp.Request.URL
	out := media.Page{Link: media.Link{Host: here.Hostname()}}
	switch kind := typeOf(resp); {
	case kind == "text/html", kind == "application/xhtml+xml":
		p := readPage(resp.Body, resp.Header.Get("Content-Type"), here, false)
		out.Link.Title, out.Link.Description, out.Link.Site = p.title(), p.description(), p.site()
		out.Picture = p.picture()
	case strings.HasPrefix(kind, "image/"):
		out.Picture = here.String()
	}
	if out.Link.Title == "" && out.Picture == "" {
		return out, errors.New("the page says nothing of itself")
	}
	return out, ctx.Err()
}

// readRestrictable reads a page that its site may show to some people only. It
// must answer at its own address and ask for no password; what it says of itself
// is then its title and its picture, since its description names people. Only
// after that may oEmbed be asked, which checks nothing.
func (r *Reader) readRestrictable(ctx context.Context, l media.Lookup) (media.Page, error) {
	asked, ok := parseTarget(l.URL)
	if !ok {
		return media.Page{}, errRefused
	}
	resp, err := r.follow(ctx, asked, acceptPage, maxPage, func(to target) error {
		if to.host != asked.host || numbered(to.url.Path) != numbered(asked.url.Path) {
			return media.ErrRestricted
		}
		return nil
	})
	var status statusError
	if errors.As(err, &status) && status.refuses() {
		err = media.ErrRestricted
	}
	if err != nil {
		return media.Page{}, err
	}
	defer resp.Body.Close()
	here := resp.Request.URL
	if typeOf(resp) != "text/html" {
		return media.Page{}, errors.New("not a page")
	}
	p := readPage(resp.Body, resp.Header.Get("Content-Type"), here, true)
	if p.password {
		return media.Page{}, media.ErrRestricted
	}
	if err := ctx.Err(); err != nil {
		return media.Page{}, err
	}
	out := media.Page{Link: media.Link{Title: line(p.found["og:title"], maxTitle), Site: p.site(), Host: asked.host}, Picture: p.picture()}
	if out.Link.Title == "" && l.OEmbed != "" {
		more, err := r.oEmbed(ctx, l.OEmbed)
		if err != nil {
			return media.Page{}, err
		}
		out.Link.Title = more.Link.Title
		if out.Picture == "" {
			out.Picture = more.Picture
		}
	}
	if out.Link.Title == "" {
		return out, errors.New("the page says nothing of itself")
	}
	return out, nil
}

// numbered is a path without the words that may follow a number in its last
// part: a page that was given another title is the same page.
func numbered(path string) string {
	path = strings.TrimSuffix(path, "/")
	at := strings.LastIndexByte(path, '/') + 1
	number, _, _ := strings.Cut(path[at:], "-")
	return path[:at] + number
}

// oEmbed asks a provider about a page, and takes its title and its picture: who
// made it and what code would show it are left.
func (r *Reader) oEmbed(ctx context.Context, raw string) (media.Page, error) {
	resp, err := r.get(ctx, raw, acceptJSON, maxPage)
	if err != nil {
		return media.Page{}, err
	}
	defer resp.Body.Close()
	var said struct {
		Title     string `json:"title"`
		Provider  string `json:"provider_name"`
		Thumbnail string `json:"thumbnail_url"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&said); err != nil {
		return media.Page{}, fmt.Errorf("oEmbed: %w", err)
	}
	out := media.Page{Link: media.Link{Title: line(said.Title, maxTitle), Site: line(said.Provider, maxSite)}}
	if ref, err := url.Parse(said.Thumbnail); err == nil && said.Thumbnail != "" {
		out.Picture = resp.Request.URL.ResolveReference(ref).String()
	}
	return out, nil
}

// Picture gives the bytes of a picture.
func (r *Reader) Picture(ctx context.Context, raw string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, r.cfg.Within)
	defer cancel()
	resp, err := r.get(ctx, raw, acceptPicture, maxPicture+1)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if kind := typeOf(resp); kind != "" && !strings.HasPrefix(kind, "image/") && kind != "application/octet-stream" {
		return nil, errors.New("not a picture")
	}
	data, err := io.ReadAll(resp.Body)
	if err == nil && len(data) > maxPicture {
		err = errors.New("picture too large")
	}
	return data, err
}
