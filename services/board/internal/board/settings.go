package board

import (
	"slices"
	"strings"
	"time"

	"fresque.dev/services/internal/fault"
)

// Layout is how a wall is laid out. Every layout shows the same posts.
type Layout string

// The layouts. The zero value of a board made before there were any is a wall.
const (
	LayoutWall    Layout = "wall"
	LayoutColumns Layout = "columns"
	LayoutStream  Layout = "stream"
)

// Sort is the order of posts.
type Sort string

// The sorts.
const (
	SortByHand Sort = "manual"
	SortNewest Sort = "newest"
	SortOldest Sort = "oldest"
	SortAuthor Sort = "author"
	// SortReactions puts what was most reacted to first.
	SortReactions Sort = "reactions"
)

// Moderation says whose posts a moderator sees before the others do.
type Moderation string

// The moderations.
const (
	ModerationOff    Moderation = "off"
	ModerationGuests Moderation = "guests"
	ModerationAll    Moderation = "all"
)

// Anonymity says who is not told who wrote a post.
type Anonymity string

// The anonymities, weakest first. "everyone" keeps names from trainers too.
const (
	Named            Anonymity = ""
	AnonymousToPeers Anonymity = "peers"
	AnonymousToAll   Anonymity = "everyone"
	// toldNamed is Named as clients read and write it.
	toldNamed Anonymity = "named"
)

// GroupMode says who sees the posts of which group.
type GroupMode string

// The group modes.
const (
	GroupsNone     GroupMode = "none"
	GroupsVisible  GroupMode = "visible"
	GroupsSeparate GroupMode = "separate"
)

// Field is a part of a post that may be asked for.
type Field string

// The fields that may be required.
const (
	FieldTitle   Field = "title"
	FieldText    Field = "text"
	FieldPicture Field = "picture"
	FieldAlt     Field = "alt"
	FieldSection Field = "section"
)

// Colour is one of a few that the themes render, each legible in light and
// dark; empty is the theme's plain one.
type Colour string

var colours = []Colour{"", "red", "orange", "yellow", "green", "teal", "blue", "purple", "pink", "grey"}

// Background is what a wall stands on.
type Background struct {
	Colour Colour `json:"colour,omitempty"`
	// Picture is an upload of the board's own.
	Picture ID `json:"picture,omitempty"`
}

// Settings are what trainers choose for a board. The zero value of each is
// what a board starts with.
type Settings struct {
	Layout     Layout     `json:"layout,omitempty"`
	Background Background `json:"background,omitzero"`
	Sort       Sort       `json:"sort,omitempty"`
	// NewLast puts new posts at the end when posts are sorted by hand.
	NewLast bool `json:"newLast,omitempty"`
	// PlainPosts takes the choice of a colour from posts.
	PlainPosts bool `json:"plainPosts,omitempty"`
	// The weakest role that may post, comment, react, and edit others' posts;
	// empty is writer, commenter, reader and moderator.
	Post       Role `json:"post,omitempty"`
	Comment    Role `json:"comment,omitempty"`
	React      Role `json:"react,omitempty"`
	EditOthers Role `json:"editOthers,omitempty"`
	// Reactions is the scale; VotesEach bounds one person's votes on the whole
	// board, 0 for the usual.
	Reactions Scale `json:"reactions,omitempty"`
	VotesEach int   `json:"votesEach,omitempty"`
	// Required are what a post must have, sorted.
	Required []Field `json:"required,omitempty"`
	// PostsEach bounds the posts of one person, MaxLength the characters of a
	// post's text; 0 for no bound of the board's own.
	PostsEach int `json:"postsEach,omitempty"`
	MaxLength int `json:"maxLength,omitempty"`
	// Kinds are the kinds of content allowed, sorted; empty for all.
	Kinds      []ContentKind `json:"kinds,omitempty"`
	Moderation Moderation    `json:"moderation,omitempty"`
	// Words hold a post for a moderator. Only moderators are told them.
	Words     []string  `json:"words,omitempty"`
	Anonymity Anonymity `json:"anonymity,omitempty"`
	Groups    GroupMode `json:"groups,omitempty"`
	// FreezeAt is from when on nothing is written; OpenFrom and OpenUntil are
	// when participants may come. Zero is never, and always.
	FreezeAt  time.Time `json:"freezeAt,omitzero"`
	OpenFrom  time.Time `json:"openFrom,omitzero"`
	OpenUntil time.Time `json:"openUntil,omitzero"`
}

// Limits of the settings.
const (
	MaxWords     = 200
	MaxWord      = 60
	MaxPostsEach = 1000
)

// Told gives the settings with what is unstated filled in, as clients read
// them.
func (s Settings) Told() Settings {
	fill(&s.Layout, LayoutWall)
	fill(&s.Sort, SortByHand)
	fill(&s.Post, RoleWriter)
	fill(&s.Comment, RoleCommenter)
	fill(&s.React, RoleReader)
	fill(&s.EditOthers, RoleModerator)
	fill(&s.Moderation, ModerationOff)
	fill(&s.Anonymity, toldNamed)
	fill(&s.Groups, GroupsNone)
	fill(&s.Reactions, ReactNot)
	s.VotesEach = s.votesEach()
	return s
}

func fill[T ~string](v *T, unstated T) {
	if *v == "" {
		*v = unstated
	}
}

