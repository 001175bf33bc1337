package board

import (
	"context"
	"slices"
	"time"
)

// ActivityQuery asks for a page of the activity log, newest first.
type ActivityQuery struct {
	// Before is the id of the last act that was read; empty for the newest.
	Before ID
	Limit  int
	// Since leaves out what is older; zero for nothing.
	Since time.Time
	// Targets are the kinds of document that it was done to; empty for all.
	Targets []Kind
	// Target is the one document that it was done to; empty for all.
	Target ID
	// Keep tells of an act whether it is asked for, in words that the domain does
	// not have, such as the pseudonym of who did it; nil for all.
	Keep func(*Act) bool
}

const (
	// MaxActivityPage bounds a page.
	MaxActivityPage = 200
	// maxActivityRead bounds the acts that are gone through for one page.
	maxActivityRead = 10 * MaxActivityPage
)

// Activity reads the log of a board. It gives a page, and the id to go on
// before: empty when there is nothing older. A page may be short, or empty, and
// not the last one, where little of much is asked for.
func (s *Service) Activity(ctx context.Context, p Principal, board ID, q ActivityQuery) (acts []*Act, next ID, err error) {
	if _, err := s.enter(ctx, p, board, ReadActivity); err != nil {
		return nil, "", err
	}
	if q.Limit <= 0 || q.Limit > MaxActivityPage {
		q.Limit = MaxActivityPage
	}
	next = q.Before
	for read := 0; read < maxActivityRead; read += q.Limit {
		docs, err := s.Store.Latest(ctx, board, KindAct, next, q.Limit)
		if err != nil {
			return nil, "", err
		}
		last := len(docs) < q.Limit
		for i, act := range typed[*Act](docs) {
			if act.Done.At.Before(q.Since) {
				return acts, "", nil
			}
			if next = act.ID; q.wants(act) {
				acts = append(acts, act)
			}
			if len(acts) == q.Limit && (!last || i < len(docs)-1) {
				return acts, next, nil
			}
		}
		if last {
			return acts, "", nil
		}
	}
	return acts, next, nil
}

func (q ActivityQuery) wants(act *Act) bool {
	return (len(q.Targets) == 0 || slices.Contains(q.Targets, act.Target)) &&
		(q.Target == "" || act.Parent == q.Target) &&
		(q.Keep == nil || q.Keep(act))
}
