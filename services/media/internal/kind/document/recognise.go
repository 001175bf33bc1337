// Package document is the kind of files that are downloaded and read: PDF,
// documents of office suites, texts, tables and captions. They are kept as they
// were sent, so everything that could be taken for something else is refused.
package document

import (
	"bytes"
	"errors"
	"io"

	"fresque.dev/services/media/internal/kind"
	"fresque.dev/services/media/internal/media"
)

const (
	pdf  = "application/pdf"
	docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	pptx = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
	odt  = "application/vnd.oasis.opendocument.text"
	ods  = "application/vnd.oasis.opendocument.spreadsheet"
	odp  = "application/vnd.oasis.opendocument.presentation"
	txt  = "text/plain"
	csv  = "text/csv"
	vtt  = "text/vtt"
)

var extensions = map[string]string{
	pdf: "pdf", docx: "docx", xlsx: "xlsx", pptx: "pptx", odt: "odt", ods: "ods", odp: "odp", txt: "txt", csv: "csv", vtt: "vtt",
}

func found(mediaType string, code media.Code) (kind.Found, bool) {
	return kind.Found{Kind: media.Document, Type: mediaType, Extension: extensions[mediaType], Refusal: code}, true
}

// compoundFile begins old office documents, and newer ones with a password.
const compoundFile = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

// Recognise knows documents. A text tells nothing of what it is: a table is one
// when it was announced as one.
func (Module) Recognise(f kind.File, u media.Upload) (kind.Found, bool) {
	switch {
	case bytes.HasPrefix(f.Head, []byte("%PDF-")):
		return found(pdf, checkPDF(f))
	case bytes.HasPrefix(f.Head, []byte(compoundFile)):
		return found("", media.Locked)
	case bytes.HasPrefix(f.Head, []byte("PK\x03\x04")):
		mediaType, code := checkPackage(f)
		return found(mediaType, code)
	case u.Announced() == media.Document && (u.Declared == txt || u.Declared == csv):
		return found(u.Declared, checkText(f))
	case u.Announced() == media.Document && u.Declared == vtt:
		return found(vtt, checkCaptions(f))
	}
	return kind.Found{}, false
}

// tailLen is how far from its end the end mark of a PDF may be: what readers
// put up with.
const tailLen = 1024

// checkPDF refuses a PDF that is cut off, and one that is something else too.
func checkPDF(f kind.File) media.Code {
	if looksLikePage(f.Head[5:]) {
		return media.Polyglot
	}
	tail := make([]byte, min(f.Size, 1<<16))
	if _, err := f.ReadAt(tail, f.Size-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return media.Damaged
	}
	// An archive is read from its end, whatever comes first.
	if bytes.Contains(tail, []byte("PK\x05\x06")) {
		return media.Polyglot
	}
	if !bytes.Contains(tail[max(0, len(tail)-tailLen):], []byte("%%EOF")) {
		return media.Damaged
	}
	return ""
}

// looksLikePage tells what a browser could take for a page.
func looksLikePage(b []byte) bool {
	b = bytes.ToLower(b)
	for _, mark := range []string{"<!doctype", "<html", "<head", "<body", "<script", "<svg", "<iframe", "<object", "<embed"} {
		if bytes.Contains(b, []byte(mark)) {
			return true
		}
	}
	return false
}

// beginsLikePage tells a text that is a page: one that only speaks of pages is
// a text.
func beginsLikePage(b []byte) bool {
	b = bytes.ToLower(bytes.TrimLeft(b, " \t\r\n\f"))
	if bytes.HasPrefix(b, []byte("<?xml")) || bytes.HasPrefix(b, []byte("<!--")) {
		return looksLikePage(b)
	}
	for _, mark := range []string{"<!doctype", "<html", "<head", "<body", "<script", "<svg", "<iframe", "<?php"} {
		if bytes.HasPrefix(b, []byte(mark)) {
			return true
		}
	}
	return false
}
