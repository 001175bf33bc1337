package httpapi

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/board/internal/view"
	"fresque.dev/services/internal/fault"
	"fresque.dev/services/internal/problem"
	"fresque.dev/services/internal/telemetry"
)

// Problem is the body of every refusal.
type Problem struct {
	problem.Problem
	Current *view.Change `json:"current,omitempty" doc:"With revision_conflict: the document as it stands"`
	// retryAfter is in seconds; 0 says nothing.
	retryAfter int
}

const paramRetryAfter = fault.RetryAfter

// Error is for logs.
func (p *Problem) Error() string { return p.Code }

// GetStatus tells Huma the status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType tells Huma the media type.
func (p *Problem) ContentType(string) string { return problem.ContentType }

// Messages are what people read when something is refused.
func Messages() problem.Catalogue {
	return problem.Common().Merge(platformMessages()).Merge(problem.Catalogue{
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
		"undo_too_late":          {FR: "Il est trop tard pour annuler. Un animateur peut encore le faire.", EN: "It is too late to undo this. A trainer still can."},
		"media_unknown":          {FR: "Ce fichier n’a pas été envoyé sur ce mur. Envoyez-le de nouveau.", EN: "This file was not uploaded to this wall. Upload it again."},
		"media_in_other_post":    {FR: "Ce fichier appartient déjà à une autre publication.", EN: "This file already belongs to another post."},
		"media_refused":          {FR: "Ce fichier a été refusé. Retirez-le ou remplacez-le.", EN: "This file was refused. Remove or replace it."},
		"media_too_large":        {FR: "Ce fichier est trop lourd : {maxMiB} Mio au plus.", EN: "This file is too large: at most {maxMiB} MiB."},
		"archive_busy":           {FR: "Une copie de mur est déjà en cours. Attendez qu’elle soit finie, puis recommencez.", EN: "A copy of a wall is already being made. Wait for it to end, then try again."},
		"paper_too_long":         {FR: "Ce mur est trop long pour un PDF. Emportez-le en ZIP : tout y est, et la page se lit et s’imprime.", EN: "This wall is too long for a PDF. Take it away as a ZIP: all is in it, and its page reads and prints."},
		"file_path":              {FR: "Ce fichier n’est pas à sa place dans la copie.", EN: "This file is not in its place in the copy."},
		"transfer_too_large":     {FR: "Les fichiers de cette copie dépassent ce qu’un mur peut avoir : {maxMiB} Mio.", EN: "The files of this copy are more than a wall may have: {maxMiB} MiB."},
		"board_full":             {FR: "Ce mur n’a plus assez de place pour ce fichier : il reste {leftMiB} Mio.", EN: "This wall has not enough room left for this file: {leftMiB} MiB remain."},
		"media_empty":            {FR: "Ce fichier est vide.", EN: "This file is empty."},
		"media_type_unsupported": {FR: "Ce type de fichier n’est pas accepté. Enregistrez-le dans un autre format, PDF par exemple.", EN: "This type of file is not accepted. Save it in another format, PDF for instance."},
		"too_busy":               {FR: "Trop de personnes modifient ce contenu en même temps. Réessayez.", EN: "Too many people are changing this at once. Try again."},
		"events_unavailable":     {FR: "Le direct est momentanément indisponible. Il reprendra tout seul.", EN: "Live updates are unavailable for a moment. They will resume by themselves."},
		"store_unavailable":      {FR: "L’enregistrement est momentanément indisponible. Réessayez dans un instant.", EN: "Saving is unavailable for a moment. Try again shortly."},
		"shutting_down":          {FR: "Le service redémarre. La page revient toute seule dans quelques secondes.", EN: "The service is restarting. The page will be back by itself in a few seconds."},
		"board_frozen":           {FR: "Ce mur est gelé : on peut le lire, plus y écrire.", EN: "This wall is frozen: it can be read, and no longer written on."},
		"board_not_open_yet":     {FR: "Ce mur n’est pas encore ouvert. Revenez à l’heure prévue.", EN: "This wall is not open yet. Come back at the time planned."},
		"board_closed":           {FR: "Ce mur est fermé. Demandez à son animateur de le rouvrir.", EN: "This wall is closed. Ask its trainer to open it again."},
		"board_archived":         {FR: "Ce mur est archivé : sortez-le des archives pour le modifier.", EN: "This wall is archived: take it out of the archive to change it."},
		"board_ended":            {FR: "Ce mur a été anonymisé : il se lit, et ne change plus.", EN: "This wall has been anonymised: it can be read, and no longer changes."},
		"section_gone":           {FR: "Cette section n’existe plus. Choisissez-en une autre.", EN: "This section is no longer there. Choose another one."},
		"section_locked":         {FR: "Cette section est verrouillée : rien n’y change tant que l’animation ne l’a pas rouverte. Choisissez-en une autre.", EN: "This section is locked: nothing in it changes until a trainer opens it again. Choose another one."},
		"too_many_sections":      {FR: "Un mur a {max} sections au plus.", EN: "A wall has at most {max} sections."},
		"order_invalid":          {FR: "Cette position n’est pas valide.", EN: "This position is not valid."},
		"unknown_layout":         {FR: "Cette disposition n’est pas connue. Choisissez mur, colonnes ou fil.", EN: "This layout is not known. Choose wall, columns or stream."},
		"unknown_sort":           {FR: "Ce tri n’est pas connu.", EN: "This sort is not known."},
		"unknown_post":           {FR: "Choisissez qui peut publier : participants ou animateurs.", EN: "Choose who may post: participants or trainers."},
		"unknown_comment":        {FR: "Choisissez qui peut commenter.", EN: "Choose who may comment."},
		"unknown_react":          {FR: "Choisissez qui peut réagir.", EN: "Choose who may react."},
		"unknown_edit_others":    {FR: "Choisissez qui peut modifier les publications des autres.", EN: "Choose who may edit others’ posts."},
		"unknown_moderation":     {FR: "Ce mode de modération n’est pas connu.", EN: "This moderation mode is not known."},
		"unknown_anonymity":      {FR: "Ce mode d’anonymat n’est pas connu.", EN: "This anonymity mode is not known."},
		"unknown_groups":         {FR: "Ce mode de groupes n’est pas connu.", EN: "This group mode is not known."},
		"unknown_colour":         {FR: "Cette couleur n’est pas proposée.", EN: "This colour is not offered."},
		"unknown_choice":         {FR: "Cette valeur ne fait pas partie des choix.", EN: "This value is not among the choices."},
		"unknown_language":       {FR: "Cette langue n’est pas proposée : français ou anglais.", EN: "This language is not offered: French or English."},
		"unknown_role":           {FR: "Ce rôle n’est pas connu.", EN: "This role is not known."},
		"out_of_range":           {FR: "Entre 0 et {max}.", EN: "Between 0 and {max}."},
		"open_backwards":         {FR: "La fermeture doit venir après l’ouverture.", EN: "Closing must come after opening."},
		"time_invalid":           {FR: "Cette date n’est pas valide.", EN: "This date is not valid."},
		"colour_not_allowed":     {FR: "Les publications de ce mur n’ont pas de couleur.", EN: "Posts on this wall have no colour."},
		"kind_not_allowed":       {FR: "Ce type de contenu n’est pas accepté sur ce mur.", EN: "This type of content is not accepted on this wall."},
		"captions_of_nothing":    {FR: "Des sous-titres accompagnent un son ou une vidéo de la même publication.", EN: "Captions go with a sound or a video of the same post."},
		"captions_expected":      {FR: "Ce fichier n’est pas annoncé comme des sous-titres (WebVTT ou SRT).", EN: "This file is not announced as captions (WebVTT or SRT)."},
		"language_unknown":       {FR: "Choisissez la langue des sous-titres.", EN: "Choose the language of the captions."},
		"alt_required":           {FR: "Décrivez l’image pour ceux qui ne la voient pas.", EN: "Describe the picture for those who cannot see it."},
		"picture_required":       {FR: "Ajoutez une image : ce mur en demande une.", EN: "Add a picture: this wall asks for one."},
		"wall_full":              {FR: "Ce mur est plein : il tient {max} publications, ou {mib} Mio de texte. Supprimez-en, ou continuez sur un autre mur.", EN: "This wall is full: it holds {max} posts, or {mib} MiB of text. Delete some, or go on with another wall."},
		"posts_limit_reached":    {FR: "Vous avez publié tout ce que ce mur permet à chacun ({max}). Supprimez une de vos publications pour en ajouter une autre.", EN: "You have posted all that this wall allows each person ({max}). Delete one of your posts to add another."},
		"reason_required":        {FR: "Écrivez pourquoi : votre motif est gardé dans le journal.", EN: "Write why: your reason is kept in the log."},
		"participant_blocked":    {FR: "L’accès à ce mur vous a été retiré. Parlez-en à son animateur.", EN: "Your access to this wall has been taken away. Talk to its trainer."},
		"author_sealed":          {FR: "L’auteur est anonyme, pour vous aussi. Refusez ou supprimez la publication ; qui possède le mur peut lever l’anonymat.", EN: "The author is anonymous, to you too. Reject or delete the post; the owner of the wall can lift the anonymity."},
		"group_gone":             {FR: "Ce groupe n’existe plus. Choisissez-en un autre.", EN: "This group is no longer there. Choose another one."},
		"too_many_groups":        {FR: "Un mur a {max} groupes au plus.", EN: "A wall has at most {max} groups."},
		"too_many_links":         {FR: "Un mur a {max} liens au plus. Révoquez-en un.", EN: "A wall has at most {max} links. Revoke one."},
		"too_short":              {FR: "{min} caractères au moins.", EN: "At least {min} characters."},
		"link_password_required": {FR: "Ce lien demande un mot de passe.", EN: "This link asks for a password."},
		"link_password":          {FR: "Ce n’est pas le bon mot de passe.", EN: "This is not the right password."},
		"link_used_up":           {FR: "Ce lien a déjà servi autant de fois que permis. Demandez-en un autre.", EN: "This link has been used as many times as it may. Ask for another one."},
		"code_invalid":           {FR: "Ce code n’ouvre aucun mur. Vérifiez-le, ou demandez le lien.", EN: "This code opens no wall. Check it, or ask for the link."},
		"changed_since":          {FR: "Ce contenu a changé depuis : l’annulation n’est plus possible telle quelle. Voyez son historique.", EN: "This has changed since: it can no longer be undone as it is. See its history."},
		"not_undoable":           {FR: "Cette action ne peut pas être annulée.", EN: "This cannot be undone."},
		"sign_in_refused":        {FR: "Ce nom ou ce mot de passe n’est pas le bon. Vérifiez les deux.", EN: "This name or this password is not right. Check both."},
		"account_signed_out":     {FR: "Vous n’êtes plus connecté. Connectez-vous de nouveau.", EN: "You are no longer signed in. Sign in again."},
		"account_last_admin":     {FR: "Vous êtes seul à administrer ce serveur : sans vous, plus personne n’invite. Demandez à qui exploite ce serveur de nommer quelqu’un d’autre.", EN: "You are the only administrator: without you nobody can invite. Ask whoever operates this server to name somebody else."},
		"setup_done":             {FR: "Le premier compte existe déjà. Connectez-vous.", EN: "The first account has been made already. Sign in."},
		"setup_code_invalid":     {FR: "Ce lien de premier démarrage n’est pas complet. Copiez-le de nouveau, en entier.", EN: "This first-start link is not complete. Copy it again, as a whole."},
		"invitation_invalid":     {FR: "Cette invitation n’ouvre rien : elle est incomplète, trop ancienne ou retirée. Demandez-en une autre.", EN: "This invitation opens nothing: it is incomplete, too old or taken back. Ask for another one."},
		"invitation_used":        {FR: "Cette invitation a déjà servi. Si c’était vous, connectez-vous ; sinon, demandez-en une autre.", EN: "This invitation has been used. If that was you, sign in; otherwise ask for another one."},
		"login_taken":            {FR: "Ce nom d’utilisateur est déjà pris. Choisissez-en un autre.", EN: "This user name is taken. Choose another one."},
		"password_wrong":         {FR: "Ce n’est pas votre mot de passe actuel.", EN: "This is not your current password."},
		"wall_yours_already":     {FR: "Ce mur est déjà à vous.", EN: "This wall is yours already."},
		"too_many_platforms":     {FR: "{max} plateformes au plus.", EN: "At most {max} platforms."},
		"address_not_https":      {FR: "Cette adresse doit commencer par https://.", EN: "This address must begin with https://."},
		"origin_invalid":         {FR: "Indiquez chaque origine comme https://moodle.exemple.fr, en minuscules, sans chemin ni *.", EN: "Give each origin as https://moodle.example.org, in lower case, without a path or *."},
		"platform_unknown":       {FR: "Ce site n’est pas relié à Fresque, ou ne l’est plus. Contactez l’administration de votre site.", EN: "This site is not connected to Fresque, or no longer is. Contact the administrators of your site."},
		"scope_insufficient":     {FR: "Le jeton d’accès ne donne pas ce droit : {scope}.", EN: "The access token does not grant this: {scope}."},
		"user_held":              {FR: "Votre accès à Fresque a été suspendu. Parlez-en à l’administration de votre site.", EN: "Your access to Fresque has been suspended. Talk to the administrators of your site."},
		"user_erased":            {FR: "Les données de cette personne ont été effacées de ce mur. Pour y revenir, rouvrez-le depuis votre site.", EN: "This person’s data have been erased from this wall. To come back, open it again from your site."},
		"ticket_invalid":         {FR: "Ce lien d’accès n’est pas valable. Rouvrez l’activité depuis votre cours.", EN: "This access link is not valid. Open the activity again from your course."},
		"ticket_expired":         {FR: "Ce lien d’accès a expiré. Rouvrez l’activité depuis votre cours.", EN: "This access link has expired. Open the activity again from your course."},
		"ticket_used":            {FR: "Ce lien d’accès a déjà servi. Rouvrez l’activité depuis votre cours.", EN: "This access link has been used already. Open the activity again from your course."},
		"ticket_other_board":     {FR: "Ce lien d’accès ouvre un autre mur. Rouvrez l’activité depuis votre cours.", EN: "This access link opens another wall. Open the activity again from your course."},
		"ticket_other_origin":    {FR: "Ce lien d’accès ne s’ouvre que dans la page de votre cours. Rouvrez l’activité depuis votre cours.", EN: "This access link only opens inside the page of your course. Open the activity again from your course."},
		"origin_not_listed":      {FR: "Cette origine n’est pas de celles du site. Ajoutez-la à la connexion du site.", EN: "This origin is not one of the site’s. Add it to the site’s connection."},
		"group_unknown":          {FR: "Chaque groupe d’un membre doit être dans la liste des groupes.", EN: "Each group of a member must be in the list of groups."},
		"unknown_template":       {FR: "Ce modèle n’existe pas. Choisissez-en un autre.", EN: "There is no such template. Choose another one."},
		"too_many_walls":         {FR: "Un compte a {max} murs au plus. Supprimez-en un.", EN: "An account has at most {max} walls. Delete one."},
		"restore_too_late":       {FR: "Ce mur a été effacé pour de bon, 30 jours après sa suppression.", EN: "This wall has been erased for good, 30 days after it was deleted."},
		"post_not_published":     {FR: "Cette publication attend encore son animateur : on ne peut ni la commenter ni y réagir.", EN: "This post is still waiting for its trainer: it can be neither commented on nor reacted to."},
		"reply_gone":             {FR: "Le commentaire auquel vous répondez n’est plus là. Écrivez un nouveau commentaire.", EN: "The comment that you reply to is no longer there. Write a new comment."},
		"comments_limit_reached": {FR: "Cette publication a déjà {max} commentaires, le maximum.", EN: "This post already has {max} comments, the most it can have."},
		"attachment_unknown":     {FR: "Ce contenu n’est plus dans la publication.", EN: "This content is no longer in the post."},
		"reactions_off":          {FR: "Les réactions sont désactivées sur ce mur.", EN: "Reactions are turned off on this wall."},
		"unknown_reactions":      {FR: "Ce genre de réaction n’est pas connu.", EN: "This kind of reaction is not known."},
		"votes_spent":            {FR: "Vos {max} votes sont tous donnés. Retirez-en un pour voter ici.", EN: "You have given all your {max} votes. Take one back to vote here."},
		"rule_without_section":   {FR: "Seules les publications se comptent par section.", EN: "Only posts are counted by section."},
		"least_out_of_range":     {FR: "Entre 1 et {max}.", EN: "Between 1 and {max}."},
		"too_many_streams":       {FR: "Ce mur est déjà ouvert trop de fois d’ici. Fermez des onglets ; la page revient toute seule.", EN: "This wall is already open too many times from here. Close some tabs; the page will be back by itself."},
		"request_from_elsewhere": {FR: "Cette demande vient d’un autre site. Ouvrez le mur lui-même, puis recommencez.", EN: "This request comes from another site. Open the wall itself, then try again."},
		"content_encoded":        {FR: "Envoyez le contenu sans le compresser.", EN: "Send the content uncompressed."},
		"malformed":              {FR: "Cette valeur n’a pas la forme attendue.", EN: "This value does not have the expected form."},
	})
}

// GetHeaders tells Huma when to try again.
func (p *Problem) GetHeaders() http.Header {
	if p.retryAfter == 0 {
		return nil
	}
	return http.Header{"Retry-After": {strconv.Itoa(p.retryAfter)}}
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
	telemetry.Refused(ctx.Context(), p.Code)
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
	telemetry.Refused(c.UserContext(), p.Code)
	if f, ok := fault.As(err); ok && f.Params[paramRetryAfter] != nil {
		c.Set(fiber.HeaderRetryAfter, fmt.Sprint(f.Params[paramRetryAfter]))
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

// describeAbilities lists in the document what there is to be allowed, from the
// authorisation table.
func (a *API) describeAbilities() {
	names := make([]any, 0)
	for _, ability := range board.Abilities() {
		names = append(names, string(ability))
	}
	schemas := a.huma.OpenAPI().Components.Schemas.Map()
	for _, name := range []string{"Session", "You"} {
		schemas[name].Properties["abilities"].Items.Enum = names
	}
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
