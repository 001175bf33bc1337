package board

import (
	"context"
	"slices"

	"fresque.dev/services/internal/fault"
)

// Completion is what a platform asks of everybody on a board; no rules ask for
// nothing.
type Completion struct {
	Rules []Rule `json:"rules,omitempty"`
}

// Rule asks for so much of something at the least.
type Rule struct {
	Measure Measure `json:"measure"`
	// Section is where posts are to be; empty for anywhere.
	Section ID  `json:"section,omitempty"`
	Least   int `json:"least"`
}

// Measure is what a rule counts.
type Measure string

// The measures.
const (
	MeasurePosts     Measure = "posts"
	MeasureComments  Measure = "comments"
	MeasurePeers     Measure = "peers"
	MeasureWords     Measure = "words"
	MeasureReactions Measure = "reactions"
)

// Limits of rules.
const (
	MaxRules = 10
	MaxLeast = 100_000
)

// Progress is how far somebody has come with a rule.
type Progress struct {
	Rule
	Have int  `json:"have"`
	Done bool `json:"done,omitempty"`
}

// of is how much of what the rule asks for somebody has.
func (r Rule) of(p Participation) int {
	switch r.Measure {
	case MeasurePosts:
		if r.Section != "" {
			return p.Sections[r.Section]
		}
		return p.Posts
	case MeasureComments:
		return p.Comments
	case MeasurePeers:
		return p.Peers
	case MeasureWords:
		return p.Words
	case MeasureReactions:
		return p.Reactions
	default:
		return 0
	}
}

// Of tells how far somebody has come with each rule, and whether with all. Where
// nothing is asked, nobody is done.
func (c Completion) Of(p Participation) (rules []Progress, complete bool) {
	complete = len(c.Rules) > 0
	for _, r := range c.Rules {
		have := r.of(p)
		rules = append(rules, Progress{Rule: r, Have: have, Done: have >= r.Least})
		complete = complete && have >= r.Least
	}
	return rules, complete
}

// standing are the rules as the sections stand: one about a section that was
// removed is about where its posts went.
func (c Completion) standing(sight *Sight) Completion {
	out := Completion{Rules: slices.Clone(c.Rules)}
	for i, r := range out.Rules {
		if place, kept := sight.Place(r.Section); kept && place != "" {
			out.Rules[i].Section = place
		}
	}
	return out
}

// check tells what is wrong with rules.
func (c Completion) check() faults {
	var f faults
	if len(c.Rules) > MaxRules {
		f.add(fault.New(fault.Invalid, "too_many").At("completion.rules").With("max", MaxRules))
	}
	for _, r := range c.Rules {
		switch r.Measure {
		case MeasurePosts:
		case MeasureComments, MeasurePeers, MeasureWords, MeasureReactions:
			if r.Section != "" {
				f.add(fault.New(fault.Invalid, "rule_without_section").At("completion.rules.section"))
			}
		default:
			f.add(fault.New(fault.Invalid, "unknown_choice").At("completion.rules.measure"))
		}
		if r.Least < 1 || r.Least > MaxLeast {
			f.add(fault.New(fault.Invalid, "least_out_of_range").At("completion.rules.least").With("max", MaxLeast))
		}
	}
	return f
}

// sectionsThere refuses rules about sections that are not on the board.
func (c Completion) sectionsThere(sight *Sight) *fault.Fault {
	for _, r := range c.Rules {
		if r.Section != "" && sight.Section(r.Section) == nil {
			return fault.New(fault.Invalid, "section_gone").At("completion.rules.section")
		}
	}
	return nil
}

// Checklist tells a participant how far they have come with what the board's
// platform asks of them.
func (s *Service) Checklist(ctx context.Context, p Principal, board ID) (rules []Progress, complete bool, err error) {
	sc, err := s.enter(ctx, p, board, ReadBoard)
	if err != nil || len(sc.board.Completion.Rules) == 0 {
		return nil, false, err
	}
	in, err := s.contents(ctx, board)
	if err != nil {
		return nil, false, err
	}
	mine := sc.sight.Participations(in)[sc.p.Participant]
	if mine == nil {
		mine = &Participation{}
	}
	rules, complete = sc.board.Completion.standing(sc.sight).Of(*mine)
	return rules, complete, nil
}
