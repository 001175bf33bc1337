package app

import (
	"fmt"
	"slices"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/settings"
)

// Uploads are what may be sent; a process that holds the service has the same
// settings.
type Uploads struct {
	// FileTypes are those of documents that are taken, by extension; all that
	// are known when empty, none for "none".
	FileTypes []string
	// The most MiB of one upload, by kind; 0 takes none of that kind.
	PictureMiB, FileMiB, AudioMiB, VideoMiB int
	// BoardMiB is the most of all uploads of one board.
	BoardMiB int
}

const mib = 1 << 20

// defaultUploads takes what the domain takes.
func defaultUploads() Uploads {
	u := Uploads{}
	d := board.DefaultUploads()
	for kind, into := range u.limits() {
		k, _ := d.Of(kind)
		*into = int(k.Max / mib)
	}
	u.BoardMiB = int(d.Board / mib)
	return u
}

func (u *Uploads) limits() map[board.ContentKind]*int {
	return map[board.ContentKind]*int{
		board.ContentPicture: &u.PictureMiB, board.ContentFile: &u.FileMiB, board.ContentAudio: &u.AudioMiB, board.ContentVideo: &u.VideoMiB,
	}
}

// Declare reads them.
func (u *Uploads) Declare(s *settings.Set) {
	s.Strings(&u.FileTypes, "FILE_TYPES", "types of document that are taken, by extension; all that are known when empty, \"none\" for none")
	s.Int(&u.PictureMiB, "PICTURE_MIB", "largest picture in MiB; 0 takes none", 0, 1024)
	s.Int(&u.FileMiB, "FILE_MIB", "largest document in MiB; 0 takes none", 0, 1024)
	s.Int(&u.AudioMiB, "AUDIO_MIB", "largest sound in MiB; 0 takes none", 0, 1024)
	s.Int(&u.VideoMiB, "VIDEO_MIB", "largest video in MiB; 0 takes none", 0, 1024)
	s.Int(&u.BoardMiB, "BOARD_MIB", "MiB of all uploads of one wall", 1, 1<<20)
}

// check tells the types that nobody knows.
func (u Uploads) check() []error {
	var faults []error
	known := board.DefaultUploads().FileTypes()
	for _, t := range u.FileTypes {
		if t != "none" && !slices.Contains(known, t) {
			faults = append(faults, fmt.Errorf("FILE_TYPES: %q is none of %v", t, known))
		}
	}
	return faults
}

// policy is what the domain goes by.
func (u Uploads) policy() board.UploadPolicy {
	p := board.DefaultUploads()
	p.Board = int64(u.BoardMiB) * mib
	for i := range p.Kinds {
		k := &p.Kinds[i]
		k.Max = int64(*u.limits()[k.Kind]) * mib
		if k.Kind == board.ContentFile && len(u.FileTypes) > 0 {
			k.Types = slices.DeleteFunc(k.Types, func(t board.UploadType) bool { return !slices.Contains(u.FileTypes, t.Extension) })
		}
	}
	p.Kinds = slices.DeleteFunc(p.Kinds, func(k board.UploadKind) bool { return k.Max == 0 || len(k.Types) == 0 })
	return p
}
