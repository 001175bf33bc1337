package view

import (
	"time"

	"fresque.dev/services/board/internal/board"
)

// Rule is something that a board's platform asks of everybody.
type Rule struct {
	Measure   string `json:"measure" enum:"posts,comments,peers,words,reactions" doc:"Live posts, comments on them, others whose posts one has commented on, words of both, reactions given"`
	SectionID string `json:"section,omitempty" doc:"Where posts are to be; absent for anywhere"`
	Least     int    `json:"least" minimum:"1"`
}

// Completion is all that a board's platform asks.
type Completion struct {
	Rules []Rule `json:"rules" nullable:"false" doc:"10 at most; a section can be given for posts alone"`
}

// Progress is how far somebody has come with a rule.
type Progress struct {
	Rule
	Have int  `json:"have"`
	Done bool `json:"done"`
}

// Participation is the part that one user of a platform takes in a board.
type Participation struct {
	User      string         `json:"user" doc:"The platform's reference"`
	Posts     int            `json:"posts" doc:"Live ones: what was deleted, waits or was rejected counts for nothing, here and below"`
	Comments  int            `json:"comments" doc:"On live posts"`
	Peers     int            `json:"peers" doc:"Others on whose posts they have commented"`
	Words     int            `json:"words" doc:"Of their posts and comments"`
	Reactions int            `json:"reactions" doc:"Posts that they have reacted to; of votes, how many they gave"`
	Sections  map[string]int `json:"sections" nullable:"false" doc:"Posts by section"`
	Rules     []Progress     `json:"rules" nullable:"false"`
	Complete  bool           `json:"complete" doc:"There are rules, and all are done"`
	ChangedAt *time.Time     `json:"changedAt,omitempty" doc:"When something that counts last changed; absent for never"`
	// LastSeenAt is to the hour.
	LastSeenAt *time.Time `json:"lastSeenAt,omitempty" doc:"When they were last on one of the platform's walls, to the hour; absent for never"`
}

// ParticipationOf renders the part of one user. It has numbers, and nothing of
// what was written.
func ParticipationOf(u board.UserParticipation) Participation {
	out := Participation{
		User: u.User.Ref, Posts: u.Posts, Comments: u.Comments, Peers: u.Peers, Words: u.Words, Reactions: u.Reactions,
		Sections: make(map[string]int, len(u.Sections)), Rules: ProgressOf(u.Rules), Complete: u.Complete, ChangedAt: moment(u.ChangedAt), LastSeenAt: moment(u.User.SeenAt),
	}
	for id, n := range u.Sections {
		out.Sections[string(id)] = n
	}
	return out
}

// ProgressOf renders how far somebody has come.
func ProgressOf(in []board.Progress) []Progress {
	out := make([]Progress, 0, len(in))
	for _, p := range in {
		out = append(out, Progress{Rule: rule(p.Rule), Have: p.Have, Done: p.Done})
	}
	return out
}

func rule(r board.Rule) Rule {
	return Rule{Measure: string(r.Measure), SectionID: string(r.Section), Least: r.Least}
}

func completion(c board.Completion) *Completion {
	if len(c.Rules) == 0 {
		return nil
	}
	out := &Completion{}
	for _, r := range c.Rules {
		out.Rules = append(out.Rules, rule(r))
	}
	return out
}
