package board

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"fresque.dev/services/internal/fault"
)

// Scale is how people react to posts.
type Scale string

// The scales. The zero value of a board that says nothing is ReactNot.
const (
	ReactNot   Scale = "off"
	ReactLike  Scale = "like"
	ReactStars Scale = "stars"
	ReactVotes Scale = "votes"
)

// Limits of reactions.
const (
	MaxStars     = 5
	MaxVotesEach = 100
	// usualVotes is what each person has where the board says nothing.
	usualVotes = 3
)

// most is the greatest reaction that one person may have to one post.
func (s Settings) most() int {
	switch s.Reactions {
	case ReactLike:
		return 1
	case ReactStars:
		return MaxStars
	case ReactVotes:
		return s.votesEach()
	default:
		return 0
	}
}

func (s Settings) votesEach() int {
	if s.VotesEach == 0 {
		return usualVotes
	}
	return s.VotesEach
}

// Reactions are all that people have given one post on one scale: what was
// given on another scale stays, should the trainer go back to it. Who gave what
// is told to nobody but that person.
type Reactions struct {
	Meta
	Post  ID    `json:"post"`
	Scale Scale `json:"scale"`
	// Given is what each participant gave; nobody gives 0.
	Given map[ID]int `json:"given,omitempty"`
	// Marks are the revisions of the ballots that the votes come from, so that a
	// vote that comes late is not counted over a later one.
	Marks map[ID]Rev `json:"marks,omitempty"`
}

// Kind tells KindReactions.
func (*Reactions) Kind() Kind { return KindReactions }

// Total counts the reactions: people, or votes. Sum adds up what they gave.
func (r *Reactions) Total() (total, sum int) {
	for _, n := range r.Given {
		sum += n
	}
	if r.Scale == ReactVotes {
		return sum, sum
	}
	return len(r.Given), sum
}

// ReactionsKey finds what a post was given on a scale.
func ReactionsKey(board, post ID, scale Scale) Key {
	return Key{Board: board, Kind: KindReactions, ID: derivedID("reactions", post, ID(scale))}
}

// gift is what one participant gives a post.
type gift struct {
	to   Key
	post ID
	by   ID
	n    int
	// mark is the revision of the ballot that it comes from, 0 for none.
	mark Rev
}

// apply tells whether the gift changes anything.
func (r *Reactions) apply(g gift) bool {
	if g.mark != 0 && r.Marks[g.by] >= g.mark || g.mark == 0 && r.Given[g.by] == g.n {
		return false
	}
	if g.n == 0 {
		delete(r.Given, g.by)
	} else {
		if r.Given == nil {
			r.Given = make(map[ID]int)
		}
		r.Given[g.by] = g.n
	}
	if g.mark != 0 {
		if r.Marks == nil {
			r.Marks = make(map[ID]Rev)
		}
		r.Marks[g.by] = g.mark
	}
	return true
}

var (
	errReactionsOff = fault.New(fault.Conflict, "reactions_off")
	errVotesSpent   = fault.New(fault.Conflict, "votes_spent")
)

// React gives a post a reaction in place of the one that it had from the same
// person; 0 takes it back. Repeating it answers as done.
func (s *Service) React(ctx context.Context, p Principal, board, post ID, n int) (*Reactions, error) {
	ability := React
	if n == 0 {
		ability = TakeBackReaction
	}
	sc, err := s.enter(ctx, p, board, ability)
	if err != nil {
		return nil, err
	}
	scale, most := sc.board.Settings.Reactions, sc.board.Settings.most()
	if most == 0 {
		return nil, errReactionsOff
	}
	if n < 0 || n > most {
		return nil, faults{fault.New(fault.Invalid, "out_of_range").At("value").With("max", most)}.err()
	}
	to, err := s.livePost(ctx, sc, post)
	if err != nil {
		return nil, err
	}
	if to.State != StatePublished && n > 0 {
		return nil, errNotPublished
	}
	if scale == ReactVotes {
		return s.vote(ctx, sc, post, n)
	}
	return s.polls.give(ctx, s, gift{to: ReactionsKey(board, post, scale), post: post, by: p.Participant, n: n})
}

// pollTimeout bounds one write of many people's reactions.
const pollTimeout = 15 * time.Second

