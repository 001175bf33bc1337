package httpapi

import (
	"context"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/board/internal/view"
)

// answer makes the answer of a command out of the document that it gave, as
// who asks may see it.
func answer[D board.Document, O any](ctx context.Context, a *API, wrap func(view.Change) *O) func(D, error) (*O, error) {
	return func(doc D, err error) (*O, error) {
		if err != nil {
			return nil, err
		}
		c, err := a.change(ctx, doc)
		if err != nil {
			return nil, err
		}
		return wrap(c), nil
	}
}

// shapes renders several documents.
func shapes[D board.Document, V any](ctx context.Context, a *API, docs []D, pick func(view.Change) V) ([]V, error) {
	viewer, err := a.viewer(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]V, 0, len(docs))
	for _, doc := range docs {
		c, ok := a.View.Change(doc, viewer.of(doc))
		if !ok {
			return nil, board.ErrNotFound
		}
		out = append(out, pick(c))
	}
	return out, nil
}

// change renders a document for who asks.
func (a *API) change(ctx context.Context, doc board.Document) (view.Change, error) {
	viewer, err := a.viewer(ctx)
	if err != nil {
		return view.Change{}, err
	}
	c, ok := a.View.Change(doc, viewer.of(doc))
	if !ok {
		return c, board.ErrNotFound
	}
	return c, nil
}

// current renders the document that a change ran into, for whoever may see it.
func (a *API) current(ctx context.Context, doc board.Document) *view.Change {
	viewer, err := a.viewer(ctx)
	if err != nil || !viewer.sight.SeenBy(viewer.principal, doc) {
		return nil
	}
	if c, ok := a.View.Change(doc, viewer.of(doc)); ok {
		return &c
	}
	return nil
}

// viewer is who asks, as the one for whom documents are rendered.
type viewer struct {
	principal board.Principal
	level     board.Level
	sight     *board.Sight
}

func (a *API) viewer(ctx context.Context) (viewer, error) {
	p := mustPrincipal(ctx)
	class, ok := board.ClassOf(p)
	if !ok {
		return viewer{}, board.ErrForbidden
	}
	sight, err := a.Service.SightOf(ctx, p.Board)
	return viewer{p, class.Level, sight}, err
}

// of is the viewer of one document, which may be their own.
func (v viewer) of(doc board.Document) view.Viewer {
	return view.Viewer{Level: v.level, Own: board.OwnerOf(doc) == v.principal.Participant, Sight: v.sight}
}
