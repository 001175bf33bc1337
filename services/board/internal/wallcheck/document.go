package wallcheck

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// key finds one document of a wall.
type key struct{ kind, id string }

func (k key) String() string { return k.kind + " " + k.id }

// document is one document as the API gave it.
type document struct {
	key
	rev     int64
	deleted bool
	fields  map[string]any
}

// keptByTombstones are the only fields of a tombstone that may say something.
var keptByTombstones = map[string]bool{"id": true, "rev": true, "deleted": true, "createdAt": true, "updatedAt": true}

// saidByAll is what a field says of every post that is not told otherwise.
var saidByAll = map[string]any{"state": "published"}

func parse(kind string, raw []byte) (document, error) {
	doc := document{key: key{kind: kind}}
	if err := json.Unmarshal(raw, &doc.fields); err != nil {
		return doc, err
	}
	rev, _ := doc.fields["rev"].(float64)
	doc.id, _ = doc.fields["id"].(string)
	doc.deleted, _ = doc.fields["deleted"].(bool)
	doc.rev = int64(rev)
	if doc.id == "" || doc.rev < 1 {
		return doc, fmt.Errorf("a %s without an id or a revision: %.200s", kind, raw)
	}
	return doc, nil
}

// withoutOwn leaves out what a browser is told of its own; a snapshot, which is
// many people's, does not tell it.
func (d document) withoutOwn() document {
	if _, told := d.fields["own"]; told {
		d.fields = maps.Clone(d.fields)
		delete(d.fields, "own")
	}
	return d
}

// parseChange reads the data of a change: {kind, <kind>: document}, or counts.
func parseChange(raw []byte) (document, *counts, error) {
	var parts map[string]json.RawMessage
	if err := json.Unmarshal(raw, &parts); err != nil {
		return document{}, nil, err
	}
	var kind string
	if err := json.Unmarshal(parts["kind"], &kind); err != nil || parts[kind] == nil {
		return document{}, nil, errors.New("a change without its document")
	}
	if kind == "counts" {
		had := new(counts)
		return document{}, had, json.Unmarshal(parts[kind], had)
	}
	doc, err := parse(kind, parts[kind])
	return doc, nil, err
}

// leaks names a field of a tombstone that still tells something.
func (d document) leaks() (field string, leaks bool) {
	if !d.deleted {
		return "", false
	}
	for name, value := range d.fields {
		if !keptByTombstones[name] && !empty(value) && value != saidByAll[name] {
			return name, true
		}
	}
	return "", false
}

func empty(value any) bool {
	switch v := value.(type) {
	case nil:
		return true
	case []any:
		return len(v) == 0
	case map[string]any:
		for _, inner := range v {
			if !empty(inner) {
				return false
			}
		}
		return true
	default:
		return reflect.ValueOf(v).IsZero()
	}
}

func (d document) same(other document) bool {
	return reflect.DeepEqual(d.withoutOwn().fields, other.withoutOwn().fields)
}

// differs names the fields that two contents do not share, with what they say.
func (d document) differs(other document) string {
	var out []string
	a, b := d.withoutOwn().fields, other.withoutOwn().fields
	for name := range a {
		if !reflect.DeepEqual(a[name], b[name]) {
			out = append(out, fmt.Sprintf("%s: %v, %v", name, a[name], b[name]))
		}
	}
	for name := range b {
		if _, told := a[name]; !told {
			out = append(out, fmt.Sprintf("%s: nothing, %v", name, b[name]))
		}
	}
	slices.Sort(out)
	return strings.Join(out, "; ")
}
