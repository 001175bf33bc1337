package board

import "context"

// OperatorLinks lists every way onto a board for the operator, those too that open
// nothing any more.
func (s *Service) OperatorLinks(ctx context.Context, board ID) ([]*Link, error) {
	if _, err := s.enter(ctx, operatorOn(board), board, ReadLinks); err != nil {
		return nil, err
	}
	return list[*Link](ctx, s.Store, board, KindLink)
}

// CreateOperatorLink adds a way onto a board, as its owner would.
func (s *Service) CreateOperatorLink(ctx context.Context, board ID, in NewLink) (*Link, error) {
	return s.CreateLink(ctx, operatorOn(board), board, in)
}

// RevokeOperatorLink ends a link for good, as its owner would.
func (s *Service) RevokeOperatorLink(ctx context.Context, board, id ID) (*Link, error) {
	return s.RevokeLink(ctx, operatorOn(board), board, id)
}