// polls brings together what is given to one post at once, so that a room that
// votes is a few writes, and its people do not get in each other's way.
type polls struct {
	mu   sync.Mutex
	open map[Key]*poll
}

// poll is what waits to be counted for one post.
type poll struct {
	gifts   []gift
	waiting []chan<- counted
}

// counted is what a write of gifts gave.
type counted struct {
	doc *Reactions
	err error
}

// give counts a gift with all others that wait, and gives the document.
func (ps *polls) give(ctx context.Context, s *Service, g gift) (*Reactions, error) {
	done := make(chan counted, 1)
	ps.mu.Lock()
	if ps.open == nil {
		ps.open = make(map[Key]*poll)
	}
	p, running := ps.open[g.to]
	if !running {
		p = &poll{}
		ps.open[g.to] = p
	}
	p.gifts, p.waiting = append(p.gifts, g), append(p.waiting, done)
	ps.mu.Unlock()
	if !running {
		go ps.count(context.WithoutCancel(ctx), s, g.to, p)
	}
	select {
	case c := <-done:
		return c.doc, c.err
	case <-ctx.Done():
		return nil, fault.Wrap(fault.Unavailable, "too_busy", ctx.Err())
	}
}

// count writes what waits, again and again until nothing does.
func (ps *polls) count(ctx context.Context, s *Service, key Key, p *poll) {
	for {
		ps.mu.Lock()
		gifts, waiting := p.gifts, p.waiting
		p.gifts, p.waiting = nil, nil
		if len(gifts) == 0 {
			delete(ps.open, key)
		}
		ps.mu.Unlock()
		if len(gifts) == 0 {
			return
		}
		within, cancel := context.WithTimeout(ctx, pollTimeout)
		var c counted
		c.doc, c.err = s.count(within, gifts)
		cancel()
		for _, done := range waiting {
			done <- c
		}
	}
}

// count writes gifts to one post together.
func (s *Service) count(ctx context.Context, gifts []gift) (*Reactions, error) {
	to := gifts[0].to
	// Reactions are shown to nobody: no sight is asked.
	sc := s.caretaking(to.Board)
	apply := func(r *Reactions) (changed bool) {
		for _, g := range gifts {
			changed = r.apply(g) || changed
		}
		return changed
	}
	counted := func(r *Reactions) (bool, error) {
		if r.Deleted() {
			return false, ErrNotFound // its post was purged
		}
		return apply(r), nil
	}
	doc, err := change(ctx, s, sc, to, 0, doing{}, counted)
	if fault.KindOf(err) != fault.NotFound || doc != nil {
		return doc, err
	}
	r := &Reactions{Post: gifts[0].post}
	r.ID, r.Board, r.Parent = to.ID, to.Board, gifts[0].post
	r.Scale = scaleOf(r.Post, to)
	if !apply(r) {
		return r, nil // nothing to take back
	}
	doc, fresh, err := create(ctx, s, sc, NotLogged, r)
	if err != nil || fresh {
		return doc, err
	}
	return change(ctx, s, sc, to, 0, doing{}, counted)
}

func scaleOf(post ID, key Key) Scale {
	for _, scale := range []Scale{ReactLike, ReactStars, ReactVotes} {
		if ReactionsKey(key.Board, post, scale) == key {
			return scale
		}
	}
	return ReactNot
}

// Ballot is where the votes of one participant are, whose id it has: a document
// of its own for the reason for which a Tally is, and the one place where two
// votes of a person meet, so that their number is exact.
type Ballot struct {
	Meta
	Votes map[ID]Votes `json:"votes,omitempty"`
}

// Votes are those of one person for one post.
type Votes struct {
	// For is how many the post is to have.
	For int `json:"for,omitempty"`
	// Held is how many of the person's votes are taken: no fewer than the post
	// has, whatever of its count is still to be written.
	Held int `json:"held,omitempty"`
	// Mark is the revision of the ballot that said so.
	Mark Rev `json:"mark"`
}

// Kind tells KindBallot.
func (*Ballot) Kind() Kind { return KindBallot }

// held adds up the votes that are taken.
func (b *Ballot) held() (n int) {
	for _, v := range b.Votes {
		n += v.Held
	}
	return n
}

