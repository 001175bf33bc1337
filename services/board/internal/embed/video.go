package embed

import (
	"regexp"
	"slices"
)

var (
	youTubeID   = regexp.MustCompile(`^[A-Za-z0-9_-]{11}$`)
	youTubePath = regexp.MustCompile(`^/(?:embed|shorts|live)/([A-Za-z0-9_-]{11})/?$`)
	youTuBePath = regexp.MustCompile(`^/([A-Za-z0-9_-]{11})/?$`)
	// youTubeWords have the length of an id and are none: players of a playlist
	// and of a channel, which need parameters that we drop.
	youTubeWords = []string{"videoseries", "live_stream"}
)

func readYouTube(a address) (player, bool) {
	id, ok := youTubeVideo(a)
	if !ok || slices.Contains(youTubeWords, id) {
		return player{}, false
	}
	start := seconds(a.query.Get("start"))
	if start == "" {
		start = seconds(a.query.Get("t"))
	}
	return player{
		src:   "www.youtube-nocookie.com/embed/" + id + param("?start=", start),
		page:  "www.youtube.com/watch?v=" + id + param("&t=", start),
		start: start, starts: true,
	}, true
}

func youTubeVideo(a address) (id string, ok bool) {
	if a.path == "/watch" && a.host != "youtu.be" {
		id = a.query.Get("v")
		return id, youTubeID.MatchString(id)
	}
	path := youTubePath
	if a.host == "youtu.be" {
		path = youTuBePath
	}
	m := path.FindStringSubmatch(a.path)
	if m == nil {
		return "", false
	}
	return m[1], true
}

const vimeoSecret = `[0-9a-f]{6,40}`

var (
	vimeoPath = regexp.MustCompile(`^/(?:video/)?([0-9]{1,12})(?:/(` + vimeoSecret + `))?/?$`)
	vimeoHash = regexp.MustCompile(`^` + vimeoSecret + `$`)
)

// readVimeo keeps the hash that opens an unlisted video, from the path of its
// page or the parameter of its player.
func readVimeo(a address) (player, bool) {
	m := vimeoPath.FindStringSubmatch(a.path)
	if m == nil {
		return player{}, false
	}
	hash := m[2]
	if h := a.query.Get("h"); hash == "" && vimeoHash.MatchString(h) {
		hash = h
	}
	return player{
		src:    "player.vimeo.com/video/" + m[1] + "?dnt=1" + param("&h=", hash),
		page:   "vimeo.com/" + m[1] + param("/", hash),
		secret: hash != "",
	}, true
}

const dailymotionID = `([A-Za-z0-9]{4,20})`

var (
	dailymotionName = regexp.MustCompile(`^` + dailymotionID + `$`)
	// A title may follow the id of a page.
	dailymotionPage   = regexp.MustCompile(`^/(?:embed/)?video/` + dailymotionID + `(?:_[^/]*)?/?$`)
	dailymotionShort  = regexp.MustCompile(`^/` + dailymotionID + `/?$`)
	dailymotionPlayer = regexp.MustCompile(`^/player(?:/[A-Za-z0-9]{1,20})?\.html$`)
)

func readDailymotion(a address) (player, bool) {
	id, ok := dailymotionVideo(a)
	if !ok {
		return player{}, false
	}
	return player{
		src:  "geo.dailymotion.com/player.html?video=" + id,
		page: "www.dailymotion.com/video/" + id,
	}, true
}

func dailymotionVideo(a address) (id string, ok bool) {
	var m []string
	switch a.host {
	case "geo.dailymotion.com":
		if dailymotionPlayer.MatchString(a.path) {
			m = dailymotionName.FindStringSubmatch(a.query.Get("video"))
		}
	case "dai.ly":
		m = dailymotionShort.FindStringSubmatch(a.path)
	default:
		m = dailymotionPage.FindStringSubmatch(a.path)
	}
	if m == nil {
		return "", false
	}
	return m[1], true
}
