// Package richtext turns whatever HTML a client sends into the small canonical
// form that is stored, sent to browsers and exported. bluemonday drops what is
// dangerous; what is left is read into paragraphs and lists, and written again
// by a writer that knows no other element. One text has one form, so that the
// web client can render it with a strict parser and never with innerHTML, and
// so that an unchanged text compares as unchanged.
//
// The form is described, with its grammar, in docs/richtext.md.
package richtext
