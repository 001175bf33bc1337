package board

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// changedBy names what an edit of a board or a section changed (Deed.Changed):
// « changed the settings » says little to whoever reads the log. before is the
// document as it was, as JSON.
func changedBy(verb Verb, doc Document, before string) string {
	if verb != BoardEdited && verb != SectionEdited {
		return ""
	}
	was, is := fieldsOf(before), fieldsOf(imageOf(doc))
	var out []string
	for name, now := range is {
		if !bytes.Equal(was[name], now) {
			out = append(out, name)
		}
	}
	for name, then := range was {
		switch _, there := is[name]; {
		case there:
		case string(then) == "true":
			out = append(out, "-"+name)
		default:
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// fieldsOf takes a document apart, settings each for itself. Its head is no
// field.
func fieldsOf(image string) map[string]json.RawMessage {
	out := make(map[string]json.RawMessage)
	if json.Unmarshal([]byte(image), &out) != nil {
		return nil
	}
	settings := out["settings"]
	for _, name := range []string{"settings", "id", "board", "parent", "rev", "createdAt", "updatedAt"} {
		delete(out, name)
	}
	if settings != nil && json.Unmarshal(settings, &out) != nil {
		return nil
	}
	return out
}
