package board

import "context"

// BeginSetup lets the first account be made, which gets no wall, and gives the code
// that it is made by, as often as it is asked before that; setup_done afterwards.
func (s *Service) BeginSetup(ctx context.Context) (code string, err error) {
	if err := s.OpenSetup(ctx, ""); err != nil {
		return "", err
	}
	open, _, err := s.SetupState(ctx)
	if err == nil && !open {
		err = errSetupDone
	}
	if err != nil {
		return "", err
	}
	return s.SetupCode(), nil
}
