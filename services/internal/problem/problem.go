// Package problem turns a fault into what a client reads: RFC 9457
// problem+json with a stable code, and a sentence in the reader's language.
// Here stands the one table that maps kinds of fault to HTTP.
package problem

import (
	"fmt"
	"net/http"
	"strings"

	"golang.org/x/text/language"

	"fresque.dev/services/internal/fault"
)

// ContentType is what problems are served as.
const ContentType = "application/problem+json"

// Problem is the body of every error response.
type Problem struct {
	Type   string       `json:"type" doc:"Names the kind of problem" example:"about:blank"`
	Title  string       `json:"title" doc:"The HTTP status in words"`
	Status int          `json:"status" doc:"The HTTP status"`
	Detail string       `json:"detail" doc:"What happened and what to do, in the language of Accept-Language"`
	Code   string       `json:"code" doc:"Stable, for programs" example:"revision_conflict"`
	Errors []InputFault `json:"errors,omitempty" nullable:"false" doc:"The single faults of an input"`
}

// InputFault is one of the faults of an input.
type InputFault struct {
	Code   string `json:"code" doc:"Stable, for programs" example:"too_long"`
	Field  string `json:"field,omitempty" doc:"Path of the input at fault" example:"attachments[0].url"`
	Detail string `json:"detail" doc:"What to do, in the language of Accept-Language"`
}

// Wait is in how many seconds whoever met a fault may try again, where it says so.
func Wait(err error) (seconds int, says bool) {
	f, ok := fault.As(err)
	if !ok {
		return 0, false
	}
	seconds, says = f.Params[fault.RetryAfter].(int)
	return seconds, says
}

// Status is the table from kinds to HTTP.
func Status(kind fault.Kind) int {
	switch kind {
	case fault.Invalid:
		return http.StatusUnprocessableEntity
	case fault.Unauthenticated:
		return http.StatusUnauthorized
	case fault.Forbidden:
		return http.StatusForbidden
	case fault.Closed:
		return http.StatusLocked
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Exists:
		return http.StatusConflict
	case fault.Conflict:
		return http.StatusPreconditionFailed
	case fault.PreconditionRequired:
		return http.StatusPreconditionRequired
	case fault.TooLarge:
		return http.StatusRequestEntityTooLarge
	case fault.RateLimited:
		return http.StatusTooManyRequests
	case fault.Unavailable:
		return http.StatusServiceUnavailable
	default:
		return http.StatusInternalServerError
	}
}

// Lang is a language of the interface.
type Lang string

// The languages. French is what a reader gets who asks for none of them.
const (
	French  Lang = "fr"
	English Lang = "en"
)

// Text is one message in each language, with {name} where a value goes.
type Text struct{ FR, EN string }

// Catalogue holds the message of each code.
type Catalogue map[string]Text

// Merge adds another catalogue's messages to a copy of this one.
func (c Catalogue) Merge(other Catalogue) Catalogue {
	out := make(Catalogue, len(c)+len(other))
	for code, t := range c {
		out[code] = t
	}
	for code, t := range other {
		out[code] = t
	}
	return out
}

// Of makes the problem of any error, in the language that an Accept-Language
// header asks for. What is not a fault is internal and says nothing more.
func (c Catalogue) Of(err error, acceptLanguage string) Problem {
	f, ok := fault.As(err)
	if !ok {
		f = fault.Internalf(err, "unexpected")
	}
	lang := Negotiate(acceptLanguage)
	status := Status(f.Kind)
	p := Problem{
		Type: "about:blank", Title: http.StatusText(status), Status: status,
		Detail: c.say(f, lang), Code: f.Code,
	}
	for _, d := range f.Details {
		p.Errors = append(p.Errors, InputFault{Code: d.Code, Field: d.Field, Detail: c.say(d, lang)})
	}
	if f.Field != "" && len(f.Details) == 0 {
		p.Errors = []InputFault{{Code: f.Code, Field: f.Field, Detail: p.Detail}}
	}
	return p
}

// say writes a fault's message; a code without one is said by its kind.
func (c Catalogue) say(f *fault.Fault, lang Lang) string {
	t, ok := c[f.Code]
	if !ok {
		t = c[string(f.Kind)]
	}
	s := t.FR
	if lang == English {
		s = t.EN
	}
	for k, v := range f.Params {
		s = strings.ReplaceAll(s, "{"+k+"}", fmt.Sprint(v))
	}
	return s
}

// Negotiate picks the language of an Accept-Language header.
func Negotiate(acceptLanguage string) Lang {
	tags, _, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil {
		return French
	}
	for _, tag := range tags {
		switch base, _ := tag.Base(); base.String() {
		case "en":
			return English
		case "fr":
			return French
		}
	}
	return French
}

// Common are the messages that every service needs: one for each kind, and
// those of tokens.
func Common() Catalogue {
	return Catalogue{
		"internal":              {"Une erreur est survenue de notre côté. Réessayez dans un instant.", "Something went wrong on our side. Try again in a moment."},
		"invalid":               {"Cette saisie n’est pas acceptée.", "This input is not accepted."},
		"invalid_input":         {"Certains champs sont à corriger.", "Some fields need correcting."},
		"unauthenticated":       {"Ouvrez de nouveau le lien du mur.", "Open the wall’s link again."},
		"session_missing":       {"Ouvrez le mur avec le lien que vous avez reçu.", "Open the wall with the link you were given."},
		"session_expired":       {"Votre session a expiré. Rechargez la page.", "Your session has expired. Reload the page."},
		"session_invalid":       {"Cette session n’est pas valable ici. Ouvrez de nouveau le lien du mur.", "This session is not valid here. Open the wall’s link again."},
		"forbidden":             {"Vous n’avez pas le droit de faire cela sur ce mur.", "You are not allowed to do this on this wall."},
		"not_found":             {"Cet élément n’existe pas ou n’existe plus.", "This does not exist, or no longer does."},
		"exists":                {"Cet identifiant est déjà pris.", "This id is already taken."},
		"id_taken":              {"Cet identifiant est déjà pris.", "This id is already taken."},
		"conflict":              {"Ce contenu a changé entre-temps.", "This content has changed in the meantime."},
		"precondition_required": {"Cette modification doit dire sur quelle version elle porte (If-Match).", "This change must say which revision it is for (If-Match)."},
		"too_large":             {"Cet envoi est trop volumineux.", "This is too large."},
		"rate_limited":          {"Trop de demandes en peu de temps. Réessayez dans un instant.", "Too many requests in a short time. Try again in a moment."},
		"unavailable":           {"Le service est momentanément indisponible. Rien n’est perdu : réessayez dans un instant.", "The service is unavailable for a moment. Nothing is lost: try again shortly."},
		"bad_request":           {"Cette demande n’est pas lisible.", "This request cannot be read."},
		"method_not_allowed":    {"Cette méthode n’est pas possible ici.", "This method is not possible here."},
	}
}
