// Package kinds is the list of the kinds of content, and what finds the one
// that a file is of.
package kinds

import (
	"io"
	"slices"

	"fresque.dev/services/media/internal/kind"
	"fresque.dev/services/media/internal/kind/av"
	"fresque.dev/services/media/internal/kind/document"
	"fresque.dev/services/media/internal/kind/picture"
	"fresque.dev/services/media/internal/media"
)

// module is one of the list: what kinds it is for, and what tools it can use.
type module struct {
	kind.Module
	kinds []media.Kind
	tools []string
}

// modules in the order in which they are asked: a text is what is nothing else.
var modules = []module{
	{picture.Module{}, []media.Kind{media.Picture}, nil},
	{av.Module{}, []media.Kind{media.Audio, media.Video}, []string{av.ToolProbe, av.ToolConvert}},
	{document.Module{}, []media.Kind{media.Document}, []string{document.ToolInfo, document.ToolPage, document.ToolOffice}},
}

// Recognise tells what a file is, and which module makes it ready, or why it is
// refused.
func Recognise(r io.ReaderAt, u media.Upload) (kind.File, kind.Found, kind.Module, error) {
	f := kind.File{ReaderAt: r, Size: u.Size, Head: make([]byte, min(u.Size, kind.HeadLen))}
	if _, err := r.ReadAt(f.Head, 0); err != nil && err != io.EOF {
		return f, kind.Found{}, nil, err
	}
	for _, m := range modules {
		if found, ok := m.Recognise(f, u); ok {
			if found.Refusal == "" {
				found.Refusal = misannounced(found, u)
			}
			return f, found, m.Module, nil
		}
	}
	code := media.TypeMismatch
	if u.Announced() == media.Picture {
		code = media.NotAPicture
	}
	return f, kind.Found{Refusal: code}, nil, nil
}

// misannounced refuses what is something else than it was said to be. Pictures,
// sounds and videos are made anew, so which of their types they were called
// does not matter; documents are not.
func misannounced(found kind.Found, u media.Upload) media.Code {
	switch {
	case found.Kind == media.Picture && u.Announced() == media.Picture:
		return ""
	case u.Announced() == media.Picture:
		return media.NotAPicture
	case !u.MayBe(found.Kind):
		return media.TypeMismatch
	case found.Kind == media.Document && found.Type != u.Declared:
		return media.TypeMismatch
	}
	return ""
}

// ModuleOf gives the module of what a file was found to be; nil for what none is
// for.
func ModuleOf(found kind.Found) kind.Module {
	for _, m := range modules {
		if slices.Contains(m.kinds, found.Kind) {
			return m.Module
		}
	}
	return nil
}

// Tools lists the programs that the modules know how to use.
func Tools() []string {
	var all []string
	for _, m := range modules {
		all = append(all, m.tools...)
	}
	return all
}
