package view

import "time"

// Change is the whole new state of one document; exactly the member that kind
// names is there.
type Change struct {
	Kind        string       `json:"kind" enum:"board,section,group,post,media,comment,counts,participant,report,link" doc:"A link is told without its content: only by undoing"`
	Board       *Board       `json:"board,omitempty"`
	Section     *Section     `json:"section,omitempty"`
	Group       *Group       `json:"group,omitempty"`
	Post        *Post        `json:"post,omitempty"`
	Media       *Media       `json:"media,omitempty"`
	Comment     *Comment     `json:"comment,omitempty"`
	Counts      *Counts      `json:"counts,omitempty"`
	Participant *Participant `json:"participant,omitempty" doc:"For moderators only"`
	Report      *Report      `json:"report,omitempty" doc:"For moderators only"`
}

// Head is what every document tells.
type Head struct {
	ID        string    `json:"id" format:"uuid"`
	Rev       int64     `json:"rev" minimum:"1" doc:"Grows by 1 with every change"`
	CreatedAt time.Time `json:"createdAt"`
	UpdatedAt time.Time `json:"updatedAt"`
	Deleted   bool      `json:"deleted,omitempty" doc:"True for a tombstone, which has no content"`
}

// Board is a wall.
type Board struct {
	Head
	Title       string `json:"title"`
	Description string `json:"description" doc:"Plain text"`
	Language    string `json:"language" enum:"fr,en" doc:"Of what the board itself says, such as pseudonyms"`
	// PresenceHidden keeps from everybody who is here.
	PresenceHidden bool       `json:"presenceHidden"`
	Phase          string     `json:"phase" enum:"open,frozen,before,after,archived" doc:"What can be done with the board now: frozen and archived are read only, before and after are for moderators only"`
	Settings       Settings   `json:"settings"`
	EndsAt         *time.Time `json:"endsAt,omitempty" doc:"When the wall ends, unless something changes on it"`
	Ends           string     `json:"ends,omitempty" enum:"anonymise,erase" doc:"What becomes of it then"`
	EndedAt        *time.Time `json:"endedAt,omitempty" doc:"When it was anonymised: it is read for good, and nobody is named"`
	// Completion is nil where nothing is asked.
	Completion *Completion `json:"completion,omitempty" doc:"What its platform asks of everybody; absent for nothing"`
}

// Settings are what trainers choose for a board.
type Settings struct {
	Layout     string     `json:"layout" enum:"wall,columns,stream"`
	Background Background `json:"background"`
	Sort       string     `json:"sort" enum:"manual,newest,oldest,author,reactions"`
	NewLast    bool       `json:"newLast" doc:"New posts come last when sorted by hand"`
	PlainPosts bool       `json:"plainPosts" doc:"Posts have no colours"`
	Post       string     `json:"post" enum:"writer,moderator" doc:"The weakest role that may post"`
	Comment    string     `json:"comment" enum:"commenter,writer,moderator" doc:"The weakest role that may comment"`
	React      string     `json:"react" enum:"reader,commenter,writer,moderator" doc:"The weakest role that may react"`
	Reactions  string     `json:"reactions" enum:"off,like,stars,votes" doc:"How people react to posts"`
	VotesEach  int        `json:"votesEach" doc:"The votes that one person has on the whole board"`
	EditOthers string     `json:"editOthers" enum:"writer,moderator" doc:"The weakest role that may edit and move others' posts"`
	Required   []string   `json:"required" nullable:"false" doc:"What a post must have: title, text, picture, alt, section"`
	PostsEach  int        `json:"postsEach" doc:"Posts that one person may have; 0 for no limit"`
	MaxLength  int        `json:"maxLength" doc:"Characters of a post's text; 0 for no limit of the board's own"`
	Kinds      []string   `json:"kinds" nullable:"false" doc:"Kinds of content allowed: picture, file, audio, video, link; empty for all"`
	Moderation string     `json:"moderation" enum:"off,guests,all" doc:"Whose posts a moderator sees before the others"`
	Words      []string   `json:"words,omitempty" doc:"Words that hold a post for a moderator; told to moderators only"`
	Anonymity  string     `json:"anonymity" enum:"named,peers,everyone" doc:"Who is not told who wrote what"`
	Groups     string     `json:"groups" enum:"none,visible,separate"`
	FreezeAt   *time.Time `json:"freezeAt,omitempty" doc:"From when on nothing is written"`
	OpenFrom   *time.Time `json:"openFrom,omitempty"`
	OpenUntil  *time.Time `json:"openUntil,omitempty"`
}