// vote gives a post n of a person's votes. The ballot says so first, then the
// post's count, and only then are votes free that the post had before: the
// counts of all posts together never have more of a person's than they may give,
// whenever a process is killed and whatever is tried again.
func (s *Service) vote(ctx context.Context, sc *scene, post ID, n int) (*Reactions, error) {
	for range 2 {
		mark, err := s.castVotes(ctx, sc, post, n)
		if err == nil {
			return s.countVotes(ctx, sc, post, n, mark)
		}
		if fl, ok := fault.As(err); !ok || fl.Code != errVotesSpent.Code {
			return nil, err
		}
		freed, freeing := s.freeVotes(ctx, sc, post)
		if freeing != nil {
			return nil, freeing
		}
		if !freed {
			return nil, err
		}
	}
	return nil, errVotesSpent.With("max", sc.board.Settings.votesEach())
}

// castVotes writes the ballot, and gives its mark for the count.
func (s *Service) castVotes(ctx context.Context, sc *scene, post ID, n int) (Rev, error) {
	b := &Ballot{}
	b.ID, b.Board = sc.p.Participant, sc.board.ID
	b, err := changeOrMake(ctx, s, sc, b, func(b *Ballot) (bool, error) {
		if b.Deleted() {
			return false, errUserErased
		}
		v := b.Votes[post]
		if v.For == n && (n == 0 || v.Mark != 0) {
			return false, nil
		}
		held := max(v.Held, n)
		if most := sc.board.Settings.votesEach(); held > v.Held && b.held()-v.Held+held > most {
			return false, errVotesSpent.With("max", most)
		}
		if b.Votes == nil {
			b.Votes = make(map[ID]Votes)
		}
		b.Votes[post] = Votes{For: n, Held: held, Mark: b.Rev + 1}
		return true, nil
	})
	if err != nil {
		return 0, err
	}
	return b.Votes[post].Mark, nil
}

// countVotes writes the count of a post, then frees what it has no more.
func (s *Service) countVotes(ctx context.Context, sc *scene, post ID, n int, mark Rev) (*Reactions, error) {
	r, err := s.polls.give(ctx, s, gift{
		to: ReactionsKey(sc.board.ID, post, ReactVotes), post: post, by: sc.p.Participant, n: n, mark: mark,
	})
	if err != nil {
		return nil, err
	}
	_, err = change(ctx, s, sc, Key{sc.board.ID, KindBallot, sc.p.Participant}, 0, doing{}, func(b *Ballot) (bool, error) {
		v, there := b.Votes[post]
		if !there || v.Mark != mark || v.Held == v.For {
			return false, nil
		}
		v.Held = v.For
		b.Votes[post] = v
		return true, nil
	})
	return r, err
}

// freeVotes settles what is between a person's ballot and the counts, and takes
// back their votes for posts that they see no more. It tells whether it did
// anything.
func (s *Service) freeVotes(ctx context.Context, sc *scene, but ID) (bool, error) {
	b, err := get[*Ballot](ctx, s.Store, Key{sc.board.ID, KindBallot, sc.p.Participant})
	if err != nil {
		return false, err
	}
	freed := false
	for _, post := range slices.Sorted(maps.Keys(b.Votes)) {
		v := b.Votes[post]
		_, err := s.livePost(ctx, sc, post)
		gone := fault.KindOf(err) == fault.NotFound
		switch {
		case err != nil && !gone:
			return false, err
		case v.Held == 0 || post == but || v.Held == v.For && !gone:
			continue
		case gone && v.For > 0:
			if v.Mark, err = s.castVotes(ctx, sc, post, 0); err != nil {
				return false, err
			}
			v.For = 0
		}
		_, err = s.countVotes(ctx, sc, post, v.For, v.Mark)
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return false, err
		}
		if err != nil {
			err = s.dropVotes(ctx, sc, post) // purged, and its count with it
		}
		if err != nil {
			return false, err
		}
		freed = true
	}
	return freed, nil
}

// dropVotes forgets the votes for a post that is no more.
func (s *Service) dropVotes(ctx context.Context, sc *scene, post ID) error {
	_, err := change(ctx, s, sc, Key{sc.board.ID, KindBallot, sc.p.Participant}, 0, doing{}, func(b *Ballot) (bool, error) {
		_, there := b.Votes[post]
		delete(b.Votes, post)
		return there, nil
	})
	return err
}
