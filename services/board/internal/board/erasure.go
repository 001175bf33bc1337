package board

import (
	"context"
	"errors"
	"reflect"
	"slices"

	"fresque.dev/services/internal/fault"
)

// MaxErasures bounds the people of one request.
const MaxErasures = 500

// ErasePeople has all erased that some users of a platform have left, or all that
// they have left on one board. What is asked is durable when it returns, and
// done in the background; asking again answers with what is under way. Of
// somebody who is not known there is nothing to erase, and that gets done.
func (s *Service) ErasePeople(ctx context.Context, p *Platform, refs []string, board ID) ([]*Operation, error) {
	var f faults
	switch {
	case len(refs) == 0:
		f.add(fault.New(fault.Invalid, "required").At("users"))
	case len(refs) > MaxErasures:
		f.add(fault.New(fault.Invalid, "too_many").At("users").With("max", MaxErasures))
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	if board != "" {
		if _, err := s.seated(ctx, p.ID, board); err != nil {
			return nil, err
		}
	}
	pending, err := s.underWay(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	out := make([]*Operation, 0, len(refs))
	for _, ref := range refs {
		op, err := s.askErasure(ctx, p, ref, board, pending)
		if err != nil {
			return nil, err
		}
		out = append(out, op)
		if !op.Done() {
			pending = append(pending, op)
		}
	}
	s.stir()
	return out, nil
}

func (s *Service) askErasure(ctx context.Context, p *Platform, ref string, board ID, pending []*Operation) (*Operation, error) {
	op := &Operation{What: OperationErasure, On: board, User: s.UserOf(p.ID, ref)}
	u, err := get[*User](ctx, s.Store, userKey(p.ID, op.User))
	there := err == nil && !u.Deleted()
	if gone(err) != nil {
		return nil, err
	}
	for _, other := range pending {
		same := other.What == op.What && other.User == op.User && other.On == board
		if same && (!there || other.Life == u.Life && (board == "" || other.Places[board] == "" || other.Places[board] == u.On(board))) {
			return other, nil
		}
	}
	op.Life = noLife // a platform may list somebody who never came
	if there {
		op.Life = u.Life
	}
	return s.begin(ctx, p.ID, op)
}

// noLife is that of somebody who is no user.
const noLife Rev = -1

func userKey(platform, id ID) Key { return Key{Board: platform, Kind: KindUser, ID: id} }

// erasePerson erases what an operation is about. Who they are on which board is
// kept in it before the user forgets; from then on the same reference is
// somebody new.
func (s *Service) erasePerson(ctx context.Context, op *Operation, counts map[Kind]int) (over bool, err error) {
	if op, err = s.forgetUser(ctx, op); err != nil {
		return false, err
	}
	if !op.Looked { // who is listed by then is somebody new
		if err := s.unlistPerson(ctx, op, counts); err != nil {
			return false, err
		}
		if err := s.forgetDeliveries(ctx, op, counts); err != nil {
			return false, err
		}
	}
	for board, who := range op.Places {
		if err := s.forgetVisit(ctx, op.Board, op.User, board); err != nil {
			return false, err
		}
		if err := s.eraseOn(ctx, board, who, counts); err != nil {
			return false, err
		}
	}
	return true, nil
}

// unlistPerson takes a user out of what the platform lists of its boards.
func (s *Service) unlistPerson(ctx context.Context, op *Operation, counts map[Kind]int) error {
	if op.On != "" {
		return s.unlist(ctx, op.On, op.User)
	}
	return s.eachListing(ctx, op.Board, op.User, func(board ID, _ Listed) error {
		counts[KindRoster]++
		return s.unlist(ctx, board, op.User)
	})
}

// forgetVisit forgets that a user came to a board, unless they are back.
func (s *Service) forgetVisit(ctx context.Context, platform, user, board ID) error {
	u, err := get[*User](ctx, s.Store, userKey(platform, user))
	if gone(err) != nil || err == nil && slices.Contains(u.Boards, board) {
		return gone(err)
	}
	v := &Visit{}
	v.ID, v.Board = user, board
	return gone(s.eraseWhole(ctx, s.caretaking(board), v))
}

// forgetDeliveries erases what could not be told to the platform of a user.
func (s *Service) forgetDeliveries(ctx context.Context, op *Operation, counts map[Kind]int) error {
	dead, err := s.everything(ctx, op.Board, KindDelivery)
	if err != nil {
		return err
	}
	e := eraser{Service: s, sc: s.caretaking(op.Board), board: op.Board, counts: counts}
	for _, d := range typed[*DeadDelivery](dead) {
		if d.User != op.User || op.On != "" && d.On != op.On {
			continue
		}
		if err := e.wipe(ctx, d); err != nil {
			return err
		}
	}
	return nil
}

// eachListing calls for each board of a platform's on whose list a user is.
func (s *Service) eachListing(ctx context.Context, platform, user ID, do func(board ID, as Listed) error) error {
	owned, err := list[*Owned](ctx, s.Store, platform, KindOwned)
	if err != nil {
		return err
	}
	listed, err := together(ctx, listAtOnce, owned, func(ctx context.Context, o *Owned) (Listed, error) {
		return s.listed(ctx, o.ID, user)
	})
	if err != nil {
		return err
	}
	for i, one := range listed {
		if one.User == "" {
			continue
		}
		if err := do(owned[i].ID, one); err != nil {
			return err
		}
	}
	return nil
}

// comesTo notes that a platform's user comes to a board as who they are there
// now, where that was forgotten since their ticket was given.
func (s *Service) comesTo(ctx context.Context, p Principal) error {
	if err := s.noteVisit(ctx, p.User, p.Board); err != nil {
		return err
	}
	_, err := change(ctx, s, s.caretaking(p.Platform), userKey(p.Platform, p.User), 0, doing{}, func(u *User) (bool, error) {
		if u.Deleted() || u.On(p.Board) != p.Participant {
			return false, errUserErased
		}
		if slices.Contains(u.Boards, p.Board) {
			return false, nil
		}
		u.Boards = append(u.Boards, p.Board)
		return true, nil
	})
	return err
}

// forgetUser makes a bare tombstone of a user, or takes one board from them.
func (s *Service) forgetUser(ctx context.Context, op *Operation) (*Operation, error) {
	key := userKey(op.Board, op.User)
	for range changeTries {
		u, err := get[*User](ctx, s.Store, key)
		if fault.KindOf(err) == fault.NotFound || err == nil && (u.Deleted() || u.Life != op.Life) {
			return op, nil
		}
		if err != nil {
			return op, err
		}
		if op, err = s.notePlaces(ctx, op, u); err != nil {
			return op, err
		}
		if op.On != "" && op.Places[op.On] != u.On(op.On) {
			return op, nil // forgotten already
		}
		_, err = change(ctx, s, s.caretaking(op.Board), key, u.Rev, doing{}, func(u *User) (bool, error) {
			if op.On == "" {
				u.DeletedAt = s.now()
				erase(u)
				return true, nil
			}
			u.leave(op.On)
			return true, nil
		})
		if !errors.Is(err, ErrConflict) {
			return op, err
		}
	}
	return op, fault.New(fault.Unavailable, "too_busy")
}

// leave makes somebody else of a user on a board, if they come back.
func (u *User) leave(board ID) {
	u.Boards = slices.DeleteFunc(slices.Clone(u.Boards), func(b ID) bool { return b == board })
	if u.Lives == nil {
		u.Lives = make(map[ID]int)
	}
	u.Lives[board]++
}

// notePlaces keeps in an operation who a user is on which board.
func (s *Service) notePlaces(ctx context.Context, op *Operation, u *User) (*Operation, error) {
	boards := u.Boards
	if op.On != "" {
		boards = []ID{op.On}
	}
	return change(ctx, s, s.caretaking(op.Board), KeyOf(op), 0, doing{}, func(d *Operation) (changed bool, err error) {
		for _, board := range boards {
			if d.Places[board] != "" && (op.On != "" || d.Places[board] == u.On(board)) {
				continue
			}
			if d.Places == nil {
				d.Places = make(map[ID]ID)
			}
			d.Places[board], changed = u.On(board), true
		}
		return changed, nil
	})
}

// eraseOn erases what a participant has left on a board. It may be done again at
// any point: nothing of it depends on what it has erased before.
func (s *Service) eraseOn(ctx context.Context, board, who ID, counts map[Kind]int) error {
	e := eraser{Service: s, sc: s.caretaking(board), board: board, who: who, counts: counts}
	for _, step := range []func(context.Context) error{e.shutOut, e.eraseTheirs, e.takeBackReactions, e.forgetDeeds, e.clearLog} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return s.forgetEvents(ctx, board)
}

func (s *Service) forgetEvents(ctx context.Context, board ID) error {
	if s.Forget == nil {
		return nil
	}
	if err := s.Forget.ForgetEvents(ctx, board); err != nil {
		return err
	}
	// What was forgotten might not have been counted yet.
	_, err := s.Recount(ctx, board, s.now(), 0)
	return err
}

// eraser erases one participant of a board.
type eraser struct {
	*Service
	sc         *scene
	board, who ID
	counts     map[Kind]int
}

// shutOut makes a tombstone of the participant, of one who was never kept too:
// their sessions end, and write nothing more.
func (e *eraser) shutOut(ctx context.Context) error {
	d := &Participant{}
	d.ID, d.Board, d.DeletedAt = e.who, e.board, e.sc.now
	_, fresh, err := create(ctx, e.Service, e.sc, NotLogged, d)
	if err != nil || fresh {
		return err
	}
	return e.wipe(ctx, d)
}

// wipe makes a bare tombstone of a document, whatever it is now, and counts what
// was more.
func (e *eraser) wipe(ctx context.Context, doc Document) error {
	changed := false
	_, err := change(ctx, e.Service, e.sc, KeyOf(doc), 0, doing{}, func(d Document) (bool, error) {
		before := copyOf(d)
		if !d.Head().Deleted() {
			d.Head().DeletedAt = e.sc.now
		}
		erase(d)
		changed = !reflect.DeepEqual(before, d)
		return changed, nil
	})
	if err == nil && changed {
		e.counts[doc.Kind()]++
	}
	return gone(err)
}

// copyOf is a document of its own with the same fields.
func copyOf(doc Document) Document {
	copied := reflect.New(reflect.TypeOf(doc).Elem())
	copied.Elem().Set(reflect.ValueOf(doc).Elem())
	out, _ := copied.Interface().(Document)
	return out
}

// eraseTheirs erases the documents that are theirs, and what hangs on them.
func (e *eraser) eraseTheirs(ctx context.Context) error {
	docs, err := e.theirs(ctx, e.board, e.who)
	if err != nil {
		return err
	}
	for _, doc := range docs {
		switch d := doc.(type) {
		case *Post:
			err = e.erasePost(ctx, d)
		case *Comment:
			err = e.eraseSaid(ctx, d)
		case *Media:
			err = e.eraseMedia(ctx, d)
		default:
			err = e.wipe(ctx, d)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// erasePost erases a post with its uploads, and with what was said and given to
// it.
func (e *eraser) erasePost(ctx context.Context, post *Post) error {
	for _, kind := range []Kind{KindComment, KindReactions} {
		under, err := e.Store.ListUnder(ctx, e.board, kind, post.ID)
		if err != nil {
			return err
		}
		for _, doc := range under {
			if err := e.eraseSaid(ctx, doc); err != nil {
				return err
			}
		}
	}
	media, err := e.everything(ctx, e.board, KindMedia)
	if err != nil {
		return err
	}
	for _, m := range typed[*Media](media) {
		if m.Post != post.ID {
			continue
		}
		if err := e.wipe(ctx, m); err != nil {
			return err
		}
	}
	return e.eraseSaid(ctx, post)
}

// eraseSaid erases something, and what was reported of it.
func (e *eraser) eraseSaid(ctx context.Context, doc Document) error {
	reports, err := e.Store.ListUnder(ctx, e.board, KindReport, doc.Head().ID)
	if err != nil {
		return err
	}
	for _, r := range append(reports, doc) {
		if err := e.wipe(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

// eraseMedia erases an upload. What they have put into the wall itself, or made
// for somebody else's post, is not theirs alone: the wall's background stays as
// nobody's, the preview of a link as the author's, and a file is taken out of
// the post.
func (e *eraser) eraseMedia(ctx context.Context, m *Media) error {
	if m.Deleted() || m.Post == "" {
		return e.wipe(ctx, m)
	}
	var author ID
	if m.Post != m.Board {
		post, err := get[*Post](ctx, e.Store, Key{Board: e.board, Kind: KindPost, ID: m.Post})
		if gone(err) != nil {
			return err
		}
		if err != nil || post.bare() || post.Author.ID == e.who {
			return e.wipe(ctx, m)
		}
		author = post.Author.ID
		if m.Preview == nil {
			if err := e.detach(ctx, post, m.ID); err != nil {
				return err
			}
			return e.wipe(ctx, m)
		}
	}
	_, err := change(ctx, e.Service, e.sc, KeyOf(m), 0, doing{}, func(m *Media) (bool, error) {
		changed := m.Owner == e.who
		m.Owner = author
		if author == "" {
			m.Name = ""
		}
		e.unsee(m)
		return changed, nil
	})
	return err
}

// detach takes an upload out of somebody else's post.
func (e *eraser) detach(ctx context.Context, post *Post, media ID) error {
	_, err := change(ctx, e.Service, e.sc, KeyOf(post), 0, doing{}, func(post *Post) (bool, error) {
		before := len(post.Attachments)
		post.Attachments = slices.DeleteFunc(slices.Clone(post.Attachments), func(a Attachment) bool { return a.Media == media })
		return len(post.Attachments) != before, nil
	})
	return err
}

// unsee forgets that they were shown something as theirs.
func (e *eraser) unsee(doc Document) (changed bool) {
	head := doc.Head()
	kept := slices.DeleteFunc(slices.Clone(head.ShownTo), func(a Audience) bool { return a == PersonAudience(e.who) })
	changed = len(kept) != len(head.ShownTo)
	head.ShownTo = kept
	return changed
}

// takeBackReactions takes back what they gave.
func (e *eraser) takeBackReactions(ctx context.Context) error {
	all, err := list[*Reactions](ctx, e.Store, e.board, KindReactions)
	if err != nil {
		return err
	}
	for _, r := range all {
		if _, gave := r.Given[e.who]; !gave && r.Marks[e.who] == 0 {
			continue
		}
		_, err := change(ctx, e.Service, e.sc, KeyOf(r), 0, doing{}, func(r *Reactions) (bool, error) {
			_, gave := r.Given[e.who]
			changed := gave || r.Marks[e.who] != 0
			delete(r.Given, e.who)
			delete(r.Marks, e.who)
			return changed, nil
		})
		if err != nil {
			return err
		}
		e.counts[KindReactions]++
	}
	return nil
}

// forgetDeeds forgets in what is others' that they were the last to do something
// to it: every document keeps that until the next change.
func (e *eraser) forgetDeeds(ctx context.Context) error {
	for _, kind := range LiveKinds() {
		docs, err := e.everything(ctx, e.board, kind)
		if err != nil {
			return err
		}
		for _, doc := range docs {
			if !e.touched(doc) {
				continue
			}
			// The log is brought up to date by it, and cleared next.
			_, err := change(ctx, e.Service, e.sc, KeyOf(doc), 0, doing{}, func(d Document) (bool, error) {
				changed := e.touched(d)
				e.unsee(d)
				if d.Head().DeletedBy == e.who {
					d.Head().DeletedBy = ""
				}
				return changed, nil
			})
			if gone(err) != nil {
				return err
			}
		}
	}
	return nil
}

// touched tells whether a document says that they did something to it.
func (e *eraser) touched(doc Document) bool {
	head := doc.Head()
	return head.Deed != nil && head.Deed.Actor == e.who || head.DeletedBy == e.who || slices.Contains(head.ShownTo, PersonAudience(e.who))
}

// clearLog leaves of what they did, and of what was done to what is erased, only
// that it was done.
func (e *eraser) clearLog(ctx context.Context) error {
	erased := make(map[Key]bool)
	return e.eachAct(ctx, e.board, func(act *Act) error {
		theirs := act.Done.Actor == e.who
		content := act.Done.Before != "" || act.Done.Label != "" || act.Done.Reason != ""
		about := Key{Board: e.board, Kind: act.Target, ID: act.Parent}
		if content {
			if _, asked := erased[about]; !asked {
				doc, err := e.Store.Get(ctx, about)
				if gone(err) != nil {
					return err
				}
				erased[about] = err != nil || doc.Head().bare()
			}
		}
		if about == participantKey(e.board, e.who) {
			erased[about] = true
		}
		if !theirs && !erased[about] {
			return nil
		}
		_, err := change(ctx, e.Service, e.sc, KeyOf(act), 0, doing{}, func(act *Act) (bool, error) {
			before, of := act.Done, act.Parent
			if act.Target == KindParticipant && of == e.who {
				act.Parent = ""
			}
			if erased[about] {
				act.Done.Before, act.Done.Label, act.Done.Reason = "", "", ""
			}
			if theirs {
				act.Done.Actor, act.Done.ActorName, act.Done.Reason = "", "", ""
			}
			return act.Done != before || act.Parent != of, nil
		})
		return err
	})
}

// StillThere refuses the session of a platform's user who was erased, where all
// else that is asked is a copy of the board.
func (s *Service) StillThere(ctx context.Context, p Principal) error {
	if p.User == "" {
		return nil
	}
	person, err := s.participant(ctx, p)
	if err == nil && person != nil && person.Deleted() {
		err = errUserErased
	}
	return err
}
