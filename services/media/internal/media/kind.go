package media

// Kind sorts uploads by what they are. What a kind is like, and how it is made
// ready, is in its module below internal/kind.
type Kind string

// The kinds.
const (
	Picture  Kind = "picture"
	Document Kind = "file"
	Audio    Kind = "audio"
	Video    Kind = "video"
)

// Known tells the kinds that there are.
func (k Kind) Known() bool { return k == Picture || k == Document || k == Audio || k == Video }

// Slow tells the kinds whose making takes minutes: they do not keep the others
// waiting.
func (k Kind) Slow() bool { return k == Audio || k == Video }

// Type is a type of file that is served.
type Type struct {
	// Name is the media type, with its charset where it has one.
	Name string
	// Extension is without a dot.
	Extension string
	// Inline tells what browsers show by themselves and that cannot act as a
	// page; all else is downloaded.
	Inline bool
}

// The types that are served, and no others. The same name may have several
// extensions; the first is the one that files get.
var servedTypes = []Type{
	{"image/webp", "webp", true},
	{"image/jpeg", "jpg", true},
	{"image/png", "png", true},
	{"audio/mpeg", "mp3", true},
	{"audio/mp4", "m4a", true},
	{"audio/aac", "aac", true},
	{"audio/ogg", "oga", true},
	{"audio/webm", "weba", true},
	{"audio/wav", "wav", true},
	{"video/mp4", "mp4", true},
	{"video/webm", "webm", true},
	{"video/quicktime", "mov", true},
	{"application/pdf", "pdf", false},
	{"application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx", false},
	{"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx", false},
	{"application/vnd.openxmlformats-officedocument.presentationml.presentation", "pptx", false},
	{"application/vnd.oasis.opendocument.text", "odt", false},
	{"application/vnd.oasis.opendocument.spreadsheet", "ods", false},
	{"application/vnd.oasis.opendocument.presentation", "odp", false},
	{"text/plain; charset=utf-8", "txt", false},
	{"text/csv; charset=utf-8", "csv", false},
	{"text/vtt; charset=utf-8", "vtt", false},
}

// TypeByExtension finds a type that is served.
func TypeByExtension(extension string) (Type, bool) {
	for _, t := range servedTypes {
		if t.Extension == extension {
			return t, true
		}
	}
	return Type{}, false
}
