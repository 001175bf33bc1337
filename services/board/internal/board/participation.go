package board

import (
	"context"
	"strings"
	"time"
	"unicode"
)

// Participation is the part that one participant takes in a board, counted as
// the board stands: what was deleted, waits or was rejected counts for nothing,
// and neither does what was said or given to such a post.
type Participation struct {
	Posts    int `json:"posts,omitempty"`
	Comments int `json:"comments,omitempty"`
	// Peers are the others on whose posts they have said something.
	Peers int `json:"peers,omitempty"`
	// Words are those of their posts and comments.
	Words int `json:"words,omitempty"`
	// Reactions are what they gave on the board's scale: posts, or votes.
	Reactions int `json:"reactions,omitempty"`
	// Sections are the posts by the section in which they stand.
	Sections map[ID]int `json:"sections,omitempty"`
	// ChangedAt is when something that they wrote, or that counts what they gave,
	// last changed, also when it went; zero for never.
	ChangedAt time.Time `json:"changedAt,omitzero"`
}

// Contents are the documents that participations are counted from. Those in the
// trash may be among them: they tell when something changed.
type Contents struct {
	Posts     []*Post
	Comments  []*Comment
	Reactions []*Reactions
}

// Participations counts the part of everybody who did anything, by participant.
func (s *Sight) Participations(in Contents) map[ID]*Participation {
	all := make(map[ID]*Participation)
	of := func(id ID, doc Document) *Participation {
		p := all[id]
		if p == nil {
			p = &Participation{Sections: make(map[ID]int)}
			all[id] = p
		}
		if at := doc.Head().UpdatedAt; at.After(p.ChangedAt) {
			p.ChangedAt = at
		}
		return p
	}
	live := make(map[ID]*Post, len(in.Posts))
	for _, post := range in.Posts {
		p := of(post.Author.ID, post)
		place, stands := s.Place(post.Section)
		if post.Deleted() || post.State != StatePublished || !stands {
			continue
		}
		live[post.ID] = post
		p.Posts++
		p.Words += wordsOf(post)
		if place != "" {
			p.Sections[place]++
		}
	}
	type pair struct{ from, to ID }
	met := make(map[pair]bool)
	for _, c := range in.Comments {
		p, post := of(c.Author.ID, c), live[c.Post]
		if !c.stands() || post == nil {
			continue
		}
		p.Comments++
		p.Words += wordsOf(c)
		if to := (pair{c.Author.ID, post.Author.ID}); to.from != to.to && !met[to] {
			met[to] = true
			p.Peers++
		}
	}
	for _, r := range in.Reactions {
		for who, n := range r.Given {
			p := of(who, r)
			switch {
			case r.Deleted() || live[r.Post] == nil || s.Reactions == "" || r.Scale != s.Reactions:
			case r.Scale == ReactVotes:
				p.Reactions += n
			default:
				p.Reactions++
			}
		}
	}
	return all
}

// wordsOf counts the words that people read of a contribution.
func wordsOf(doc Contribution) (n int) {
	for _, text := range doc.said().texts() {
		n += countWords(text)
	}
	return n
}

// countWords counts as people do: what stands between spaces and has a letter or
// a digit in it is a word; in scripts without spaces, each character.
func countWords(text string) (n int) {
	for _, field := range strings.Fields(text) {
		plain := false
		for _, r := range field {
			switch {
			case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana):
				n++
			case unicode.IsLetter(r), unicode.IsDigit(r):
				plain = true
			}
		}
		if plain {
			n++
		}
	}
	return n
}

// discreet tells whether the numbers of a board could name the author of
// something whose author was promised that nobody is told: of a wall that is
// anonymous to trainers too, or that has something on it that was written so.
func (s *Sight) discreet(in Contents) bool {
	if s.Anonymity == AnonymousToAll {
		return true
	}
	for _, post := range in.Posts {
		if post.Sealed == AnonymousToAll {
			return true
		}
	}
	for _, c := range in.Comments {
		if c.Sealed == AnonymousToAll {
			return true
		}
	}
	return false
}

// wordsTold is how exactly words are counted where exact ones could name somebody.
const wordsTold = 10

// blurred is a participation without what could name the author of one post:
// its sections but those that are asked for, words to the ten, times to the day.
func (p Participation) blurred(asked Completion) Participation {
	sections := make(map[ID]int)
	for _, r := range asked.Rules {
		if n, there := p.Sections[r.Section]; there {
			sections[r.Section] = n
		}
	}
	p.Sections, p.Words, p.ChangedAt = sections, p.Words-p.Words%wordsTold, day(p.ChangedAt)
	return p
}

// day is the beginning of a day, in UTC.
func day(t time.Time) time.Time { return t.Truncate(aDay) }

// contents loads what participations are counted from.
func (s *Service) contents(ctx context.Context, board ID) (Contents, error) {
	posts, err := s.everything(ctx, board, KindPost)
	if err != nil {
		return Contents{}, err
	}
	comments, err := s.everything(ctx, board, KindComment)
	if err != nil {
		return Contents{}, err
	}
	given, err := list[*Reactions](ctx, s.Store, board, KindReactions)
	return Contents{Posts: typed[*Post](posts), Comments: typed[*Comment](comments), Reactions: given}, err
}
