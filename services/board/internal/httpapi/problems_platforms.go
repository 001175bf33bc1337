package httpapi

import "fresque.dev/services/internal/problem"

// platformMessages are what whoever connects a site reads.
func platformMessages() problem.Catalogue {
	return problem.Catalogue{
		"idempotency_key_reused": {FR: "Cette clé d’idempotence a déjà servi à une autre demande. Prenez-en une nouvelle.", EN: "This idempotency key has been used for another request. Take a new one."},
		"too_many_boards":        {FR: "Votre site a {max} murs au plus. Supprimez-en, ou demandez à l’exploitant d’en permettre davantage.", EN: "Your site has at most {max} walls. Delete some, or ask the operator to allow more."},
		"platform_full":          {FR: "Votre site n’a plus assez de place pour ce fichier : il reste {leftMiB} Mio. Parlez-en à son administration.", EN: "Your site has not enough room left for this file: {leftMiB} MiB remain. Talk to its administrators."},
		"transfer_version":       {FR: "Cette sauvegarde de mur est d’une autre version de Fresque : celle-ci lit la version {version}.", EN: "This backup of a wall is of another version of Fresque: this one reads version {version}."},
		"transfer_malformed":     {FR: "Ce n’est pas une sauvegarde de mur de Fresque.", EN: "This is not a backup of one of Fresque’s walls."},
		"reference_unknown":      {FR: "Cet identifiant ne désigne rien dans cette sauvegarde.", EN: "This id names nothing in this backup."},
		"keys_malformed":         {FR: "Ce n’est pas un jeu de clés JSON (JWKS) : {\"keys\": […]}.", EN: "This is not a JSON Web Key Set: {\"keys\": […]}."},
		"keys_private":           {FR: "Ce jeu contient une clé secrète : ne l’utilisez plus. Créez-en une autre, et ne donnez que sa partie publique.", EN: "This set has a secret key in it: use it no more. Make another one, and give its public part only."},
		"keys_weak":              {FR: "Cette clé RSA est trop courte ou trop longue : de {min} à 8192 bits.", EN: "This RSA key is too short or too long: from {min} to 8192 bits."},
		"keys_none":              {FR: "Aucune clé de ce jeu ne convient : il faut une clé publique de signature RSA, EC (P-256, P-384) ou Ed25519.", EN: "No key of this set will do: it takes a public signing key, RSA, EC (P-256, P-384) or Ed25519."},
		"keys_unreachable":       {FR: "Le service n’a pas pu lire les clés publiques du site à {url} : {why}.", EN: "The service could not read the site’s public keys at {url}: {why}."},
		"keys_unusable":          {FR: "Les clés publiques du site ne sont pas utilisables ({why}).", EN: "The site’s public keys cannot be used ({why})."},
		"assertion_malformed":    {FR: "client_assertion n’est pas un JWT lisible.", EN: "client_assertion is not a JWT that can be read."},
		"assertion_algorithm":    {FR: "Cet algorithme de signature n’est pas accepté : RS256, RS384, RS512, PS256, ES256, ES384 ou EdDSA.", EN: "This signing algorithm is not accepted: RS256, RS384, RS512, PS256, ES256, ES384 or EdDSA."},
		"assertion_incomplete":   {FR: "L’assertion doit avoir iat, exp et jti (200 caractères au plus).", EN: "The assertion must have iat, exp and jti (200 characters at most)."},
		"assertion_subject":      {FR: "L’assertion doit avoir pour iss et sub l’identifiant de la plateforme.", EN: "The assertion’s iss and sub must be the id of the platform."},
		"assertion_audience":     {FR: "L’assertion n’est pas pour ce service : son aud doit être {audience}.", EN: "The assertion is not for this service: its aud must be {audience}."},
		"assertion_key":          {FR: "La plateforme n’a pas de clé publique {kid} pour {algorithm}. Enregistrez la clé du site, ou attendez 30 secondes après un changement de clé.", EN: "The platform has no public key {kid} for {algorithm}. Register the site’s key, or wait 30 seconds after a change of keys."},
		"assertion_signature":    {FR: "La signature ne correspond à aucune clé publique de la plateforme : le site signe avec une autre clé.", EN: "The signature fits no public key of the platform: the site signs with another key."},
		"assertion_expired":      {FR: "L’assertion a expiré. Faites-en une à chaque appel. Heure du service : {time}.", EN: "The assertion has expired. Make a new one for each call. The service’s time is {time}."},
		"assertion_clock":        {FR: "L’horloge du site n’est pas à l’heure : {off} secondes d’écart avec le service, où il est {time}. Réglez l’horloge du serveur.", EN: "The site’s clock is off by {off} seconds from the service’s, whose time is {time}. Set the server’s clock."},
		"assertion_too_long":     {FR: "L’assertion vit trop longtemps : {max} secondes au plus entre iat et exp.", EN: "The assertion lives too long: at most {max} seconds from iat to exp."},
		"assertion_replayed":     {FR: "Cette assertion a déjà servi. Faites-en une à chaque appel, avec un autre jti.", EN: "This assertion has been used. Make a new one for each call, with another jti."},
		"token_request_invalid":  {FR: "Demande de jeton incomplète ou répétée : {field}.", EN: "The request for a token is incomplete, or repeats itself: {field}."},
		"grant_type_unsupported": {FR: "Seul grant_type=client_credentials est possible ici.", EN: "Only grant_type=client_credentials is possible here."},
		"scope_unknown":          {FR: "Le droit {scope} n’existe pas. Il y a : {scopes}.", EN: "There is no scope {scope}. There are: {scopes}."},
	}
}
