package board

import (
	"context"
	"slices"
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

// submit decides whether something new goes onto the wall at once.
func (sc *scene) submit(doc Contribution) {
	in := doc.said()
	*in.state, *in.reason, *in.held = StatePublished, "", ""
	if sc.p.Role.moderates() {
		return
	}
	*in.held = wordIn(sc.board.Settings.Words, in.texts())
	if *in.held != "" || sc.moderated() {
		*in.state = StatePending
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

// resubmit decides the same for what was edited: an author's edit of what a
// moderator has seen is to be seen again, and no edit puts onto the wall what
// waits for one. A moderator's edit changes nothing of it.
func (sc *scene) resubmit(doc Contribution) {
	if sc.p.Role.moderates() {
		return
	}
	state := doc.said().state
	waits := *state != StatePublished
	sc.submit(doc)
	if waits {
		*state = StatePending
	}
}

// ApprovePost puts a post onto the wall.
func (s *Service) ApprovePost(ctx context.Context, p Principal, board, id ID) (*Post, error) {
	return judge[*Post](ctx, s, p, Key{board, KindPost, id}, doing{verb: PostApproved}, StatePublished)
}

// RejectPost keeps a post from the wall, or takes it off; the author reads why.
func (s *Service) RejectPost(ctx context.Context, p Principal, board, id ID, reason string) (*Post, error) {
	return judge[*Post](ctx, s, p, Key{board, KindPost, id}, doing{PostRejected, reason}, StateRejected)
}

func judge[D Contribution](ctx context.Context, s *Service, p Principal, key Key, what doing, state PostState) (D, error) {
	var none D
	sc, err := s.enter(ctx, p, key.Board, ModeratePosts)
	if err != nil {
		return none, err
	}
	if what.reason, err = cleanReason(what.reason); err != nil {
		return none, err
	}
	return change(ctx, s, sc, key, 0, what, judging[D](sc, state, what.reason))
}

// judging puts a contribution onto the wall or keeps it off, if the principal
// may.
func judging[D Contribution](sc *scene, state PostState, reason string) func(D) (bool, error) {
	return func(doc D) (bool, error) {
		if err := sc.may(ModeratePosts); err != nil {
			return false, err
		}
		if doc.Head().Deleted() {
			return false, ErrNotFound
		}
		is := doc.said()
		if *is.state == state && *is.reason == reason {
			return false, nil
		}
		*is.state, *is.reason, *is.held = state, reason, ""
		return true, nil
	}
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
	return s.report(ctx, sc, &Report{Post: id, Reason: reason}, id)
}

// report keeps a report of a post or a comment.
func (s *Service) report(ctx context.Context, sc *scene, r *Report, about ID) (*Report, error) {
	var err error
	if r.Reason, err = cleanReason(r.Reason); err != nil {
		return nil, err
	}
	r.Reporter = sc.p.Participant
	// Sealed: trainers know who is there, and could try who gives this id.
	names := []ID{ID(s.Sealer.Secret(about, sc.p.Participant))}
	if r.Comment != "" {
		names = append(names, ID(KindComment))
	}
	r.ID, r.Board, r.Parent = derivedID("report", names...), sc.board.ID, about
	r, _, err = create(ctx, s, sc, NotLogged, r)
	return r, err
}

// SettleReports tells that a moderator has seen to all reports of a post, or of
// a comment.
func (s *Service) SettleReports(ctx context.Context, p Principal, about Key) ([]*Report, error) {
	sc, err := s.enter(ctx, p, about.Board, ModeratePosts)
	if err != nil {
		return nil, err
	}
	return s.settleReports(ctx, sc, about)
}

// reportsOf are those of a post, or of a comment: the one may have the id of the
// other.
func (s *Service) reportsOf(ctx context.Context, about Key) ([]*Report, error) {
	docs, err := s.Store.ListUnder(ctx, about.Board, KindReport, about.ID)
	return slices.DeleteFunc(typed[*Report](docs), func(r *Report) bool {
		return !r.Deleted() && (r.Comment != "") != (about.Kind == KindComment)
	}), err
}

func (s *Service) settleReports(ctx context.Context, sc *scene, about Key) ([]*Report, error) {
	reports, err := s.reportsOf(ctx, about)
	if err != nil {
		return nil, err
	}
	out := make([]*Report, 0, len(reports))
	for _, r := range reports {
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
	return unseal[*Post](ctx, s, p, Key{board, KindPost, id}, reason)
}

func unseal[D Contribution](ctx context.Context, s *Service, p Principal, key Key, reason string) (Author, error) {
	sc, err := s.enter(ctx, p, key.Board, UnsealAuthor)
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
	doc, err := change(ctx, s, sc, key, 0, doing{AuthorUnsealed, reason}, func(doc D) (bool, error) {
		if doc.Head().Deleted() {
			return false, ErrNotFound
		}
		return true, nil
	})
	if err != nil {
		return Author{}, err
	}
	return *doc.said().author, nil
}

// wordIn finds the first of some words in texts: whole words, whatever their
// case, accents and spacing. It gives the word as the list has it.
func wordIn(words, texts []string) string {
	if len(words) == 0 {
		return ""
	}
	folded := " " + fold(strings.Join(texts, "\n")) + " "
	for _, word := range words {
		if f := fold(word); f != "" && strings.Contains(folded, " "+f+" ") {
			return word
		}
	}
	return ""
}
