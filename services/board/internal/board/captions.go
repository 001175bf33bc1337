package board

import (
	"fmt"
	"regexp"
	"slices"

	"fresque.dev/services/internal/fault"
)

// captionsType is the media type of captions (WebVTT), whatever they were sent as.
const captionsType = "text/vtt"

// languageTag is the part of BCP 47 that captions need: fr, en, oc, pt-BR.
var languageTag = regexp.MustCompile(`^[a-z]{2,3}(?:-[A-Z]{2})?$`)

// checkCaptions holds attachments that are captions to what they are of: an
// upload of the same post that is none itself, with a language.
func checkCaptions(attachments []Attachment, f *faults) {
	for i, a := range attachments {
		if a.CaptionsOf == "" {
			attachments[i].Language = ""
			continue
		}
		field := fmt.Sprintf("attachments[%d]", i)
		captioned := func(b Attachment) bool {
			return b.ID == a.CaptionsOf && b.Type == AttachmentMedia && b.CaptionsOf == ""
		}
		if a.Type != AttachmentMedia || !slices.ContainsFunc(attachments, captioned) {
			f.add(fault.New(fault.Invalid, "captions_of_nothing").At(field + ".captionsOf"))
		}
		if !languageTag.MatchString(a.Language) {
			f.add(fault.New(fault.Invalid, "language_unknown").At(field + ".language"))
		}
	}
}

// captionsOfNothing tells the captions whose sound or video is not among those
// attachments any more.
func captionsOfNothing(attachments []Attachment) func(Attachment) bool {
	there := map[ID]bool{"": true}
	for _, a := range attachments {
		there[a.ID] = true
	}
	return func(a Attachment) bool { return !there[a.CaptionsOf] }
}

// checkCaptionFiles tells the captions whose upload was not announced as such.
func (sc *scene) checkCaptionFiles(post *Post) error {
	var f faults
	for i, a := range post.Attachments {
		if m := sc.media(a.Media); a.CaptionsOf != "" && m != nil && m.Type != captionsType {
			f.add(fault.New(fault.Invalid, "captions_expected").At(fmt.Sprintf("attachments[%d].mediaId", i)))
		}
	}
	return f.err()
}

// takesUpload tells whether participants may send a kind: captions go with the
// sounds and videos that they are of.
func (s Settings) takesUpload(kind ContentKind, mediaType string) bool {
	if mediaType == captionsType && (s.takes(ContentAudio) || s.takes(ContentVideo)) {
		return true
	}
	return s.takes(kind)
}
