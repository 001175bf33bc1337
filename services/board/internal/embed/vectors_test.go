package embed_test

import "strings"

const (
	pod  = "https://podeduc.apps.education.fr"
	tube = "https://tube-langues-vivantes.apps.education.fr"
	// Stand-ins for what opens a restricted video.
	podUUID = "0f5e9a3c-1b2d-4e5f-8a9b-0c1d2e3f4a5b"
	short   = "kbR5SMFRbRshKe8HejRQZV"
	ggb     = "https://www.geogebra.org"
)

var podHex = strings.Repeat("0123456789abcdef", 4)

// vector is an address and the player it must give.
type vector struct{ name, in, src, page string }

// vectors has the good addresses of each row, by key.
var vectors = map[string][]vector{
	"pod": {
		{"player with options", pod + "/video/143477-indice-automatisme-1-c01-1mp4/?is_iframe=true&autoplay=true", pod + "/video/143477-indice-automatisme-1-c01-1mp4/?is_iframe=true", pod + "/video/143477-indice-automatisme-1-c01-1mp4/"},
		{"http, upper case, start, playlist", "http://PODEDUC.apps.education.fr/video/3370-decouvrir?start=90&playlist=x", pod + "/video/3370-decouvrir/?is_iframe=true&start=90", pod + "/video/3370-decouvrir/?start=90"},
		{"in a theme of a channel", pod + "/ma-chaine/mon-theme/video/0042-cours/", pod + "/video/0042-cours/?is_iframe=true", pod + "/video/0042-cours/"},
		{"in a channel", pod + "/ma-chaine/video/0042-cours", pod + "/video/0042-cours/?is_iframe=true", pod + "/video/0042-cours/"},
		{"start with a script", pod + "/video/0042-x/?start=alert(1)", pod + "/video/0042-x/?is_iframe=true", pod + "/video/0042-x/"},
		{"start too long", pod + "/video/0042-x/?start=1234567", pod + "/video/0042-x/?is_iframe=true", pod + "/video/0042-x/"},
		{"start in minutes", pod + "/video/0042-x/?start=1m", pod + "/video/0042-x/?is_iframe=true", pod + "/video/0042-x/"},
		{"start with zeros", pod + "/video/0042-x/?start=0090", pod + "/video/0042-x/?is_iframe=true&start=90", pod + "/video/0042-x/?start=90"},
		{"start at zero", pod + "/video/0042-x/?start=0", pod + "/video/0042-x/?is_iframe=true", pod + "/video/0042-x/"},
		{"the first start", pod + "/video/0042-x/?start=1&start=2", pod + "/video/0042-x/?is_iframe=true&start=1", pod + "/video/0042-x/?start=1"},
		{"no title", pod + "/video/0042-/", pod + "/video/0042-/?is_iframe=true", pod + "/video/0042-/"},
		{"port 443", "https://podeduc.apps.education.fr:443/video/0042-x/", pod + "/video/0042-x/?is_iframe=true", pod + "/video/0042-x/"},
		{"fragment", pod + "/video/0042-x/#a", pod + "/video/0042-x/?is_iframe=true", pod + "/video/0042-x/"},
		{"hash", pod + "/video/0042-x/" + podHex + "/", pod + "/video/0042-x/" + podHex + "/?is_iframe=true", pod + "/video/0042-x/" + podHex + "/"},
		{"token", pod + "/ma-chaine/video/0042-x/" + podUUID + "?start=5", pod + "/video/0042-x/" + podUUID + "/?is_iframe=true&start=5", pod + "/video/0042-x/" + podUUID + "/?start=5"},
		{"enriched", pod + "/enrichment/video/0042-x/?start=7", pod + "/enrichment/video/0042-x/?is_iframe=true&start=7", pod + "/enrichment/video/0042-x/?start=7"},
		{"enriched, hash", pod + "/enrichment/video/0042-x/" + podHex, pod + "/enrichment/video/0042-x/" + podHex + "/?is_iframe=true", pod + "/enrichment/video/0042-x/" + podHex + "/"},
		{"live", pod + "/live/event/0012-direct/?start=7", pod + "/live/event/0012-direct/?is_iframe=true", pod + "/live/event/0012-direct/"},
		{"live, hash", pod + "/live/event/0012-direct/" + podHex + "/", pod + "/live/event/0012-direct/" + podHex + "/?is_iframe=true", pod + "/live/event/0012-direct/" + podHex + "/"},
	},
	"peertube": {
		{"short", tube + "/w/" + short, tube + "/videos/embed/" + short + "?p2p=0", tube + "/w/" + short},
		{"watch", tube + "/videos/watch/" + podUUID, tube + "/videos/embed/" + podUUID + "?p2p=0", tube + "/w/" + podUUID},
		{"player with options", tube + "/videos/embed/" + short + "?autoplay=1&p2p=1&start=42", tube + "/videos/embed/" + short + "?p2p=0&start=42", tube + "/w/" + short + "?start=42"},
		{"start in minutes", tube + "/w/" + short + "?start=1m30s&stop=2m", tube + "/videos/embed/" + short + "?p2p=0&start=90", tube + "/w/" + short + "?start=90"},
		{"playlist", tube + "/w/p/" + short + "?playlistPosition=2", tube + "/video-playlists/embed/" + short + "?p2p=0", tube + "/w/p/" + short},
		{"watched playlist", tube + "/videos/watch/playlist/" + podUUID, tube + "/video-playlists/embed/" + podUUID + "?p2p=0", tube + "/w/p/" + podUUID},
		{"player of a playlist", tube + "/video-playlists/embed/" + short, tube + "/video-playlists/embed/" + short + "?p2p=0", tube + "/w/p/" + short},
	},
	"youtube": {
		{"short address with a time", "https://youtu.be/dQw4w9WgXcQ?t=42", "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ?start=42", "https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=42"},
		{"watch", "https://www.youtube.com/watch?v=dQw4w9WgXcQ&list=x&t=1h2m3s", "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ?start=3723", "https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=3723"},
		{"without www", "http://youtube.com/watch?v=dQw4w9WgXcQ", "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ", "https://www.youtube.com/watch?v=dQw4w9WgXcQ"},
		{"on a phone", "https://m.youtube.com/watch?v=dQw4w9WgXcQ&t=90s", "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ?start=90", "https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=90"},
		{"embed", "https://www.youtube.com/embed/dQw4w9WgXcQ?si=x&start=5", "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ?start=5", "https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=5"},
		{"short", "https://www.youtube.com/shorts/dQw4w9WgXcQ", "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ", "https://www.youtube.com/watch?v=dQw4w9WgXcQ"},
		{"live", "https://www.youtube.com/live/dQw4w9WgXcQ?feature=share", "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ", "https://www.youtube.com/watch?v=dQw4w9WgXcQ"},
		{"without cookies", "https://youtube-nocookie.com/embed/dQw4w9WgXcQ", "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ", "https://www.youtube.com/watch?v=dQw4w9WgXcQ"},
		{"nonsense for a time", "https://youtu.be/dQw4w9WgXcQ?t=alert(1)", "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ", "https://www.youtube.com/watch?v=dQw4w9WgXcQ"},
		{"a time beyond all films", "https://youtu.be/dQw4w9WgXcQ?t=99h9999m999999s", "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ", "https://www.youtube.com/watch?v=dQw4w9WgXcQ"},
	},
	"vimeo": {
		{"page", "https://vimeo.com/76979871", "https://player.vimeo.com/video/76979871?dnt=1", "https://vimeo.com/76979871"},
		{"unlisted", "https://vimeo.com/791813674/2c9cfc5030", "https://player.vimeo.com/video/791813674?dnt=1&h=2c9cfc5030", "https://vimeo.com/791813674/2c9cfc5030"},
		{"player", "https://player.vimeo.com/video/791813674?h=2c9cfc5030&autoplay=1", "https://player.vimeo.com/video/791813674?dnt=1&h=2c9cfc5030", "https://vimeo.com/791813674/2c9cfc5030"},
		{"player with nonsense", "https://player.vimeo.com/video/791813674?h=%22x", "https://player.vimeo.com/video/791813674?dnt=1", "https://vimeo.com/791813674"},
		{"with www", "https://www.vimeo.com/76979871/", "https://player.vimeo.com/video/76979871?dnt=1", "https://vimeo.com/76979871"},
	},
	"dailymotion": {
		{"page", "https://www.dailymotion.com/video/x8abcde", "https://geo.dailymotion.com/player.html?video=x8abcde", "https://www.dailymotion.com/video/x8abcde"},
		{"page with its title", "https://www.dailymotion.com/video/x8abcde_un-titre_news", "https://geo.dailymotion.com/player.html?video=x8abcde", "https://www.dailymotion.com/video/x8abcde"},
		{"short address", "https://dai.ly/x8abcde", "https://geo.dailymotion.com/player.html?video=x8abcde", "https://www.dailymotion.com/video/x8abcde"},
		{"old player", "https://www.dailymotion.com/embed/video/x8abcde?autoplay=1", "https://geo.dailymotion.com/player.html?video=x8abcde", "https://www.dailymotion.com/video/x8abcde"},
		{"player", "https://geo.dailymotion.com/player/x123.html?video=x8abcde&mute=true", "https://geo.dailymotion.com/player.html?video=x8abcde", "https://www.dailymotion.com/video/x8abcde"},
	},
	"canalu": {
		{"player", "https://www.canal-u.tv/embed/12345?t=1", "https://www.canal-u.tv/embed/12345", "https://www.canal-u.tv/embed/12345"},
		{"player of a channel", "https://www.canal-u.tv/chaines/ens-lyon/embed/12345/", "https://www.canal-u.tv/chaines/ens-lyon/embed/12345", "https://www.canal-u.tv/chaines/ens-lyon/embed/12345"},
	},
	"learningapps": {
		{"number", "https://learningapps.org/123456", "https://learningapps.org/watch?app=123456", "https://learningapps.org/123456"},
		{"app", "https://learningapps.org/watch?app=123456&x=y", "https://learningapps.org/watch?app=123456", "https://learningapps.org/123456"},
		{"name", "https://www.learningapps.org/watch?v=pk7jb5fpj17", "https://learningapps.org/watch?v=pk7jb5fpj17", "https://learningapps.org/watch?v=pk7jb5fpj17"},
	},
	"geogebra": {
		{"page", ggb + "/m/abCD1234", ggb + "/material/iframe/id/abCD1234", ggb + "/m/abCD1234"},
		{"classic", "https://geogebra.org/classic/abCD1234", ggb + "/material/iframe/id/abCD1234", ggb + "/m/abCD1234"},
		{"graphing", ggb + "/graphing/abCD1234", ggb + "/material/iframe/id/abCD1234", ggb + "/m/abCD1234"},
		{"player with its size", ggb + "/material/iframe/id/abCD1234/width/800/height/600/border/888888/sfsb/true", ggb + "/material/iframe/id/abCD1234", ggb + "/m/abCD1234"},
	},
	"genially": {
		{"view", "https://view.genially.com/5f0a1b2c3d4e5f6a7b8c9d0e", "https://view.genially.com/5f0a1b2c3d4e5f6a7b8c9d0e", "https://view.genially.com/5f0a1b2c3d4e5f6a7b8c9d0e"},
		{"view with its title", "https://view.genially.com/5f0a1b2c3d4e5f6a7b8c9d0e/interactive-content-titre", "https://view.genially.com/5f0a1b2c3d4e5f6a7b8c9d0e", "https://view.genially.com/5f0a1b2c3d4e5f6a7b8c9d0e"},
		{"old host", "https://view.genial.ly/5f0a1b2c3d4e5f6a7b8c9d0e", "https://view.genially.com/5f0a1b2c3d4e5f6a7b8c9d0e", "https://view.genially.com/5f0a1b2c3d4e5f6a7b8c9d0e"},
		{"app", "https://app.genially.com/5f0a1b2c3d4e5f6a7b8c9d0e", "https://view.genially.com/5f0a1b2c3d4e5f6a7b8c9d0e", "https://view.genially.com/5f0a1b2c3d4e5f6a7b8c9d0e"},
	},
	"h5p": {
		{"h5p.org", "https://h5p.org/h5p/embed/617", "https://h5p.org/h5p/embed/617", "https://h5p.org/h5p/embed/617"},
		{"a tenant", "https://school.h5p.com/content/1291234567891011128/embed", "https://school.h5p.com/content/1291234567891011128/embed", "https://school.h5p.com/content/1291234567891011128/embed"},
	},
}

