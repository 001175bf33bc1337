package ctl

import (
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// listBoards are the commands on boards that are about none that is there.
var listBoards = []command{
	{"list", "fresquectl board list: every wall, whose it is and since when; those in the trash too.", nothing, func(*flag.FlagSet) action {
		return func(ctx context.Context, t *tool, _ string) error { return t.boards(ctx) }
	}},
	{"create", "fresquectl board create -title TITLE: makes a wall that nobody owns, and its links.", nothing, func(f *flag.FlagSet) action {
		title := f.String("title", "", "of the wall")
		language := f.String("lang", "", "of the wall: fr or en")
		id := f.String("id", "", "id of the wall, so that a retry makes one; made by the service when left out")
		return func(ctx context.Context, t *tool, _ string) error {
			body := map[string]any{"title": *title}
			for field, value := range map[string]string{"language": *language, "id": *id} {
				if value != "" {
					body[field] = value
				}
			}
			return t.told(ctx, http.MethodPost, "/boards", body, func(raw []byte) error {
				var made imported
				err := json.Unmarshal(raw, &made)
				t.tellImported(made)
				return err
			})
		}
	}},
}

// boards lists all there are.
func (t *tool) boards(ctx context.Context) error {
	return t.listed(ctx, "/operator/boards?after=", "boards", "ID\tOWNER\tCREATED\tCHANGED\tSTATE\tTITLE", boardLine)
}

func boardLine(w io.Writer, raw []byte) error {
	var b struct{ ID, Title, Owner, Account, Platform, CreatedAt, UpdatedAt, ArchivedAt, DeletedAt string }
	if err := json.Unmarshal(raw, &b); err != nil {
		return err
	}
	state := "open"
	switch {
	case b.DeletedAt != "":
		state = "trash"
	case b.ArchivedAt != "":
		state = "archived"
	}
	owner := strings.TrimSpace(b.Owner + " " + cmp.Or(b.Account, b.Platform))
	_, err := fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", b.ID, owner, day(b.CreatedAt), day(b.UpdatedAt), state, b.Title)
	return err
}

// day is that of a moment.
func day(moment string) string {
	before, _, _ := strings.Cut(moment, "T")
	return before
}
