package board

import "time"

// Board is one wall.
type Board struct {
	Meta
	Title string `json:"title"`
	// Description is plain text.
	Description string `json:"description,omitempty"`
	// Language is that of what the board itself says, such as pseudonyms: fr or
	// en; empty is fr.
	Language string `json:"language,omitempty"`
	// PresenceHidden keeps from everybody who is here.
	PresenceHidden bool     `json:"presenceHidden,omitempty"`
	Settings       Settings `json:"settings"`
	// ArchivedAt is when the board was put away: it is read, and not written.
	ArchivedAt time.Time `json:"archivedAt,omitzero"`
	// Platform is the one that owns the board; empty for a board of an account's.
	Platform ID `json:"platform,omitempty"`
	// External is what the platform calls the board; empty for nothing.
	External string `json:"external,omitempty"`
	// EndsAt is when it ends as Ends says, unless something changes on it, zero
	// for never; EndedAt is when it was anonymised.
	EndsAt  time.Time `json:"endsAt,omitzero"`
	Ends    WallEnd   `json:"ends,omitempty"`
	EndedAt time.Time `json:"endedAt,omitzero"`
	// Completion is what the platform asks of everybody.
	Completion Completion `json:"completion,omitzero"`
}

// Kind tells KindBoard.
func (*Board) Kind() Kind { return KindBoard }

// Section is one part of a wall: a column, or a chapter of it.
type Section struct {
	Meta
	Title       string `json:"title"`
	Description string `json:"description,omitempty"`
	Colour      Colour `json:"colour,omitempty"`
	// Order sorts the sections, as it does posts.
	Order string `json:"order"`
	// Locked keeps everybody but moderators from changing what is in it.
	Locked bool `json:"locked,omitempty"`
	// Hidden keeps the section and its posts from everybody but moderators.
	Hidden bool `json:"hidden,omitempty"`
	// RemovedAt is when the section was deleted, zero for one that stands. Its
	// posts keep it as theirs, so that undoing the deletion is one write: until
	// it is purged they stand where Fate and MovedTo say.
	RemovedAt time.Time `json:"removedAt,omitzero"`
	Fate      Fate      `json:"fate,omitempty"`
	// MovedTo is where kept posts stand; empty for no section.
	MovedTo ID `json:"movedTo,omitempty"`
}

// Removed tells a section that was deleted and can come back.
func (s *Section) Removed() bool { return !s.RemovedAt.IsZero() }

// Kind tells KindSection.
func (*Section) Kind() Kind { return KindSection }

// Fate is what becomes of the posts of a removed section.
type Fate string

// The fates.
const (
	FateKeep   Fate = "keep"
	FateDelete Fate = "delete"
)

// Group is some of the participants, who work together.
type Group struct {
	Meta
	Name  string `json:"name"`
	Order string `json:"order"`
	// Ref is what a platform calls it; empty for one that trainers made.
	Ref string `json:"ref,omitempty"`
}

// Kind tells KindGroup.
func (*Group) Kind() Kind { return KindGroup }

// Post is one contribution.
type Post struct {
	Meta
	Author Author `json:"author"`
	Title  string `json:"title,omitempty"`
	// Body is sanitised HTML.
	Body        string       `json:"body,omitempty"`
	Attachments []Attachment `json:"attachments,omitempty"`
	Colour      Colour       `json:"colour,omitempty"`
	// Section is where the post was put; empty for none.
	Section ID `json:"section,omitempty"`
	// Order sorts posts by hand: a fraction in base 62, compared byte by byte,
	// smallest first.
	Order string `json:"order,omitempty"`
	// Group is the author's, when the post was made.
	Group ID        `json:"group,omitempty"`
	State PostState `json:"state,omitempty"`
	// Reason says to the author why the post was rejected.
	Reason string `json:"reason,omitempty"`
	// Held names the word for which the post waits for a moderator.
	Held string `json:"held,omitempty"`
	// Sealed is the anonymity that the author was promised.
	Sealed Anonymity `json:"sealed,omitempty"`
	// Withheld keeps it from everybody but moderators, for as long as its author
	// is suspended.
	Withheld bool `json:"withheld,omitempty"`
	// EditedAt is when what it says was last changed; zero for never. Moving it,
	// colouring it and judging it are no edits.
	EditedAt time.Time `json:"editedAt,omitzero"`
}

// Kind tells KindPost.
func (*Post) Kind() Kind { return KindPost }

// PostState tells whether a post is on the wall.
type PostState string

// The states of a post.
const (
	StatePublished PostState = ""
	StatePending   PostState = "pending"
	StateRejected  PostState = "rejected"
)

// Author is a participant as the post shows them.
type Author struct {
	ID   ID     `json:"id"`
	Name string `json:"name"`
	// Trainer tells somebody who moderates the board.
	Trainer bool `json:"trainer,omitempty"`
}

// Link is a way onto the board with a role. Its secret is derived from the
// server's key and never stored.
type Link struct {
	Meta
	Role Role `json:"role"`
	// Name is for those who hand links out.
	Name string `json:"name,omitempty"`
	// Group is where those who come by it belong.
	Group ID `json:"group,omitempty"`
	// Password is an argon2id hash; empty for none.
	Password string `json:"password,omitempty"`
	// ExpiresAt is when it opens nothing more; zero for never.
	ExpiresAt time.Time `json:"expiresAt,omitzero"`
	// MaxUses bounds how many participants come by it; 0 for no bound.
	MaxUses int `json:"maxUses,omitempty"`
	Uses    int `json:"uses,omitempty"`
	// Code is short, to be typed.
	Code      string    `json:"code,omitempty"`
	RevokedAt time.Time `json:"revokedAt,omitzero"`
}

// Kind tells KindLink.
func (*Link) Kind() Kind { return KindLink }

// Participant is a person on one board, kept once they have given a name.
type Participant struct {
	Meta
	Name string `json:"name"`
	Role Role   `json:"role"`
	Link ID     `json:"link,omitempty"`
	// Group is the one they were put in; else their link's counts.
	Group   ID   `json:"group,omitempty"`
	Blocked bool `json:"blocked,omitempty"`
	// Held tells that the operator has suspended them.
	Held bool `json:"held,omitempty"`
	// Seat is the role of their account on the board since that was last changed,
	// NoSeat for none; empty where it never was.
	Seat Role `json:"seat,omitempty"`
}

// Kind tells KindParticipant.
func (*Participant) Kind() Kind { return KindParticipant }

// Tally counts the posts of one participant, whose id it has. It is a document
// of its own because trainers read participants: one that changed with each
// post would tell them who has just written.
type Tally struct {
	Meta
	// Posts are those that count.
	Posts []ID `json:"posts,omitempty"`
}

// Kind tells KindTally.
func (*Tally) Kind() Kind { return KindTally }

// Report is a participant's word to the moderators about a post, or about one
// of its comments.
type Report struct {
	Meta
	Post     ID     `json:"post"`
	Comment  ID     `json:"comment,omitempty"`
	Reporter ID     `json:"reporter"`
	Reason   string `json:"reason,omitempty"`
	// Settled tells that a moderator has seen to it.
	Settled bool `json:"settled,omitempty"`
}

// Kind tells KindReport.
func (*Report) Kind() Kind { return KindReport }