// Background is what a wall stands on.
type Background struct {
	Colour  string `json:"colour" doc:"One of the named colours, or empty"`
	MediaID string `json:"mediaId,omitempty"`
}

// Section is one part of a wall.
type Section struct {
	Head
	Title       string `json:"title"`
	Description string `json:"description" doc:"Plain text"`
	Colour      string `json:"colour"`
	Order       string `json:"order" doc:"Sorts byte by byte, the smallest first"`
	Locked      bool   `json:"locked" doc:"Only moderators change what is in it"`
	Hidden      bool   `json:"hidden" doc:"Only moderators see it and what is in it"`
}

// Group is some of the participants.
type Group struct {
	Head
	Name  string `json:"name"`
	Order string `json:"order"`
}

// Post is a contribution. Of a tombstone only id, rev and times are filled.
type Post struct {
	Head
	Author      Author       `json:"author"`
	Own         bool         `json:"own,omitempty" doc:"Whether it is the asker's own; told where it is told to them alone"`
	Title       string       `json:"title"`
	Body        string       `json:"body" doc:"Sanitised HTML of a small set: p, br, strong, em, ul, ol, li, a"`
	Attachments []Attachment `json:"attachments" nullable:"false"`
	Colour      string       `json:"colour,omitempty"`
	SectionID   string       `json:"sectionId,omitempty" doc:"Where it stands; absent for no section"`
	Order       string       `json:"order" doc:"Sorts by hand, byte by byte, the smallest first"`
	GroupID     string       `json:"groupId,omitempty"`
	State       string       `json:"state" enum:"published,pending,rejected" doc:"Only its author and moderators are told of another state than published"`
	Reason      string       `json:"reason,omitempty" doc:"Why it was rejected"`
	Held        string       `json:"held,omitempty" doc:"The word for which it waits; told to moderators only"`
	Withheld    bool         `json:"withheld,omitempty" doc:"Out of the others' sight while its author, who has long been away, is suspended; told to moderators only"`
	EditedAt    *time.Time   `json:"editedAt,omitempty" doc:"When what it says was last changed, which moving and judging it are not; absent for never"`
}

// Author is a participant as others see them.
type Author struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Anonymous bool   `json:"anonymous,omitempty" doc:"Id and name are a pseudonym"`
	Trainer   bool   `json:"trainer,omitempty"`
}

// Attachment is one piece of content of a post.
type Attachment struct {
	ID      string `json:"id" format:"uuid"`
	Type    string `json:"type" enum:"link,media"`
	URL     string `json:"url,omitempty" doc:"Of a link"`
	Embed   *Embed `json:"embed,omitempty" doc:"Of a link that a known player shows"`
	MediaID string `json:"mediaId,omitempty" doc:"Of an upload"`
	// PreviewID names a Media of the kind link, which may not be there (yet).
	PreviewID string `json:"previewId,omitempty" doc:"Of a link: the media that is its preview, once there is one"`
	Caption   string `json:"caption"`
	Alt       string `json:"alt" doc:"Alternative text of a picture"`
	// CaptionsOf and Language are those of captions.
	CaptionsOf string `json:"captionsOf,omitempty" doc:"Of captions: the attachment, a sound or a video, that they are of"`
	Language   string `json:"language,omitempty" example:"fr" doc:"Of captions: their language"`
}

// Embed is how a player shows a link in a frame.
type Embed struct {
	Provider string `json:"provider" example:"pod" doc:"Stable key of the provider"`
	Name     string `json:"name" example:"PodÉduc" doc:"The provider's name, to show"`
	Src      string `json:"src" doc:"Address of the frame"`
	URL      string `json:"url" doc:"Address of the page to open instead"`
	Sandbox  string `json:"sandbox"`
	Allow    string `json:"allow"`
	Starts   bool   `json:"starts,omitempty" doc:"The player can start at a second: src, and the link itself, take it as the parameter start"`
	Start    int    `json:"start,omitempty" doc:"Where it starts, in seconds"`
}