// SettingsEdit is a change of settings; nil leaves a setting as it is.
type SettingsEdit struct {
	Layout                           *Layout
	Background                       *Background
	Sort                             *Sort
	NewLast, PlainPosts              *bool
	Post, Comment, React, EditOthers *Role
	Reactions                        *Scale
	VotesEach                        *int
	Required                         *[]Field
	PostsEach, MaxLength             *int
	Kinds                            *[]ContentKind
	Moderation                       *Moderation
	Words                            *[]string
	Anonymity                        *Anonymity
	Groups                           *GroupMode
	FreezeAt, OpenFrom, OpenUntil    *time.Time
}

// apply changes settings and tells all that is wrong with the change.
func (e SettingsEdit) apply(s *Settings) faults {
	var f faults
	choose(&f, "layout", &s.Layout, e.Layout, LayoutWall, LayoutColumns, LayoutStream)
	choose(&f, "sort", &s.Sort, e.Sort, SortByHand, SortNewest, SortOldest, SortAuthor, SortReactions)
	choose(&f, "post", &s.Post, e.Post, RoleWriter, RoleModerator)
	choose(&f, "comment", &s.Comment, e.Comment, RoleCommenter, RoleWriter, RoleModerator)
	choose(&f, "react", &s.React, e.React, RoleReader, RoleCommenter, RoleWriter, RoleModerator)
	choose(&f, "editOthers", &s.EditOthers, e.EditOthers, RoleWriter, RoleModerator)
	choose(&f, "reactions", &s.Reactions, e.Reactions, ReactNot, ReactLike, ReactStars, ReactVotes)
	within(&f, "votesEach", &s.VotesEach, e.VotesEach, MaxVotesEach)
	choose(&f, "moderation", &s.Moderation, e.Moderation, ModerationOff, ModerationGuests, ModerationAll)
	choose(&f, "anonymity", &s.Anonymity, e.Anonymity, toldNamed, AnonymousToPeers, AnonymousToAll)
	choose(&f, "groups", &s.Groups, e.Groups, GroupsNone, GroupsVisible, GroupsSeparate)
	if s.Anonymity == toldNamed {
		s.Anonymity = Named
	}
	if s.Reactions == ReactNot {
		s.Reactions = ""
	}
	set(&s.NewLast, e.NewLast)
	set(&s.PlainPosts, e.PlainPosts)
	if e.Background != nil {
		s.Background = *e.Background
		f.add(unknownColour("settings.background.colour", s.Background.Colour))
	}
	several(&f, "required", &s.Required, e.Required, FieldTitle, FieldText, FieldPicture, FieldAlt, FieldSection)
	several(&f, "kinds", &s.Kinds, e.Kinds, ContentKinds()...)
	within(&f, "postsEach", &s.PostsEach, e.PostsEach, MaxPostsEach)
	within(&f, "maxLength", &s.MaxLength, e.MaxLength, MaxPostBody)
	if e.Words != nil {
		s.Words = cleanWords(*e.Words, &f)
	}
	setTime(&s.FreezeAt, e.FreezeAt)
	setTime(&s.OpenFrom, e.OpenFrom)
	setTime(&s.OpenUntil, e.OpenUntil)
	if !s.OpenFrom.IsZero() && !s.OpenUntil.IsZero() && !s.OpenFrom.Before(s.OpenUntil) {
		f.add(fault.New(fault.Invalid, "open_backwards").At("settings.openUntil"))
	}
	return f
}

func set[T any](v *T, to *T) {
	if to != nil {
		*v = *to
	}
}

func setTime(v *time.Time, to *time.Time) {
	if to == nil {
		return
	}
	*v = time.Time{}
	if !to.IsZero() {
		*v = to.UTC().Truncate(time.Millisecond)
	}
}

// choose takes one of some values.
func choose[T ~string](f *faults, field string, v *T, to *T, among ...T) {
	switch {
	case to == nil:
	case slices.Contains(among, *to):
		*v = *to
	default:
		f.add(fault.New(fault.Invalid, "unknown_"+snake(field)).At("settings." + field))
	}
}

// several takes any of some values, sorted and each once.
func several[T ~string](f *faults, field string, v *[]T, to *[]T, among ...T) {
	if to == nil {
		return
	}
	chosen := slices.Clone(*to)
	slices.Sort(chosen)
	chosen = slices.Compact(chosen)
	for _, one := range chosen {
		if !slices.Contains(among, one) {
			f.add(fault.New(fault.Invalid, "unknown_choice").At("settings." + field))
			return
		}
	}
	if len(chosen) == 0 {
		chosen = nil
	}
	*v = chosen
}

func within(f *faults, field string, v *int, to *int, most int) {
	switch {
	case to == nil:
	case *to < 0 || *to > most:
		f.add(fault.New(fault.Invalid, "out_of_range").At("settings."+field).With("max", most))
	default:
		*v = *to
	}
}

// snake writes the name of a field as codes are written.
func snake(name string) string {
	var out strings.Builder
	for _, r := range name {
		if r >= 'A' && r <= 'Z' {
			out.WriteByte('_')
			r += 'a' - 'A'
		}
		out.WriteRune(r)
	}
	return out.String()
}

func unknownColour(field string, c Colour) *fault.Fault {
	if slices.Contains(colours, c) {
		return nil
	}
	return fault.New(fault.Invalid, "unknown_colour").At(field)
}

func cleanWords(in []string, f *faults) []string {
	if len(in) > MaxWords {
		f.add(fault.New(fault.Invalid, "too_many").At("settings.words").With("max", MaxWords))
		return nil
	}
	var out []string
	for _, word := range in {
		word = oneLine(word)
		f.add(tooLong("settings.words", word, MaxWord))
		if word != "" && !slices.Contains(out, word) {
			out = append(out, word)
		}
	}
	return out
}
