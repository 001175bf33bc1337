package httpapi

import (
	"time"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/fault"
)

// SettingsEdit is a change of a board's settings; what is left out stays. The
// values are those of Settings.
type SettingsEdit struct {
	Layout     *string         `json:"layout,omitempty" doc:"wall, columns or stream"`
	Background *BackgroundEdit `json:"background,omitempty"`
	Sort       *string         `json:"sort,omitempty" doc:"manual, newest, oldest, author or reactions"`
	NewLast    *bool           `json:"newLast,omitempty"`
	PlainPosts *bool           `json:"plainPosts,omitempty"`
	Post       *string         `json:"post,omitempty" doc:"writer or moderator"`
	Comment    *string         `json:"comment,omitempty" doc:"commenter, writer or moderator"`
	React      *string         `json:"react,omitempty" doc:"reader, commenter, writer or moderator"`
	Reactions  *string         `json:"reactions,omitempty" doc:"off, like, stars or votes"`
	VotesEach  *int            `json:"votesEach,omitempty" doc:"0 for the usual number, 100 at most"`
	EditOthers *string         `json:"editOthers,omitempty" doc:"writer or moderator"`
	Required   *[]string       `json:"required,omitempty" nullable:"false" doc:"Any of title, text, picture, alt, section"`
	PostsEach  *int            `json:"postsEach,omitempty" doc:"0 for no limit, 1,000 at most"`
	MaxLength  *int            `json:"maxLength,omitempty" doc:"Characters; 0 for no limit, 20,000 at most"`
	Kinds      *[]string       `json:"kinds,omitempty" nullable:"false" doc:"Any of picture, file, audio, video, link; none for all"`
	Moderation *string         `json:"moderation,omitempty" doc:"off, guests or all"`
	Words      *[]string       `json:"words,omitempty" nullable:"false" doc:"At most 200"`
	Anonymity  *string         `json:"anonymity,omitempty" doc:"named, peers or everyone"`
	Groups     *string         `json:"groups,omitempty" doc:"none, visible or separate"`
	FreezeAt   *string         `json:"freezeAt,omitempty" doc:"RFC 3339; empty for never"`
	OpenFrom   *string         `json:"openFrom,omitempty" doc:"RFC 3339; empty for always"`
	OpenUntil  *string         `json:"openUntil,omitempty" doc:"RFC 3339; empty for always"`
}

// BackgroundEdit is what a wall is to stand on.
type BackgroundEdit struct {
	Colour  string `json:"colour,omitempty" doc:"A named colour, or empty for plain"`
	MediaID string `json:"mediaId,omitempty" format:"uuid" doc:"An upload of the caller's"`
}

// edit reads the change; nil is none.
func (e *SettingsEdit) edit() (board.SettingsEdit, error) {
	if e == nil {
		return board.SettingsEdit{}, nil
	}
	out := board.SettingsEdit{
		Layout: named[board.Layout](e.Layout), Sort: named[board.Sort](e.Sort), NewLast: e.NewLast, PlainPosts: e.PlainPosts,
		Post: named[board.Role](e.Post), Comment: named[board.Role](e.Comment), React: named[board.Role](e.React), EditOthers: named[board.Role](e.EditOthers),
		Reactions: named[board.Scale](e.Reactions), VotesEach: e.VotesEach,
		Required: several[board.Field](e.Required), PostsEach: e.PostsEach, MaxLength: e.MaxLength,
		Kinds: several[board.ContentKind](e.Kinds), Moderation: named[board.Moderation](e.Moderation), Words: e.Words,
		Anonymity: named[board.Anonymity](e.Anonymity), Groups: named[board.GroupMode](e.Groups),
	}
	if e.Background != nil {
		picture, _ := board.ParseID(e.Background.MediaID)
		out.Background = &board.Background{Colour: board.Colour(e.Background.Colour), Picture: picture}
	}
	for _, one := range []struct {
		field string
		text  *string
		into  **time.Time
	}{
		{"settings.freezeAt", e.FreezeAt, &out.FreezeAt},
		{"settings.openFrom", e.OpenFrom, &out.OpenFrom},
		{"settings.openUntil", e.OpenUntil, &out.OpenUntil},
	} {
		at, err := moment(one.field, one.text)
		if err != nil {
			return out, err
		}
		*one.into = at
	}
	return out, nil
}

// moment reads a time; empty is the zero time, which takes one away.
func moment(field string, text *string) (*time.Time, error) {
	switch {
	case text == nil:
		return nil, nil
	case *text == "":
		return new(time.Time), nil
	}
	at, err := time.Parse(time.RFC3339, *text)
	if err != nil {
		bad := fault.New(fault.Invalid, "invalid_input")
		bad.Details = []*fault.Fault{fault.New(fault.Invalid, "time_invalid").At(field)}
		return nil, bad
	}
	return &at, nil
}

// named gives a text the name of its type.
func named[T ~string](text *string) *T {
	if text == nil {
		return nil
	}
	v := T(*text)
	return &v
}

func several[T ~string](texts *[]string) *[]T {
	if texts == nil {
		return nil
	}
	out := make([]T, 0, len(*texts))
	for _, text := range *texts {
		out = append(out, T(text))
	}
	return &out
}

// reference reads the id of another document. What is no id is no document's
// either, and is refused like one that is not there.
func reference(text string) board.ID {
	if id, ok := board.ParseID(text); ok {
		return id
	}
	return board.ID(text)
}

// anID reads a reference where an empty one means none.
func anID(text *string) *board.ID {
	if text == nil {
		return nil
	}
	id := reference(*text)
	return &id
}