// cards are addresses that nothing plays: plain links.
var cards = []struct{ name, in string }{
	{"pod: no hyphen", pod + "/video/143477/"},
	{"pod: a page of its own", pod + "/video/add/"},
	{"pod: playlist", pod + "/playlist/12-x/"},
	{"pod: file", pod + "/media/a/360p.mp4"},
	{"pod: home", pod + "/"},
	{"pod: three levels above", pod + "/a/b/c/video/0042-x/"},
	{"pod: token of another length", pod + "/video/0042-x/" + podHex[1:] + "/"},
	{"pod: token in upper case", pod + "/video/0042-x/" + strings.ToUpper(podUUID) + "/"},
	{"pod: live with a UUID", pod + "/live/event/0012-x/" + podUUID + "/"},
	{"pod: slug too long", pod + "/video/0042-" + strings.Repeat("a", 251) + "/"},
	{"host as a prefix", "https://podeduc.apps.education.fr.evil.example/video/0042-x/"},
	{"host as a user", "https://podeduc.apps.education.fr@evil.example/video/0042-x/"},
	{"user on the host", "https://evil@podeduc.apps.education.fr/video/0042-x/"},
	{"host in a query", "https://evil.example/video/a?https://podeduc.apps.education.fr/video/b"},
	{"host as a suffix", "https://evilpodeduc.apps.education.fr/video/0042-x/"},
	{"host with a dot after", "https://podeduc.apps.education.fr./video/0042-x/"},
	{"host as a path", "https://evil.example/podeduc.apps.education.fr/video/0042-x/"},
	{"port 8443", "https://podeduc.apps.education.fr:8443/video/0042-x/"},
	{"port 80", "http://podeduc.apps.education.fr:80/video/0042-x/"},
	{"two dots", pod + "/a/../video/0042-x/"},
	{"two slashes", pod + "//video/0042-x/"},
	{"percent", pod + "/video/0042-%78/"},
	{"encoded slash", pod + "/video%2F0042-x/"},
	{"backslash", pod + `\video\0042-x\`},
	{"backslash before a user", `https://podeduc.apps.education.fr\@evil.example/video/0042-x/`},
	{"space before", " " + pod + "/video/0042-x/"},
	{"tab", pod + "/video/0042\t-x/"},
	{"newline", pod + "/video/0042-x/\n"},
	{"null", pod + "/video/0042-x/\x00"},
	{"delete", pod + "/video/0042-x/\x7f"},
	{"accent", pod + "/video/0042-été/"},
	{"full-width host", "https://ｐodeduc.apps.education.fr/video/0042-x/"},
	{"quote", pod + `/video/0042-x"/`},
	{"protocol-relative", "//podeduc.apps.education.fr/video/0042-x/"},
	{"ftp", "ftp://podeduc.apps.education.fr/video/0042-x/"},
	{"script", "javascript://podeduc.apps.education.fr/%0aalert(1)"},
	{"data", "data:text/html,x"},
	{"empty", ""},
	{"too long", pod + "/video/0042-x/?a=" + strings.Repeat("a", 2000)},
	{"peertube: a host of nobody", "https://tube-evil.apps.education.fr/w/" + short},
	{"peertube: id too short", tube + "/w/abc"},
	{"peertube: not base58", tube + "/w/0bR5SMFRbRshKe8HejRQZV"},
	{"peertube: slash after", tube + "/w/" + short + "/"},
	{"peertube: account", tube + "/a/somebody/videos"},
	{"youtube: playlist", "https://www.youtube.com/playlist?list=x"},
	{"youtube: player of a playlist", "https://www.youtube.com/embed/videoseries?list=x"},
	{"youtube: player of a channel", "https://www.youtube.com/embed/live_stream?channel=x"},
	{"youtube: short id", "https://youtu.be/dQw4w9WgXc"},
	{"youtube: long id", "https://www.youtube.com/watch?v=dQw4w9WgXcQQ"},
	{"youtube: id with a quote", "https://www.youtube.com/watch?v=dQw4w9WgXc%22"},
	{"youtube: channel", "https://www.youtube.com/@somebody"},
	{"youtube: watch on the short host", "https://youtu.be/watch?v=dQw4w9WgXcQ"},
	{"vimeo: channel", "https://vimeo.com/channels/staffpicks"},
	{"dailymotion: home", "https://www.dailymotion.com/fr"},
	{"dailymotion: player without a video", "https://geo.dailymotion.com/player.html"},
	{"canal-u: page", "https://www.canal-u.tv/chaines/ens-lyon/un-film"},
	{"learningapps: home", "https://learningapps.org/index.php"},
	{"learningapps: nonsense", "https://learningapps.org/watch?v=%3Cscript%3E"},
	{"geogebra: home", ggb + "/"},
	{"geogebra: empty classic", ggb + "/classic"},
	{"genially: short id", "https://view.genially.com/5f0a1b2c"},
	{"h5p: page", "https://h5p.org/interactive-video"},
	{"h5p: path of a tenant", "https://h5p.org/content/617/embed"},
	{"h5p: tenant of nobody", "https://other.h5p.com/content/617/embed"},
	{"another site", "https://example.org/video/0042-x/"},
}
