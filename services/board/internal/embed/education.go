package embed

import "regexp"

// What Esup-Pod's addresses are made of (its sources, version 4.1). The hyphen
// of a slug is required: Pod drops the last digit of a bare number. A token is
// a bearer secret.
const (
	podSlug = `([0-9]{1,9}-[A-Za-z0-9_-]{0,250})`
	hex64   = `[0-9a-f]{64}`
	uuid    = `[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`
)

// podForms are tried in turn: an enriched video would pass for one of a channel
// named enrichment.
var podForms = []struct {
	path   *regexp.Regexp
	prefix string
	// starts: the player can start at a second.
	starts bool
}{
	{regexp.MustCompile(`^/enrichment/video/` + podSlug + `(?:/(` + hex64 + `|` + uuid + `))?/?$`), "/enrichment/video/", true},
	{regexp.MustCompile(`^/live/event/` + podSlug + `(?:/(` + hex64 + `))?/?$`), "/live/event/", false},
	{regexp.MustCompile(`^/(?:[a-z0-9_-]+/){0,2}video/` + podSlug + `(?:/(` + hex64 + `|` + uuid + `))?/?$`), "/video/", true},
}

func readPod(a address) (player, bool) {
	for _, form := range podForms {
		m := form.path.FindStringSubmatch(a.path)
		if m == nil {
			continue
		}
		page := a.host + form.prefix + m[1] + "/"
		if m[2] != "" {
			page += m[2] + "/"
		}
		start := ""
		if form.starts {
			start = wholeSeconds(a.query.Get("start"))
		}
		return player{
			src:   page + "?is_iframe=true" + param("&start=", start),
			page:  page + param("?start=", start),
			start: start, starts: form.starts, secret: m[2] != "",
		}, true
	}
	return player{}, false
}

const peerTubeID = `([1-9A-HJ-NP-Za-km-z]{20,22}|` + uuid + `)`

var (
	peerTubeVideo    = regexp.MustCompile(`^/(?:w|videos/watch|videos/embed)/` + peerTubeID + `$`)
	peerTubePlaylist = regexp.MustCompile(`^/(?:w/p|videos/watch/playlist|video-playlists/embed)/` + peerTubeID + `$`)
)

// readPeerTube turns peer-to-peer off: it would show viewers' addresses to each
// other.
func readPeerTube(a address) (player, bool) {
	if m := peerTubeVideo.FindStringSubmatch(a.path); m != nil {
		start := seconds(a.query.Get("start"))
		return player{
			src:   a.host + "/videos/embed/" + m[1] + "?p2p=0" + param("&start=", start),
			page:  a.host + "/w/" + m[1] + param("?start=", start),
			start: start, starts: true,
		}, true
	}
	if m := peerTubePlaylist.FindStringSubmatch(a.path); m != nil {
		return player{
			src:  a.host + "/video-playlists/embed/" + m[1] + "?p2p=0",
			page: a.host + "/w/p/" + m[1],
		}, true
	}
	return player{}, false
}

var canalU = regexp.MustCompile(`^(/(?:chaines/[a-z0-9-]+/)?embed/[0-9]{1,12})/?$`)

// readCanalU has no other page to give: its players do not name it.
func readCanalU(a address) (player, bool) {
	m := canalU.FindStringSubmatch(a.path)
	if m == nil {
		return player{}, false
	}
	return player{src: a.host + m[1], page: a.host + m[1]}, true
}

var (
	learningAppsNumber = regexp.MustCompile(`^[0-9]{1,12}$`)
	learningAppsName   = regexp.MustCompile(`^[A-Za-z0-9]{1,32}$`)
	learningAppsPath   = regexp.MustCompile(`^/([0-9]{1,12})$`)
)

func readLearningApps(a address) (player, bool) {
	number := ""
	switch {
	case a.path == "/watch" && learningAppsName.MatchString(a.query.Get("v")):
		src := "learningapps.org/watch?v=" + a.query.Get("v")
		return player{src: src, page: src}, true
	case a.path == "/watch" && learningAppsNumber.MatchString(a.query.Get("app")):
		number = a.query.Get("app")
	default:
		m := learningAppsPath.FindStringSubmatch(a.path)
		if m == nil {
			return player{}, false
		}
		number = m[1]
	}
	return player{src: "learningapps.org/watch?app=" + number, page: "learningapps.org/" + number}, true
}

// geoGebra also reads the frames of GeoGebra's own snippets, which say their
// size in the path.
var geoGebra = regexp.MustCompile(`^/(?:m|classic|graphing|material/iframe/id)/([A-Za-z0-9]{1,32})(?:/[a-z]+/[A-Za-z0-9]+)*/?$`)

func readGeoGebra(a address) (player, bool) {
	m := geoGebra.FindStringSubmatch(a.path)
	if m == nil {
		return player{}, false
	}
	return player{src: "www.geogebra.org/material/iframe/id/" + m[1], page: "www.geogebra.org/m/" + m[1]}, true
}

// genially: a title may follow the id.
var genially = regexp.MustCompile(`^/([0-9a-f]{24})(?:/[^/]*)?$`)

func readGenially(a address) (player, bool) {
	m := genially.FindStringSubmatch(a.path)
	if m == nil {
		return player{}, false
	}
	src := "view.genially.com/" + m[1]
	return player{src: src, page: src}, true
}

const h5pOrg = "h5p.org"

var (
	h5pOrgPath    = regexp.MustCompile(`^(/h5p/embed/[0-9]{1,20})/?$`)
	h5pTenantPath = regexp.MustCompile(`^(/content/[0-9]{1,20}/embed)/?$`)
)

func readH5P(a address) (player, bool) {
	path := h5pTenantPath
	if a.host == h5pOrg {
		path = h5pOrgPath
	}
	m := path.FindStringSubmatch(a.path)
	if m == nil {
		return player{}, false
	}
	return player{src: a.host + m[1], page: a.host + m[1]}, true
}
