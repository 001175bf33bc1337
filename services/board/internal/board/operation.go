package board

import (
	"context"
	"slices"
	"time"

	"fresque.dev/services/internal/fault"
)

// Operation is what the service does with people's data because it was asked to,
// or because their time is over. It is kept in the platform's partition before
// anything is done, and found by its PurgeAt until all of it is done: a process
// that is killed leaves it to the next sweep, its own or another's. Each part of
// it may be done again. It names nobody.
type Operation struct {
	Meta
	What OperationKind `json:"what"`
	// On is the one board that it is about; empty for all of a person's.
	On ID `json:"on,omitempty"`
	// User is whose data it is about, and Life which life of theirs; Places are who
	// they are on which board. All three are forgotten when it is done.
	User   ID        `json:"user,omitempty"`
	Life   Rev       `json:"life,omitempty"`
	Places map[ID]ID `json:"places,omitempty"`
	// Looked tells that all was done once, after which what was on its way then is
	// looked for.
	Looked bool `json:"looked,omitempty"`
	// DoneAt is zero until it is done.
	DoneAt time.Time `json:"doneAt,omitzero"`
	// Counts are the documents that it was about. What a crash cut short is not in
	// them.
	Counts map[Kind]int `json:"counts,omitempty"`
}

// Kind tells KindOperation.
func (*Operation) Kind() Kind { return KindOperation }

// OperationKind is what an operation does.
type OperationKind string

// The operations.
const (
	// OperationErasure erases what a person has left.
	OperationErasure OperationKind = "erasure"
	// OperationSuspension puts out of sight what a person has written who has long
	// been away, and OperationReturn brings it back.
	OperationSuspension OperationKind = "suspension"
	OperationReturn     OperationKind = "return"
	// OperationAnonymise and OperationEraseWall end a wall on which nothing has
	// changed for long.
	OperationAnonymise OperationKind = "anonymise"
	OperationEraseWall OperationKind = "eraseWall"
	// OperationClosing erases an account that was to be closed; it stands in the
	// account's partition.
	OperationClosing OperationKind = "closing"
)

const (
	// operationLease is how long whoever takes an operation on has for it, before
	// somebody else does.
	operationLease = time.Minute
	// lookAgainAfter is longer than any request may take.
	lookAgainAfter = time.Minute
	// operationsLooked bounds the operations among which one is looked for.
	operationsLooked = 200
	// MaxOperationPage bounds a page of operations.
	MaxOperationPage = 100
)

func operationKey(platform, id ID) Key { return Key{Board: platform, Kind: KindOperation, ID: id} }

// Done tells an operation of which nothing is left to do.
func (o *Operation) Done() bool { return !o.DoneAt.IsZero() }

// begin keeps an operation, and has it done at once.
func (s *Service) begin(ctx context.Context, platform ID, op *Operation) (*Operation, error) {
	op.ID, op.Board, op.PurgeAt = s.IDs.NewID(), platform, s.dueNow()
	if op.Done() {
		op.PurgeAt = time.Time{}
	}
	op, _, err := create(ctx, s, s.caretaking(platform), NotLogged, op)
	s.stir()
	return op, err
}

// stir has it looked now for what is due.
func (s *Service) stir() {
	select {
	case s.due <- struct{}{}:
	default:
	}
}

// Due tells when there is something to do for Purge.
func (s *Service) Due() <-chan struct{} { return s.due }

// Operation gives one operation of a platform's.
func (s *Service) Operation(ctx context.Context, p *Platform, id ID) (*Operation, error) {
	return get[*Operation](ctx, s.Store, operationKey(p.ID, id))
}

// Operations lists those of a platform, newest first, those before one; for the
// operator.
func (s *Service) Operations(ctx context.Context, platform, before ID) ([]*Operation, error) {
	if _, err := s.PlatformAt(ctx, platform); err != nil {
		return nil, err
	}
	docs, err := s.Store.Latest(ctx, platform, KindOperation, before, MaxOperationPage)
	return typed[*Operation](docs), err
}

// underWay gives the operations of a platform that are still to be done, of the
// last ones.
func (s *Service) underWay(ctx context.Context, platform ID) ([]*Operation, error) {
	docs, err := s.Store.Latest(ctx, platform, KindOperation, "", operationsLooked)
	return slices.DeleteFunc(typed[*Operation](docs), (*Operation).Done), err
}

// perform does what is left to do of an operation.
func (s *Service) perform(ctx context.Context, op *Operation) error {
	// Taken on for a while: it is found again by then, should this process be
	// killed.
	op, mine, err := s.takeOn(ctx, op)
	if err != nil || !mine {
		return err
	}
	how, known := operations[op.What]
	if !known {
		return nil // a later release's
	}
	counts := make(map[Kind]int)
	if over, err := how.do(s, ctx, op, counts); err != nil || !over {
		return err
	}
	return s.performed(ctx, op, how.twice, counts)
}

// operations say how each is done, and which are done twice, since requests may
// be on their way that bring back what was done. One that is not over is looked
// at again.
var operations = map[OperationKind]struct {
	do    func(*Service, context.Context, *Operation, map[Kind]int) (over bool, err error)
	twice bool
}{
	OperationErasure:    {(*Service).erasePerson, true},
	OperationSuspension: {(*Service).suspend, false},
	OperationReturn:     {(*Service).bringBack, false},
	OperationAnonymise:  {(*Service).anonymise, true},
	OperationEraseWall:  {(*Service).eraseWall, false},
	OperationClosing:    {(*Service).closeAccount, true},
}

// takeOn puts off the moment at which an operation is due, and tells whether it
// was.
func (s *Service) takeOn(ctx context.Context, op *Operation) (*Operation, bool, error) {
	mine := false
	op, err := change(ctx, s, s.caretaking(op.Board), KeyOf(op), 0, doing{}, func(d *Operation) (bool, error) {
		mine = d.due(s.now())
		d.PurgeAt = s.now().Add(operationLease)
		return mine, nil
	})
	return op, mine, err
}

// performed notes that all of an operation was done: once, when it is looked at
// again later, or for good.
func (s *Service) performed(ctx context.Context, op *Operation, twice bool, counts map[Kind]int) error {
	_, err := change(ctx, s, s.caretaking(op.Board), KeyOf(op), 0, doing{}, func(d *Operation) (bool, error) {
		if d.Done() {
			return false, nil
		}
		for kind, n := range counts {
			if d.Counts == nil {
				d.Counts = make(map[Kind]int)
			}
			d.Counts[kind] += n
		}
		if twice && !op.Looked {
			d.Looked, d.PurgeAt = true, s.now().Add(lookAgainAfter)
			return true, nil
		}
		d.DoneAt, d.PurgeAt = s.now(), time.Time{}
		d.User, d.Life, d.Places = "", 0, nil
		return true, nil
	})
	return err
}

// gone answers nil for what is not there.
func gone(err error) error {
	if fault.KindOf(err) == fault.NotFound {
		return nil
	}
	return err
}
