package board

import (
	"context"
	"strings"

	"fresque.dev/services/internal/fault"
)

// MaxReason bounds what a person writes to say why, in characters.
const MaxReason = 500

var errReasonRequired = fault.New(fault.Invalid, "reason_required").At("reason")

// cleanReason reads what a person writes to say why.
func cleanReason(written string) (string, error) {
	reason := plainText(written)
	if long := tooLong("reason", reason, MaxReason); long != nil {
		return "", faults{long}.err()
	}
	return reason, nil
}

// submit decides whether a new post goes onto the wall at once.
func (sc *scene) submit(post *Post) {
	post.State, post.Reason, post.Held = StatePublished, "", ""
	if sc.p.Role.moderates() {
		return
	}
	post.Held = wordIn(sc.board.Settings.Words, post)
	if post.Held != "" || sc.moderated() {
		post.State = StatePending
	}
}

// moderated tells whether what the principal posts waits for a moderator.
func (sc *scene) moderated() bool {
	switch sc.board.Settings.Moderation {
	case ModerationAll:
		return true
	case ModerationGuests:
		return sc.p.Account == ""
	default:
		return false
	}
}

// resubmit decides the same for a post that was edited: an author's edit of
// what a moderator has seen is to be seen again, and no edit puts onto the wall
// what waits for one. A moderator's edit changes nothing of it.
func (sc *scene) resubmit(post *Post) {
	if sc.p.Role.moderates() {
		return
	}
	waits := post.State != StatePublished
	sc.submit(post)
	if waits {
		post.State = StatePending
	}
}

// ApprovePost puts a post onto the wall.
func (s *Service) ApprovePost(ctx context.Context, p Principal, board, id ID) (*Post, error) {
	return s.judge(ctx, p, board, id, PostApproved, StatePublished, "")
}

// RejectPost keeps a post from the wall, or takes it off; the author reads why.
func (s *Service) RejectPost(ctx context.Context, p Principal, board, id ID, reason string) (*Post, error) {
	return s.judge(ctx, p, board, id, PostRejected, StateRejected, reason)
}

func (s *Service) judge(ctx context.Context, p Principal, board, id ID, verb Verb, state PostState, reason string) (*Post, error) {
	sc, err := s.enter(ctx, p, board, ModeratePosts)
	if err != nil {
		return nil, err
	}
	if reason, err = cleanReason(reason); err != nil {
		return nil, err
	}
	return change(ctx, s, sc, Key{Board: board, Kind: KindPost, ID: id}, 0, doing{verb, reason}, func(post *Post) (bool, error) {
		if post.Deleted() {
			return false, ErrNotFound
		}
		if post.State == state && post.Reason == reason {
			return false, nil
		}
		post.State, post.Reason, post.Held = state, reason, ""
		return true, nil
	})
}

// ReportPost tells the moderators about a post. One participant reports one
// post once; again answers as done.
func (s *Service) ReportPost(ctx context.Context, p Principal, board, id ID, reason string) (*Report, error) {
	sc, err := s.enter(ctx, p, board, ReportPost)
	if err != nil {
		return nil, err
	}
	if _, err := s.livePost(ctx, sc, id); err != nil {
		return nil, err
	}
	if reason, err = cleanReason(reason); err != nil {
		return nil, err
	}
	r := &Report{Post: id, Reporter: p.Participant, Reason: reason}
	// Sealed: trainers know who is there, and could try who gives this id.
	r.ID, r.Board, r.Parent = derivedID("report", ID(s.Sealer.Secret(id, p.Participant))), board, id
	r, _, err = create(ctx, s, sc, NotLogged, r)
	return r, err
}

// SettleReports tells that a moderator has seen to all reports of a post.
func (s *Service) SettleReports(ctx context.Context, p Principal, board, post ID) ([]*Report, error) {
	sc, err := s.enter(ctx, p, board, ModeratePosts)
	if err != nil {
		return nil, err
	}
	docs, err := s.Store.ListUnder(ctx, board, KindReport, post)
	if err != nil {
		return nil, err
	}
	out := make([]*Report, 0, len(docs))
	for _, r := range typed[*Report](docs) {
		r, err := change(ctx, s, sc, KeyOf(r), 0, doing{verb: ReportSettled}, func(r *Report) (bool, error) {
			changed := !r.Settled
			r.Settled = true
			return changed, nil
		})
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

// Unseal tells a post's author by name to somebody who has the right, and why;
// both go into the log, for the board's other trainers to read.
func (s *Service) Unseal(ctx context.Context, p Principal, board, id ID, reason string) (Author, error) {
	sc, err := s.enter(ctx, p, board, UnsealAuthor)
	if err != nil {
		return Author{}, err
	}
	if reason, err = cleanReason(reason); err == nil && reason == "" {
		err = faults{errReasonRequired}.err()
	}
	if err != nil {
		return Author{}, err
	}
	// Written before it is told: what cannot be logged is not unsealed.
	post, err := change(ctx, s, sc, Key{Board: board, Kind: KindPost, ID: id}, 0, doing{AuthorUnsealed, reason}, func(post *Post) (bool, error) {
		if post.Deleted() {
			return false, ErrNotFound
		}
		return true, nil
	})
	if err != nil {
		return Author{}, err
	}
	return post.Author, nil
}

// wordIn finds the first of some words in a post: whole words, whatever their
// case, accents and spacing. It gives the word as the list has it.
func wordIn(words []string, post *Post) string {
	if len(words) == 0 {
		return ""
	}
	text := post.Title + "\n" + textOf(post.Body)
	for _, a := range post.Attachments {
		text += "\n" + a.Caption + "\n" + a.Alt
	}
	folded := " " + fold(text) + " "
	for _, word := range words {
		if f := fold(word); f != "" && strings.Contains(folded, " "+f+" ") {
			return word
		}
	}
	return ""
}
