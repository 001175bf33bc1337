package board

import (
	"fmt"

	"fresque.dev/services/internal/fault"
)

// compose applies an edit to a post, cleaned and checked against the limits and
// the board's settings.
func (s *Service) compose(sc *scene, post *Post, in PostEdit) error {
	var f faults
	if in.Title != nil {
		post.Title = oneLine(*in.Title)
		f.add(tooLong("title", post.Title, MaxPostTitle))
	}
	if in.Body != nil {
		// Checked before as well: sanitising must not be given endless work.
		if long := tooLong("body", *in.Body, MaxPostBody); long != nil {
			f.add(long)
		} else {
			post.Body = s.Sanitize.Sanitize(*in.Body)
			f.add(tooLong("body", post.Body, 2*MaxPostBody))
		}
	}
	if in.Attachments != nil {
		post.Attachments = s.composeAttachments(post, *in.Attachments, &f)
	}
	if in.Colour != nil {
		post.Colour = *in.Colour
		f.add(unknownColour("colour", post.Colour))
	}
	if len(f) == 0 && post.Title == "" && post.Body == "" && len(post.Attachments) == 0 {
		f.add(errPostEmpty)
	}
	if err := f.err(); err != nil {
		return err
	}
	if sc.p.Role.moderates() {
		return nil // who makes the rules may break them
	}
	return sc.checkSettings(post)
}

// checkSettings holds a participant's post to what the board asks for.
func (sc *scene) checkSettings(post *Post) error {
	settings := sc.board.Settings
	var f faults
	if settings.PlainPosts && post.Colour != "" {
		f.add(fault.New(fault.Invalid, "colour_not_allowed").At("colour"))
	}
	if most := settings.MaxLength; most > 0 && lengthOf(post.Body) > most {
		f.add(fault.New(fault.Invalid, "too_long").At("body").With("max", most))
	}
	contents := sc.contentsOf(post)
	for i, kind := range contents {
		if kind != "" && !settings.takes(kind) {
			f.add(fault.New(fault.Invalid, "kind_not_allowed").At(fmt.Sprintf("attachments[%d].type", i)))
		}
	}
	for _, field := range settings.Required {
		checkRequired(post, contents, field, &f)
	}
	return f.err()
}

// contentsOf tells the kind of each attachment; empty for an upload that is not
// there, and for captions, which are a part of what they are of.
func (sc *scene) contentsOf(post *Post) []ContentKind {
	kinds := make([]ContentKind, len(post.Attachments))
	for i, a := range post.Attachments {
		if a.Type == AttachmentLink {
			kinds[i] = ContentLink
		} else if m := sc.media(a.Media); m != nil && a.CaptionsOf == "" {
			kinds[i] = m.ContentKind()
		}
	}
	return kinds
}

// checkRequired tells that a field which the board asks for is missing.
func checkRequired(post *Post, contents []ContentKind, field Field, f *faults) {
	pictures := 0
	for i, a := range post.Attachments {
		if contents[i] != ContentPicture {
			continue
		}
		pictures++
		if field == FieldAlt && a.Alt == "" {
			f.add(fault.New(fault.Invalid, "alt_required").At(fmt.Sprintf("attachments[%d].alt", i)))
		}
	}
	switch field {
	case FieldTitle:
		f.add(required("title", post.Title))
	case FieldText:
		f.add(required("body", textOf(post.Body)))
	case FieldSection:
		f.add(required("sectionId", string(post.Section)))
	case FieldPicture:
		if pictures == 0 {
			f.add(fault.New(fault.Invalid, "picture_required").At("attachments"))
		}
	}
}

func (s *Service) composeAttachments(post *Post, in []Attachment, f *faults) []Attachment {
	if len(in) == 0 {
		return nil
	}
	if len(in) > MaxAttachments {
		f.add(fault.New(fault.Invalid, "too_many").At("attachments").With("max", MaxAttachments))
		return nil
	}
	ids := make(map[ID]bool, len(in))
	out := make([]Attachment, 0, len(in))
	for i, a := range in {
		field := fmt.Sprintf("attachments[%d]", i)
		a.ID = s.idOr(a.ID)
		if ids[a.ID] {
			f.add(fault.New(fault.Invalid, "duplicate").At(field + ".id"))
		}
		ids[a.ID] = true
		a.Preview = ""
		a.Caption, a.Alt = oneLine(a.Caption), oneLine(a.Alt)
		f.add(tooLong(field+".caption", a.Caption, MaxCaption))
		f.add(tooLong(field+".alt", a.Alt, MaxCaption))
		switch a.Type {
		case AttachmentLink:
			a.Media = ""
			if wrong := s.checkURL(field+".url", &a); wrong != nil {
				f.add(wrong)
			} else {
				a.Preview, _ = s.previewOf(post.Board, post.ID, a.URL)
			}
		case AttachmentMedia:
			a.URL = ""
			f.add(required(field+".mediaId", string(a.Media)))
		default:
			f.add(fault.New(fault.Invalid, "unknown_type").At(field + ".type"))
		}
		out = append(out, a)
	}
	checkCaptions(out, f)
	return out
}

func (s *Service) checkURL(field string, a *Attachment) *fault.Fault {
	if missing := required(field, a.URL); missing != nil {
		return missing
	}
	clean, err := s.Links.CheckLink(a.URL)
	if err != nil {
		if fl, ok := fault.As(err); ok {
			return fl.At(field)
		}
		return fault.Wrap(fault.Invalid, "url_not_allowed", err).At(field)
	}
	a.URL = clean
	return nil
}
