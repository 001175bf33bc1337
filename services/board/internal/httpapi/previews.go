package httpapi

import (
	"context"
	"net/http"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/board/internal/view"
)

type previewInput struct {
	BoardPath
	Body struct {
		PostID string `json:"postId" format:"uuid" doc:"The id that the post has, or will be made with"`
		URL    string `json:"url" doc:"As a post would have it; also the code of a player"`
	}
}

// LinkPreview is a link before its post is there.
type LinkPreview struct {
	Attachment view.Attachment `json:"attachment" doc:"The link as a post would show it"`
	Media      *view.Media     `json:"media,omitempty" doc:"Its preview as it is now, to be read again or followed until it is ready or refused; absent when there is to be none"`
}

type previewOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         LinkPreview
}

func (a *API) registerPreviews() {
	op := below("/boards/{board}/previews", "Media", needsSession())
	handle(a, op("previewLink", http.MethodPost, "", "Ask for the preview of a link while its post is written"), a.previewLink)
}

func (a *API) previewLink(ctx context.Context, in *previewInput) (*previewOutput, error) {
	post, _ := board.ParseID(in.Body.PostID)
	link, m, err := a.Service.PreviewLink(ctx, mustPrincipal(ctx), in.id(), board.NewPreview{Post: post, URL: in.Body.URL})
	if err != nil {
		return nil, err
	}
	out := &previewOutput{CacheControl: "no-store", Body: LinkPreview{Attachment: a.View.Attachment(link)}}
	if m != nil {
		out.Body.Media = a.View.Media(m, view.Viewer{Level: board.LevelMembers, Own: m.Owner == mustPrincipal(ctx).Participant})
	}
	return out, nil
}
