package httpapi

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"fresque.dev/services/board/internal/view"
	"fresque.dev/services/internal/fault"
	"fresque.dev/services/internal/problem"
)

// Problem is the body of every refusal.
type Problem struct {
	problem.Problem
	Current *view.Change `json:"current,omitempty" doc:"With revision_conflict: the document as it stands"`
}

// Error is for logs.
func (p *Problem) Error() string { return p.Code }

// GetStatus tells Huma the status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType tells Huma the media type.
func (p *Problem) ContentType(string) string { return problem.ContentType }

// Messages are what people read when something is refused.
func Messages() problem.Catalogue {
	return problem.Common().Merge(problem.Catalogue{
		"revision_conflict":      {FR: "Quelqu’un a modifié ce contenu entre-temps. Comparez les deux versions, puis choisissez.", EN: "Someone changed this in the meantime. Compare the two versions, then choose."},
		"if_match_required":      {FR: "Cette modification doit dire sur quelle version elle porte (en-tête If-Match).", EN: "This change must say which revision it is for (If-Match header)."},
		"if_match_invalid":       {FR: "L’en-tête If-Match n’est pas une version.", EN: "The If-Match header is not a revision."},
		"link_invalid":           {FR: "Ce lien n’ouvre aucun mur. Vérifiez qu’il est complet, ou demandez-en un nouveau.", EN: "This link opens no wall. Check that it is complete, or ask for a new one."},
		"operator_key_invalid":   {FR: "La clé de l’exploitant manque ou n’est pas la bonne.", EN: "The operator’s key is missing or wrong."},
		"name_required":          {FR: "Indiquez votre nom avant de publier.", EN: "Give your name before you post."},
		"required":               {FR: "Ce champ est obligatoire.", EN: "This field is required."},
		"too_long":               {FR: "{max} caractères au plus.", EN: "At most {max} characters."},
		"too_many":               {FR: "{max} éléments au plus.", EN: "At most {max} items."},
		"duplicate":              {FR: "Cet identifiant est donné deux fois.", EN: "This id is given twice."},
		"unknown_type":           {FR: "Ce type de contenu n’est pas connu.", EN: "This type of content is not known."},
		"post_empty":             {FR: "La publication est vide : ajoutez un titre, un texte ou un contenu.", EN: "The post is empty: add a title, a text or some content."},
		"url_not_allowed":        {FR: "Cette adresse n’est pas acceptée. Elle doit commencer par http:// ou https://.", EN: "This address is not accepted. It must begin with http:// or https://."},
		"undo_too_late":          {FR: "Il est trop tard pour annuler cette suppression.", EN: "It is too late to undo this deletion."},
		"media_unknown":          {FR: "Ce fichier n’a pas été envoyé sur ce mur. Envoyez-le de nouveau.", EN: "This file was not uploaded to this wall. Upload it again."},
		"media_in_other_post":    {FR: "Ce fichier appartient déjà à une autre publication.", EN: "This file already belongs to another post."},
		"media_refused":          {FR: "Ce fichier a été refusé. Retirez-le ou remplacez-le.", EN: "This file was refused. Remove or replace it."},
		"media_too_large":        {FR: "Cette image est trop lourde : {maxMiB} Mio au plus.", EN: "This picture is too large: at most {maxMiB} MiB."},
		"media_empty":            {FR: "Ce fichier est vide.", EN: "This file is empty."},
		"media_type_unsupported": {FR: "Seules les images JPEG, PNG, WebP et GIF sont acceptées.", EN: "Only JPEG, PNG, WebP and GIF pictures are accepted."},
		"too_busy":               {FR: "Trop de personnes modifient ce contenu en même temps. Réessayez.", EN: "Too many people are changing this at once. Try again."},
		"events_unavailable":     {FR: "Le direct est momentanément indisponible. Il reprendra tout seul.", EN: "Live updates are unavailable for a moment. They will resume by themselves."},
		"store_unavailable":      {FR: "L’enregistrement est momentanément indisponible. Réessayez dans un instant.", EN: "Saving is unavailable for a moment. Try again shortly."},
		"shutting_down":          {FR: "Le service redémarre. La page revient toute seule dans quelques secondes.", EN: "The service is restarting. The page will be back by itself in a few seconds."},
		"malformed":              {FR: "Cette valeur n’a pas la forme attendue.", EN: "This value does not have the expected form."},
	})
}

// localise turns what Huma itself refuses (a malformed body, a value of the
// wrong form) into a problem of ours.
func (a *API) localise(ctx huma.Context, _ string, v any) (any, error) {
	e, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	kind, code := kindOfStatus(e.Status)
	f := fault.New(kind, code)
	for _, d := range e.Errors {
		if d.Location != "" {
			f.Details = append(f.Details, fault.New(fault.Invalid, "malformed").At(strings.TrimPrefix(d.Location, "body.")))
		}
	}
	p := a.messages.Of(f, ctx.Header("Accept-Language"))
	p.Status, p.Title = e.Status, http.StatusText(e.Status)
	return &Problem{Problem: p}, nil
}

// kindOfStatus names what a library answered with a bare status.
func kindOfStatus(status int) (fault.Kind, string) {
	switch status {
	case http.StatusNotFound:
		return fault.NotFound, "not_found"
	case http.StatusMethodNotAllowed:
		return fault.Invalid, "method_not_allowed"
	case http.StatusRequestEntityTooLarge:
		return fault.TooLarge, "too_large"
	case http.StatusUnprocessableEntity:
		return fault.Invalid, "invalid_input"
	case http.StatusTooManyRequests:
		return fault.RateLimited, "rate_limited"
	case http.StatusUnauthorized:
		return fault.Unauthenticated, "unauthenticated"
	}
	if status >= http.StatusInternalServerError {
		return fault.Internal, "internal"
	}
	return fault.Invalid, "bad_request"
}

// ErrorHandler answers what Fiber refuses before any handler, as a problem.
func ErrorHandler(c *fiber.Ctx, err error) error {
	messages := Messages()
	var fe *fiber.Error
	p := messages.Of(err, c.Get(fiber.HeaderAcceptLanguage))
	if errors.As(err, &fe) {
		kind, code := kindOfStatus(fe.Code)
		p = messages.Of(fault.New(kind, code), c.Get(fiber.HeaderAcceptLanguage))
		p.Status, p.Title = fe.Code, http.StatusText(fe.Code)
	}
	if p.Status == http.StatusRequestEntityTooLarge || p.Status == http.StatusBadRequest {
		// The rest of the request may still be on its way; it must not be read
		// as a request of its own.
		c.Context().SetConnectionClose()
	}
	if err := c.Status(p.Status).JSON(p); err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, problem.ContentType)
	return nil
}

// describeProblems says in the document that every refusal is a Problem.
func (a *API) describeProblems() {
	doc := a.huma.OpenAPI()
	schema := doc.Components.Schemas.Schema(typeOf[Problem](), true, "Problem")
	answer := &huma.Response{
		Description: "A refusal, with a stable code and what to do",
		Content:     map[string]*huma.MediaType{problem.ContentType: {Schema: schema}},
	}
	for _, path := range doc.Paths {
		for _, op := range []*huma.Operation{path.Get, path.Post, path.Put, path.Patch, path.Delete} {
			if op == nil {
				continue
			}
			for status := range op.Responses {
				if status == "default" || status >= "400" {
					delete(op.Responses, status)
				}
			}
			op.Responses["default"] = answer
		}
	}
	// Huma's own shapes of errors are never sent.
	for _, name := range []string{"ErrorModel", "ErrorDetail"} {
		delete(doc.Components.Schemas.Map(), name)
	}
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
