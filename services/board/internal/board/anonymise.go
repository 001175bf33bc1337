package board

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"
)

// anonymise makes a wall nobody's for good: what is on it stays to be read, and
// nothing says who wrote it, who came, or who did what. It may be done again at
// any point.
func (s *Service) anonymise(ctx context.Context, op *Operation, counts map[Kind]int) (over bool, err error) {
	b, err := get[*Board](ctx, s.Store, boardKey(op.On))
	if err != nil || b.bare() {
		return gone(err) == nil, gone(err)
	}
	if b.EndedAt.IsZero() {
		if b, err = s.ending(ctx, op); err != nil || b == nil {
			return b == nil, err
		}
	}
	b, err = change(ctx, s, s.caretaking(b.ID), KeyOf(b), 0, doing{}, func(b *Board) (bool, error) {
		before := *b
		if b.EndedAt.IsZero() {
			b.EndedAt = s.now()
		}
		if b.ArchivedAt.IsZero() {
			b.ArchivedAt = s.now() // from now on nobody writes
		}
		b.EndsAt, b.DeletedBy = time.Time{}, ""
		return !reflect.DeepEqual(before, *b), nil
	})
	if err != nil {
		return false, err
	}
	a := anonymiser{Service: s, board: b, eraser: eraser{Service: s, sc: s.caretaking(b.ID), board: b.ID, counts: counts}}
	for _, step := range []func(context.Context) error{a.wipePeople, a.keepContent, a.clearLog} {
		if err := step(ctx); err != nil {
			return false, err
		}
	}
	users, err := s.usersOn(ctx, op.Board, b.ID)
	if err != nil {
		return false, err
	}
	if err := s.leaveAll(ctx, op.Board, b.ID, users); err != nil {
		return false, err
	}
	return true, s.forgetEvents(ctx, b.ID)
}

// anonymiser anonymises one board.
type anonymiser struct {
	*Service
	eraser eraser
	board  *Board
}

// wipePeople erases who was there, and what is theirs but is no content of the
// wall. Who has come since it ended, to read it, stays.
func (a *anonymiser) wipePeople(ctx context.Context) error {
	kinds := slices.DeleteFunc(personalKinds(), func(k Kind) bool { return k == KindPost || k == KindComment || k == KindMedia })
	for _, kind := range append(kinds, KindRoster) {
		docs, err := a.everything(ctx, a.board.ID, kind)
		if err != nil {
			return err
		}
		for _, doc := range docs {
			if kind == KindParticipant && doc.Head().CreatedAt.After(a.board.EndedAt) {
				continue
			}
			if err := a.eraser.wipe(ctx, doc); err != nil {
				return err
			}
		}
	}
	return nil
}

// keepContent takes from what is on the wall whose it is, and erases what was in
// the trash, or was never shown.
func (a *anonymiser) keepContent(ctx context.Context) error {
	for _, kind := range LiveKinds() {
		docs, err := a.everything(ctx, a.board.ID, kind)
		if err != nil {
			return err
		}
		for _, doc := range docs {
			if kind == KindBoard || kind == KindParticipant {
				continue
			}
			if err := a.keep(ctx, doc); err != nil {
				return err
			}
		}
	}
	return nil
}

// keep leaves one document nobody's, or erases it.
func (a *anonymiser) keep(ctx context.Context, doc Document) error {
	post, isPost := doc.(*Post)
	m, isMedia := doc.(*Media)
	switch deleted := doc.Head().Deleted(); {
	case deleted && isPost:
		return a.eraser.erasePost(ctx, post)
	case deleted, isMedia && m.Post == "":
		return a.eraser.wipe(ctx, doc)
	default:
		return a.disown(ctx, doc)
	}
}

// disown leaves a document nobody's.
func (a *anonymiser) disown(ctx context.Context, doc Document) error {
	changed := false
	_, err := change(ctx, a.Service, a.eraser.sc, KeyOf(doc), 0, doing{}, func(d Document) (bool, error) {
		before := copyOf(d)
		switch d := d.(type) {
		case *Post:
			d.Author, d.Parent, d.Sealed, d.Group, d.Reason = a.nobody(d), "", "", "", ""
		case *Comment:
			d.Author, d.Sealed, d.Reason = a.nobody(d), "", ""
		case *Media:
			d.Owner = ""
		case *Reactions:
			d.Given, d.Marks = a.unnamed(d), nil
		}
		head := d.Head()
		head.DeletedBy, head.Deed = "", nil
		head.ShownTo = slices.DeleteFunc(slices.Clone(head.ShownTo), func(to Audience) bool { _, personal := to.person(); return personal })
		changed = !reflect.DeepEqual(before, d)
		return changed, nil
	})
	if err == nil && changed {
		a.eraser.counts[doc.Kind()]++
	}
	return gone(err)
}

// nobody is the author of one document, and of no other: nothing leads from it
// to who wrote it, or to what else they wrote.
func (a *anonymiser) nobody(doc Contribution) Author {
	id := doc.Head().ID
	return Author{ID: derivedID("nobody", id, ID(a.Sealer.Secret(id, "nobody"))), Name: nameless(a.board.Language)}
}

// unnamed are the same reactions, of nobody, in no order of people's.
func (a *anonymiser) unnamed(r *Reactions) map[ID]int {
	values := slices.Sorted(maps.Values(r.Given))
	out := make(map[ID]int, len(values))
	for i, n := range values {
		out[derivedID("nobody", r.ID, ID(fmt.Sprint(i)))] = n
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// clearLog leaves of what was done what it was, when, and to what.
func (a *anonymiser) clearLog(ctx context.Context) error {
	return a.eachAct(ctx, a.board.ID, func(act *Act) error {
		_, err := change(ctx, a.Service, a.eraser.sc, KeyOf(act), 0, doing{}, func(act *Act) (bool, error) {
			done, of := act.Done, act.Parent
			act.Done.Actor, act.Done.ActorName, act.Done.Reason, act.Done.Before, act.Done.Bulk = "", "", "", "", ""
			act.Done.Trainer = false
			if act.Target == KindParticipant {
				act.Done.Label, act.Parent = "", ""
			}
			return act.Done != done || act.Parent != of, nil
		})
		return err
	})
}
