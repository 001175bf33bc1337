// Package weburl reads web addresses that people paste. Attachments and rich
// text keep links, and both must keep the same ones: a form that one of them
// reads differently from a browser is a hole in the other. So there is one
// canonical form, and what cannot be brought to it is no link.
package weburl
