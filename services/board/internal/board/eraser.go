package board

import (
	"context"
	"reflect"
	"slices"
)

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
	// shown are the uploads of the board by the post that shows them; nil until
	// they are asked for.
	shown map[ID][]*Media
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
	media, err := e.shownBy(ctx, post.ID)
	if err != nil {
		return err
	}
	for _, m := range media {
		if err := e.wipe(ctx, m); err != nil {
			return err
		}
	}
	return e.eraseSaid(ctx, post)
}

// shownBy gives the uploads of a post, as they were when the first post of all
// was erased: what comes later is found when it is looked again.
func (e *eraser) shownBy(ctx context.Context, post ID) ([]*Media, error) {
	if e.shown == nil {
		all, err := e.everything(ctx, e.board, KindMedia)
		if err != nil {
			return nil, err
		}
		e.shown = make(map[ID][]*Media)
		for _, m := range typed[*Media](all) {
			e.shown[m.Post] = append(e.shown[m.Post], m)
		}
	}
	return e.shown[post], nil
}

// eraseSaid erases something, and what was reported of it.
func (e *eraser) eraseSaid(ctx context.Context, doc Document) error {
	reports, err := e.reportsOf(ctx, KeyOf(doc))
	if err != nil {
		return err
	}
	for _, r := range reports {
		if err := e.wipe(ctx, r); err != nil {
			return err
		}
	}
	return e.wipe(ctx, doc)
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
