package board

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"

	"fresque.dev/services/internal/fault"
)

// archiveFile is how an archive may call an upload: below media/, and nowhere else.
var archiveFile = regexp.MustCompile(`^media/[0-9A-Za-z][0-9A-Za-z._-]{0,99}$`)

// readMedia makes documents of the uploads of a transfer. One that is not taken
// here is there as refused, and says why: the rest of the board comes all the same.
func (im *importing) readMedia() {
	im.sc.media = func(id ID) *Media { return im.media[id] }
	taken := make(map[string]bool)
	for i, one := range im.in.Media {
		at := fmt.Sprintf("media[%d]", i)
		id := copyID(im.id, ID(one.ID))
		im.place(at, one.ID, im.absent[id] || im.media[id] != nil)
		if one.Missing != "" {
			im.absent[id] = true
			im.without.Pictures++
			continue
		}
		if !archiveFile.MatchString(one.File) {
			im.f.add(fault.New(fault.Invalid, "file_path").At(at + ".file"))
		}
		if taken[one.File] {
			im.f.add(fault.New(fault.Invalid, "duplicate").At(at + ".file"))
		}
		if one.Size <= 0 {
			im.f.add(fault.New(fault.Invalid, "media_empty").At(at + ".size"))
		}
		taken[one.File], im.files[id] = true, one.File
		im.media[id] = im.upload(id, one)
		im.bytes += im.media[id].Takes()
	}
}

func (im *importing) upload(id ID, one TransferMedia) *Media {
	m := &Media{State: MediaUploading, Name: fileName(one.Name), Size: one.Size}
	m.ID, m.Board, m.CreatedAt, m.PurgeAt = id, im.id, im.sc.now, im.sc.now.Add(UnusedKept)
	kind, mediaType, unsupported := im.Uploads.announced(one.Type, m.Name)
	k, _ := im.Uploads.Of(kind)
	switch {
	case unsupported != nil:
		m.State, m.Refusal, m.Content = MediaRefused, unsupported.Code, ContentFile
	case m.Size > k.Max:
		m.State, m.Refusal = MediaRefused, "media_too_large"
	}
	m.Content, m.Type = cmp.Or(kind, m.Content), mediaType
	return m
}

// attachments are those of a post whose uploads are there.
func (im *importing) attachments(at string, in []TransferAttachment, post ID) []Attachment {
	out := make([]Attachment, 0, len(in))
	for i, one := range in {
		a := Attachment{ID: importedAttachment(post, cmp.Or(one.ID, fmt.Sprint(i))), Type: one.Type, URL: one.URL, Caption: one.Caption, Alt: one.Alt, Language: one.Language}
		if one.CaptionsOf != "" {
			a.CaptionsOf = importedAttachment(post, one.CaptionsOf)
		}
		field := fmt.Sprintf("%s.attachments[%d]", at, i)
		switch a.Media = copyID(im.id, ID(one.Media)); {
		case one.Type == AttachmentLink:
			a.Media = ""
		case one.Type != AttachmentMedia:
			im.f.add(fault.New(fault.Invalid, "unknown_type").At(field + ".type"))
			continue
		case im.absent[a.Media]:
			continue
		case im.media[a.Media] == nil:
			im.f.add(fault.New(fault.Invalid, "reference_unknown").At(field + ".media"))
			continue
		}
		out = append(out, a)
	}
	// Captions go with what they are of, when that is absent; of what never was,
	// they are wrong.
	named := make(map[ID]bool, len(in))
	for _, one := range in {
		named[importedAttachment(post, one.ID)] = true
	}
	lost := captionsOfNothing(out)
	left := func(a Attachment) bool { return lost(a) && named[a.CaptionsOf] }
	return slices.DeleteFunc(out, left)
}

func importedAttachment(post ID, id string) ID { return derivedID("imported attachment", post, ID(id)) }

// show makes the uploads of a post that post's own.
func (im *importing) show(at string, post *Post) {
	for i, a := range post.Attachments {
		m := im.media[a.Media]
		switch {
		case m == nil:
		case m.Post != "":
			im.f.add(errMediaElsewere.At(fmt.Sprintf("%s.attachments[%d].media", at, i)))
		default:
			m.Post, m.Owner = post.ID, post.Author.ID
		}
	}
}

// readBackground makes the upload that the board itself shows its own.
func (im *importing) readBackground() {
	id := copyID(im.id, im.in.Board.Settings.Background.Picture)
	m := im.media[id]
	switch {
	case id == "" || im.absent[id]:
	case m == nil:
		im.f.add(fault.New(fault.Invalid, "reference_unknown").At("board.settings.background.picture"))
	case m.Post != "":
		im.f.add(errMediaElsewere.At("board.settings.background.picture"))
	default:
		m.Post, m.Owner = im.id, im.sc.p.Participant
	}
}

// readReactions makes what a post was given again, by nobody who could be named.
func (im *importing) readReactions(at string, given []int, post ID) {
	settings := im.in.Board.Settings
	most := map[Scale]int{ReactLike: 1, ReactStars: MaxStars, ReactVotes: MaxVotesEach}[settings.Reactions]
	if len(given) == 0 {
		return
	}
	if most == 0 || len(given) > maxReactions || slices.Min(given) < 1 || slices.Max(given) > most {
		im.f.add(fault.New(fault.Invalid, "out_of_range").At(at+".reactions").With("max", most))
		return
	}
	r := &Reactions{Post: post, Scale: settings.Reactions, Given: make(map[ID]int, len(given))}
	key := ReactionsKey(im.id, post, r.Scale)
	r.ID, r.Board, r.Parent, r.CreatedAt = key.ID, key.Board, post, im.sc.now
	for i, n := range given {
		r.Given[derivedID("imported reaction", post, ID(fmt.Sprint(i)))] = n
	}
	im.docs = append(im.docs, r)
}

// imported tells how far the uploads of an import have come.
func (im *importing) imported(ctx context.Context, b *Board) (*Imported, error) {
	out := &Imported{Board: b, Without: im.without}
	if len(im.media) == 0 {
		return out, nil
	}
	there, err := list[*Media](ctx, im.Store, b.ID, KindMedia)
	for _, m := range there {
		if file := im.files[m.ID]; file != "" {
			out.Media = append(out.Media, ImportedMedia{File: file, Ticket: im.ticket(im.sc, m)})
		}
	}
	return out, err
}

// roomForImport refuses an import for whose uploads the platform has no room,
// unless it was made before.
func (s *Service) roomForImport(ctx context.Context, p *Platform, im *importing) error {
	most := int64(p.Quotas.MediaMiB) << 20
	if most == 0 || im.bytes == 0 {
		return nil
	}
	_, err := get[*Owned](ctx, s.Store, ownedKey(p.ID, im.id))
	if fault.KindOf(err) != fault.NotFound {
		return err
	}
	left, err := s.roomLeft(ctx, p.ID, most)
	if err == nil && left < im.bytes {
		err = fault.New(fault.TooLarge, "platform_full").At("media").With("leftMiB", max(0, left)>>20)
	}
	return err
}