// Media is one upload.
type Media struct {
	Head
	OwnerID  string   `json:"ownerId,omitempty" doc:"Told to the owner alone"`
	Kind     string   `json:"kind,omitempty" enum:"picture,file,audio,video,link" doc:"As announced, then as seen; link for the preview of a link, which is no upload; absent from a tombstone"`
	Name     string   `json:"name,omitempty" doc:"The file's name, on one line, without a path"`
	Type     string   `json:"type,omitempty" example:"application/pdf" doc:"Media type: announced, then seen"`
	Size     int64    `json:"size,omitempty" doc:"Bytes"`
	State    string   `json:"state,omitempty" enum:"uploading,scanning,processing,ready,refused" doc:"Absent from a tombstone"`
	Refusal  string   `json:"refusal,omitempty" example:"media_too_large" doc:"Stable code of why it was refused"`
	Picture  *Picture `json:"picture,omitempty" doc:"Once ready: the picture itself, a video's poster, a document's first page; absent when there is none"`
	File     *File    `json:"file,omitempty" doc:"Once ready, of all but pictures: what is played or downloaded"`
	Original *File    `json:"original,omitempty" doc:"What was sent, when file is another version of it"`
	Duration float64  `json:"duration,omitempty" doc:"Seconds, of a sound or a video"`
	Pages    int      `json:"pages,omitempty" doc:"Of a document"`
	Link     *Page    `json:"link,omitempty" doc:"Once ready, of the preview of a link"`
}

// Page is what a link's page says of itself, each one line of plain text.
type Page struct {
	Title       string `json:"title,omitempty"`
	Description string `json:"description,omitempty"`
	Site        string `json:"site,omitempty"`
	Host        string `json:"host" doc:"Name of its server"`
	Restricted  bool   `json:"restricted,omitempty" doc:"Not open to all, so that nothing else of it is told"`
}

// File is one whole file.
type File struct {
	URL  string `json:"url"`
	Type string `json:"type" example:"application/pdf"`
	Size int64  `json:"size" doc:"Bytes"`
}

// Limits are what may be sent to a board.
type Limits struct {
	PerPost    int           `json:"perPost" doc:"Attachments of one post"`
	BoardBytes int64         `json:"boardBytes" doc:"Bytes that the uploads of the board may have"`
	BytesLeft  int64         `json:"bytesLeft" doc:"What is left of them"`
	Kinds      []UploadLimit `json:"kinds" nullable:"false"`
}

// UploadLimit is what may be sent of one kind.
type UploadLimit struct {
	Kind       string   `json:"kind" enum:"picture,file,audio,video"`
	MaxBytes   int64    `json:"maxBytes"`
	Types      []string `json:"types" nullable:"false" doc:"Media types that are taken"`
	Extensions []string `json:"extensions" nullable:"false" doc:"Of file names, without the dot"`
}

// Picture is a still image, ready to show.
type Picture struct {
	Width       int       `json:"width"`
	Height      int       `json:"height"`
	Colour      string    `json:"colour" example:"#4a6b8c"`
	Placeholder string    `json:"placeholder" doc:"A blurred stand-in as a data: URL"`
	Variants    []Variant `json:"variants" nullable:"false" doc:"Ascending by width"`
}

// Variant is one file that shows a picture.
type Variant struct {
	URL    string `json:"url"`
	Type   string `json:"type" example:"image/webp"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Bytes  int64  `json:"bytes"`
}

// Participant is a person on one board, as moderators see them.
type Participant struct {
	Head
	Name    string `json:"name"`
	Role    string `json:"role"`
	GroupID string `json:"groupId,omitempty"`
	Blocked bool   `json:"blocked,omitempty"`
}

// Report is a participant's word to the moderators about a post. Who sent it is
// told to nobody.
type Report struct {
	Head
	PostID    string `json:"postId"`
	CommentID string `json:"commentId,omitempty" doc:"Of the post's comment that it is about; absent for the post itself"`
	Reason    string `json:"reason"`
	Settled   bool   `json:"settled"`
}

// Presence is who is on a wall.
type Presence struct {
	Count  int      `json:"count" doc:"Of all who are here, named or not"`
	People []Person `json:"people" nullable:"false" doc:"At most 50, those who write first; nobody where authors are not named"`
}

// Person is a participant who is here.
type Person struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Writing bool   `json:"writing,omitempty"`
}

// You is what a stream tells its reader about themselves.
type You struct {
	Role      string   `json:"role" enum:"owner,moderator,writer,commenter,reader"`
	Abilities []string `json:"abilities" nullable:"false" doc:"All that this person may do now"`
	GroupID   string   `json:"groupId,omitempty"`
	// Own is told when the stream opens, and then no more.
	Own []string `json:"own,omitempty" doc:"The ids of their own posts; told when the stream opens"`
}
