package sqlitestore

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/fault"
)

var (
	errRevision    = errors.New("a revision grows by exactly one")
	errUnknownKind = errors.New("unknown kind of document")
)

// row is a document as the table keeps it. It is made on the caller's
// goroutine, so that the caller may do what it likes with the document while
// the row waits for its batch.
type row struct {
	key           board.Key
	rev           board.Rev
	doc           string
	parent        sql.NullString
	unpublishedAt sql.NullInt64
	deleted       bool
	purgeAt       sql.NullInt64
}

func encode(doc board.Document) (row, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	// Bodies are HTML: escaping would store six bytes for each angle bracket.
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(doc); err != nil {
		return row{}, fault.Internalf(err, "encode %s %s", doc.Kind(), doc.Head().ID)
	}
	head := doc.Head()
	return row{
		key:           board.KeyOf(doc),
		rev:           head.Rev,
		doc:           text.String(),
		parent:        sql.NullString{String: string(head.Parent), Valid: head.Parent != ""},
		unpublishedAt: sql.NullInt64{Int64: head.UpdatedAt.UnixMilli(), Valid: board.IsLive(doc.Kind())},
		deleted:       head.Deleted(),
		purgeAt:       sql.NullInt64{Int64: head.PurgeAt.UnixMilli(), Valid: !head.PurgeAt.IsZero()},
	}, nil
}

func decode(kind board.Kind, text string) (board.Document, error) {
	doc, ok := board.NewDocument(kind)
	if !ok {
		return nil, fault.Wrap(fault.Internal, "internal", fmt.Errorf("%w: %q", errUnknownKind, kind))
	}
	if err := json.Unmarshal([]byte(text), doc); err != nil {
		return nil, fault.Internalf(err, "decode a stored %s", kind)
	}
	return doc, nil
}
