package board

import (
	"context"
	"slices"
)

// MaxAccountPage bounds a page of accounts.
const MaxAccountPage = 200

// OperatorAccounts lists the accounts of everybody who signs in, here or at a
// provider's, in the order of their ids: a page of those after an id. Next is where to
// go on; empty at the end.
func (s *Service) OperatorAccounts(ctx context.Context, after ID) (page []*Account, next ID, err error) {
	docs, err := s.Store.Catalogued(ctx, KindAccount, Place{ID: after, Board: after}, MaxAccountPage)
	if len(docs) == MaxAccountPage {
		next = docs[len(docs)-1].Head().ID
	}
	return slices.DeleteFunc(typed[*Account](docs), func(a *Account) bool { return a.Deleted() }), next, err
}
