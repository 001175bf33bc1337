package board_test

import (
	"slices"
	"testing"

	"fresque.dev/services/board/internal/board"
)

// TestAuthorisationTable has a row for every role and a column for every
// ability; every cell is checked.
func TestAuthorisationTable(t *testing.T) {
	columns := []board.Ability{
		board.ReadBoard, board.EditBoard, board.ReadLinks, board.CreatePost, board.UploadMedia,
		board.EditOwnPost, board.EditAnyPost, board.DeleteOwnPost, board.DeleteAnyPost,
	}
	table := map[board.Role]string{
		//                   read edit links create upload edit-own edit-any delete-own delete-any
		board.RoleModerator: "yyyyyyyyy",
		board.RoleWriter:    "ynnyyynyn",
		board.RoleReader:    "ynnnnnnnn",
		"":                  "nnnnnnnnn",
		"owner":             "nnnnnnnnn",
	}
	for role, row := range table {
		p := board.Principal{Role: role}
		for i, ability := range columns {
			if got, want := p.Can(ability), row[i] == 'y'; got != want {
				t.Errorf("%q may %s: %v, want %v", role, ability, got, want)
			}
		}
		for _, ability := range board.AbilitiesOf(role) {
			if !slices.Contains(columns, ability) {
				t.Errorf("ability %s is in no column of this test", ability)
			}
		}
	}
}

// TestSight has a row for every state of a document and who sees it (S12, S13).
func TestSight(t *testing.T) {
	const me, other = board.ID("me"), board.ID("other")
	media := func(state board.MediaState, post board.ID) *board.Media {
		m := &board.Media{Owner: me, State: state, Post: post}
		m.Board = "b"
		return m
	}
	post := &board.Post{}
	post.Board = "b"
	wall := &board.Board{}
	wall.Board = "b"
	link := &board.Link{}
	link.Board = "b"
	for _, tc := range []struct {
		name                             string
		doc                              board.Document
		owner, member, moderator, reader bool
	}{
		{"board", wall, true, true, true, true},
		{"post", post, true, true, true, true},
		{"link", link, false, false, false, false},
		{"upload under way", media(board.MediaUploading, "p"), true, false, false, false},
		{"upload being examined", media(board.MediaProcessing, "p"), true, false, false, false},
		{"upload refused", media(board.MediaRefused, "p"), true, false, false, false},
		{"upload ready, in no post", media(board.MediaReady, ""), true, false, false, false},
		{"upload ready, in a post", media(board.MediaReady, "p"), true, true, true, true},
		{"a kind not understood", unknownKind{&post.Meta}, false, false, true, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for _, who := range []struct {
				p    board.Principal
				want bool
			}{
				{board.Principal{Board: "b", Participant: me, Role: board.RoleWriter}, tc.owner},
				{board.Principal{Board: "b", Participant: other, Role: board.RoleWriter}, tc.member},
				{board.Principal{Board: "b", Participant: other, Role: board.RoleModerator}, tc.moderator},
				{board.Principal{Board: "b", Participant: other, Role: board.RoleReader}, tc.reader},
				{board.Principal{Board: "b", Participant: me, Role: "unknown"}, false},
				{board.Principal{Board: "c", Participant: me, Role: board.RoleModerator}, false},
				{board.Principal{}, false},
			} {
				if got := board.SeenBy(who.p, tc.doc); got != who.want {
					t.Errorf("%+v sees it: %v, want %v", who.p, got, who.want)
				}
			}
		})
	}
}

// unknownKind is a document of a kind that the sight rule does not know.
type unknownKind struct{ *board.Meta }

func (unknownKind) Kind() board.Kind { return "unknown" }
