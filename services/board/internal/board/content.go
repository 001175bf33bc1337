package board

import (
	"path"
	"slices"
	"strings"

	"fresque.dev/services/internal/fault"
)

// ContentKind sorts what a post holds besides its text.
type ContentKind string

// The kinds of content. All but a link are uploads.
const (
	ContentLink    ContentKind = "link"
	ContentPicture ContentKind = "picture"
	ContentFile    ContentKind = "file"
	ContentAudio   ContentKind = "audio"
	ContentVideo   ContentKind = "video"
)

// ContentKinds lists them in the order in which people are told of them.
func ContentKinds() []ContentKind {
	return []ContentKind{ContentPicture, ContentFile, ContentAudio, ContentVideo, ContentLink}
}

// UploadKind is what is taken of one kind of upload.
type UploadKind struct {
	Kind ContentKind
	// Max is the most bytes of one.
	Max   int64
	Types []UploadType
}

// UploadType is one type of file that is taken.
type UploadType struct {
	// Extension is without its dot, and how the type is named in settings.
	Extension string
	// Type is the media type; Also are others by which browsers call it.
	Type string
	Also []string
}

// UploadPolicy is what the platform takes.
type UploadPolicy struct {
	Kinds []UploadKind
	// Board is the most bytes that the uploads of one board may have.
	Board int64
}

const openXML = "application/vnd.openxmlformats-officedocument."

// DefaultUploads takes everything that the media service knows. It is the one
// table of kinds of upload: a new kind is a row here, and a module there.
func DefaultUploads() UploadPolicy {
	return UploadPolicy{
		Board: 4 << 30,
		Kinds: []UploadKind{
			{ContentPicture, 30 << 20, []UploadType{
				{"jpg", "image/jpeg", nil}, {"jpeg", "image/jpeg", nil}, {"png", "image/png", nil},
				{"webp", "image/webp", nil}, {"gif", "image/gif", nil},
			}},
			{ContentFile, 100 << 20, []UploadType{
				{"pdf", "application/pdf", []string{"application/x-pdf"}},
				{"docx", openXML + "wordprocessingml.document", nil},
				{"xlsx", openXML + "spreadsheetml.sheet", nil},
				{"pptx", openXML + "presentationml.presentation", nil},
				{"odt", "application/vnd.oasis.opendocument.text", nil},
				{"ods", "application/vnd.oasis.opendocument.spreadsheet", nil},
				{"odp", "application/vnd.oasis.opendocument.presentation", nil},
				{"csv", "text/csv", []string{"application/csv", "text/comma-separated-values", "application/vnd.ms-excel"}},
				{"txt", "text/plain", nil},
				{"vtt", captionsType, nil}, {"srt", captionsType, []string{"application/x-subrip", "text/srt"}},
			}},
			{ContentAudio, 200 << 20, []UploadType{
				{"mp3", "audio/mpeg", []string{"audio/mp3"}},
				{"m4a", "audio/mp4", []string{"audio/x-m4a", "audio/m4a"}},
				{"aac", "audio/aac", []string{"audio/x-aac", "audio/aacp"}},
				{"ogg", "audio/ogg", []string{"application/ogg"}}, {"oga", "audio/ogg", nil}, {"opus", "audio/ogg", []string{"audio/opus"}},
				{"weba", "audio/webm", nil},
				{"wav", "audio/wav", []string{"audio/x-wav", "audio/wave", "audio/vnd.wave"}},
			}},
			{ContentVideo, 1 << 30, []UploadType{
				{"mp4", "video/mp4", nil}, {"m4v", "video/mp4", []string{"video/x-m4v"}},
				{"webm", "video/webm", nil}, {"mov", "video/quicktime", nil},
			}},
		},
	}
}

// FileTypes lists the types of file that can be taken, by extension.
func (u UploadPolicy) FileTypes() []string {
	var out []string
	for _, k := range u.Kinds {
		for _, t := range k.Types {
			if k.Kind == ContentFile {
				out = append(out, t.Extension)
			}
		}
	}
	return out
}

// ExtensionOf gives the extension of a media type; bin for one that is not known.
func ExtensionOf(mediaType string) string {
	known, is := DefaultUploads().find(func(t UploadType) bool { return t.Type == mediaType })
	if !is {
		return "bin"
	}
	return known.Extension
}

// Of gives what is taken of a kind.
func (u UploadPolicy) Of(kind ContentKind) (UploadKind, bool) {
	i := slices.IndexFunc(u.Kinds, func(k UploadKind) bool { return k.Kind == kind })
	if i < 0 {
		return UploadKind{}, false
	}
	return u.Kinds[i], true
}

// announced tells what an upload is said to be. A name's extension counts more
// than what browsers make of it: they differ, and know some types not at all.
// What has neither is refused.
func (u UploadPolicy) announced(mediaType, name string) (ContentKind, string, *fault.Fault) {
	mediaType, _, _ = strings.Cut(strings.ToLower(mediaType), ";")
	mediaType = strings.TrimSpace(mediaType)
	extension := strings.ToLower(strings.TrimPrefix(path.Ext(name), "."))
	byType, typed := u.find(func(t UploadType) bool { return t.Type == mediaType || slices.Contains(t.Also, mediaType) })
	byName, named := u.find(func(t UploadType) bool { return t.Extension == extension })
	major, _, _ := strings.Cut(mediaType, "/")
	switch {
	// An extension that several kinds have, as a sound of .webm: the type says.
	case typed && named && (major == "audio" || major == "video" || major == "image"):
		return byType.kind, byType.Type, nil
	case named:
		return byName.kind, byName.Type, nil
	case typed:
		return byType.kind, byType.Type, nil
	}
	return "", "", fault.New(fault.Invalid, "media_type_unsupported").At("type")
}

type found struct {
	kind ContentKind
	UploadType
}

func (u UploadPolicy) find(is func(UploadType) bool) (found, bool) {
	for _, k := range u.Kinds {
		if i := slices.IndexFunc(k.Types, is); i >= 0 {
			return found{k.Kind, k.Types[i]}, true
		}
	}
	return found{}, false
}

// mayBecome lists the kinds that an upload of so many bytes may turn out to be:
// a video without pictures is a sound. The announced one comes first.
func (u UploadPolicy) mayBecome(kind ContentKind, size int64, s Settings) []ContentKind {
	kinds := []ContentKind{kind}
	other := map[ContentKind]ContentKind{ContentAudio: ContentVideo, ContentVideo: ContentAudio}[kind]
	if k, known := u.Of(other); known && size <= k.Max && s.takes(other) {
		kinds = append(kinds, other)
	}
	return kinds
}

// takes tells whether participants may post content of a kind.
func (s Settings) takes(kind ContentKind) bool {
	return len(s.Kinds) == 0 || slices.Contains(s.Kinds, kind)
}
