package embed

import (
	"regexp"
	"slices"
	"strconv"
)

// provider is one row of the table.
type provider struct {
	// key is stable and name is shown; names tells hosts that have their own.
	key   string
	name  string
	names map[string]string
	// hosts are where pasted addresses come from, frames where players are.
	// Addresses of players are pasted too, so that rows read both.
	hosts  []string
	frames []string
	// forms: the player cannot do without a form of its own.
	forms bool
	// oEmbed tells, of a host, where to ask about a page: the address before the
	// page's own; nil for who is asked by the page alone.
	oEmbed func(host string) string
	// restrictable: the provider shows some pages to some people only.
	restrictable bool
	// read gives the player of an address on one of the hosts.
	read func(address) (player, bool)
}

// player is a frame and the page to open instead, both without scheme, both
// read as this same player again.
type player struct {
	src, page string
	// start is where the player starts, in seconds; empty for the beginning.
	start string
	// starts: src takes start=, and so does page.
	starts bool
	// secret: the address itself opens the page, which is not for all.
	secret bool
}

func (p *provider) nameOn(host string) string {
	if name, ok := p.names[host]; ok {
		return name
	}
	return p.name
}

func (p *provider) sandbox() string {
	if p.forms {
		return sandbox + " allow-forms"
	}
	return sandbox
}

// providers is the table.
func providers(cfg Config) []*provider {
	return []*provider{
		{
			key: "pod", name: "Pod", names: map[string]string{"podeduc.apps.education.fr": "PodÉduc"},
			frames: cfg.PodHosts,
			forms:  true, // Pod asks for a video's password in the frame.
			read:   readPod,
			oEmbed: func(host string) string { return host + "/video/oembed/?format=json&url=" }, restrictable: true,
		},
		{
			key: "peertube", name: "PeerTube",
			frames: cfg.PeerTubeHosts,
			read:   readPeerTube,
			oEmbed: func(host string) string { return host + "/services/oembed?format=json&url=" },
		},
		{
			key: "youtube", name: "YouTube",
			hosts: []string{
				"youtube.com", "www.youtube.com", "m.youtube.com", "music.youtube.com",
				"youtu.be", "youtube-nocookie.com",
			},
			frames: []string{"www.youtube-nocookie.com"},
			read:   readYouTube,
			oEmbed: at("www.youtube.com/oembed?format=json&url="),
		},
		{
			key: "vimeo", name: "Vimeo",
			hosts:  []string{"vimeo.com", "www.vimeo.com"},
			frames: []string{"player.vimeo.com"},
			read:   readVimeo,
			oEmbed: at("vimeo.com/api/oembed.json?url="),
		},
		{
			key: "dailymotion", name: "Dailymotion",
			hosts:  []string{"dailymotion.com", "www.dailymotion.com", "dai.ly"},
			frames: []string{"geo.dailymotion.com"},
			read:   readDailymotion,
			oEmbed: at("www.dailymotion.com/services/oembed?format=json&url="),
		},
		{
			key: "canalu", name: "Canal-U",
			frames: []string{"www.canal-u.tv"},
			read:   readCanalU,
		},
		{
			key: "learningapps", name: "LearningApps",
			hosts:  []string{"www.learningapps.org"},
			frames: []string{"learningapps.org"},
			read:   readLearningApps,
		},
		{
			key: "geogebra", name: "GeoGebra",
			hosts:  []string{"geogebra.org"},
			frames: []string{"www.geogebra.org"},
			read:   readGeoGebra,
		},
		{
			key: "genially", name: "Genially",
			hosts:  []string{"app.genially.com", "view.genial.ly"},
			frames: []string{"view.genially.com"},
			read:   readGenially,
		},
		{
			key: "h5p", name: "H5P",
			frames: slices.Concat([]string{h5pOrg}, cfg.H5PHosts),
			read:   readH5P,
		},
	}
}

// at asks about all pages in one place.
func at(address string) func(string) string { return func(string) string { return address } }

// wholeSeconds reads a start in seconds; empty for none, zero or nonsense. The
// digits are made anew: Pod pastes them into a script.
func wholeSeconds(s string) string {
	if len(s) > maxStartDigits {
		return ""
	}
	n, err := strconv.ParseUint(s, 10, 32)
	if err != nil || n == 0 {
		return ""
	}
	return strconv.FormatUint(n, 10)
}

const maxStartDigits = 6

var duration = regexp.MustCompile(`^(?:([0-9]{1,2})h)?(?:([0-9]{1,4})m)?(?:([0-9]{1,6})s?)?$`)

// seconds reads a start as YouTube and PeerTube write it: 90, 90s or 1m30s.
func seconds(s string) string {
	m := duration.FindStringSubmatch(s)
	if m == nil {
		return ""
	}
	total := 0
	for i, unit := range []int{3600, 60, 1} {
		// An absent part is empty, which counts nothing.
		n, _ := strconv.Atoi(m[i+1])
		total += n * unit
	}
	return wholeSeconds(strconv.Itoa(total))
}

// param writes a parameter when it has a value. Values come from captures and
// need no encoding.
func param(before, value string) string {
	if value == "" {
		return ""
	}
	return before + value
}
