// Package wording holds what the media service says to people, in each
// language, for the codes of its domain.
package wording

import "fresque.dev/services/internal/problem"

// Messages are those of this service and the ones common to all.
func Messages() problem.Catalogue {
	return problem.Common().Merge(problem.Catalogue{
		"media_too_large":         {FR: "Ce fichier est trop volumineux : {max} Mio au plus.", EN: "This file is too large: {max} MiB at most."},
		"media_empty":             {FR: "Ce fichier est vide.", EN: "This file is empty."},
		"media_size_missing":      {FR: "La taille du fichier doit être annoncée (Upload-Length).", EN: "The size of the file must be announced (Upload-Length)."},
		"media_not_found":         {FR: "Ce fichier n’existe pas ou n’existe plus.", EN: "This file does not exist, or no longer does."},
		"platform_full":           {FR: "Il n’y a plus de place pour de nouveaux fichiers. Prévenez la personne qui gère ce service.", EN: "There is no room left for new files. Tell whoever runs this service."},
		"upload_not_found":        {FR: "Cet envoi n’existe pas ou n’existe plus.", EN: "This upload does not exist, or no longer does."},
		"upload_forbidden":        {FR: "Cet envoi est celui de quelqu’un d’autre.", EN: "This upload is somebody else’s."},
		"upload_kind_forbidden":   {FR: "Ce genre de fichier n’est pas permis ici.", EN: "This kind of file is not allowed here."},
		"upload_over":             {FR: "Cet envoi est terminé. Choisissez de nouveau le fichier.", EN: "This upload is over. Choose the file again."},
		"upload_complete":         {FR: "Le fichier est déjà arrivé en entier.", EN: "The file has already arrived completely."},
		"upload_size_changed":     {FR: "Cet envoi a commencé avec un autre fichier.", EN: "This upload began with another file."},
		"upload_away":             {FR: "Cet envoi ne peut pas continuer en ce moment. Rien n’est perdu : réessayez dans un instant.", EN: "This upload cannot go on right now. Nothing is lost: try again shortly."},
		"upload_too_many":         {FR: "Trop d’envois à la fois. Attendez la fin des premiers, puis réessayez.", EN: "Too many uploads at once. Wait for the first ones to end, then try again."},
		"upload_address_full":     {FR: "Beaucoup de fichiers arrivent de votre réseau en ce moment. Rien n’est perdu : l’envoi peut continuer dans {retryAfter} s.", EN: "Many files are coming from your network right now. Nothing is lost: sending can go on in {retryAfter} s."},
		"upload_no_room":          {FR: "Il n’y a momentanément plus de place pour de nouveaux fichiers.", EN: "There is no room for new files at the moment."},
		"ticket_missing":          {FR: "Cet envoi n’est pas autorisé : le ticket manque.", EN: "This upload is not authorised: the ticket is missing."},
		"ticket_expired":          {FR: "L’autorisation d’envoi a expiré. Réessayez.", EN: "The leave to upload has expired. Try again."},
		"ticket_invalid":          {FR: "Cette autorisation d’envoi n’est pas valable.", EN: "This leave to upload is not valid."},
		"ticket_keys_unavailable": {FR: "L’autorisation ne peut pas être vérifiée en ce moment. Rien n’est perdu : réessayez dans un instant.", EN: "The leave cannot be checked right now. Nothing is lost: try again shortly."},
		"range_not_satisfiable":   {FR: "Cette partie du fichier n’existe pas.", EN: "This part of the file does not exist."},
	})
}
