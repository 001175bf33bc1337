package board

import (
	"context"
	"time"
)

// AdminAct is something that was done, or tried, with the operator's key. It is
// written before it is done, so that nothing is done that is not written down, and
// once more when it has ended; nobody edits it. It ends by its PurgeAt. It has no
// content and no names.
type AdminAct struct {
	Meta
	// What is the operation of the API, On the board, platform or account that it
	// was about; empty where there was none.
	What string `json:"what"`
	On   ID     `json:"on,omitempty"`
	// Key is the fingerprint of the operator's key that was used.
	Key string `json:"key"`
	// From is the address that the request came from, and Request its name in the
	// logs.
	From    string `json:"from,omitempty"`
	Request string `json:"request,omitempty"`
	// Status is the HTTP status of the answer; 0 of one whose end is not known,
	// since the process was killed meanwhile.
	Status int `json:"status,omitempty"`
}

// Kind tells KindAdminAct.
func (*AdminAct) Kind() Kind { return KindAdminAct }

// MaxAdminPage bounds a page of them.
const MaxAdminPage = 100

// adminPlace is the partition that they all stand in.
func adminPlace() ID { return derivedID("admin acts") }

// BeginAdminAct writes down what is about to be done, for so long. Where that
// cannot be done, it must not be done either.
func (s *Service) BeginAdminAct(ctx context.Context, d *AdminAct, keep time.Duration) error {
	d.ID, d.Board, d.PurgeAt = s.IDs.NewID(), adminPlace(), s.now().Add(keep)
	_, _, err := create(ctx, s, s.caretaking(d.Board), NotLogged, d)
	return err
}

// EndAdminAct adds how it ended, and what it was about where that was not known.
func (s *Service) EndAdminAct(ctx context.Context, d *AdminAct, on ID, status int) error {
	_, err := change(ctx, s, s.caretaking(d.Board), KeyOf(d), 0, doing{}, func(d *AdminAct) (bool, error) {
		d.Status = status
		if d.On == "" {
			d.On = on
		}
		return true, nil
	})
	return err
}

// AdminActs lists them, newest first, those before one.
func (s *Service) AdminActs(ctx context.Context, before ID) ([]*AdminAct, error) {
	docs, err := s.Store.Latest(ctx, adminPlace(), KindAdminAct, before, MaxAdminPage)
	return typed[*AdminAct](docs), err
}
