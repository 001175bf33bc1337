package bus

import (
	boardv1 "fresque.dev/proto/gen/go/fresque/board/v1"
	"fresque.dev/services/board/internal/board"
)

func encodeBoard(b *board.Board) *boardv1.Board {
	s := b.Settings
	return &boardv1.Board{
		Title: b.Title, Description: b.Description, PresenceHidden: b.PresenceHidden, Language: b.Language, ArchivedAt: stamp(b.ArchivedAt),
		PlatformId: string(b.Platform), ExternalId: b.External, EndsAt: stamp(b.EndsAt), Ends: string(b.Ends), EndedAt: stamp(b.EndedAt), Rules: encodeRules(b.Completion),
		Settings: &boardv1.Settings{
			Layout: string(s.Layout), BackgroundColour: string(s.Background.Colour), BackgroundPicture: string(s.Background.Picture),
			Sort: string(s.Sort), NewLast: s.NewLast, PlainPosts: s.PlainPosts,
			Post: string(s.Post), Comment: string(s.Comment), React: string(s.React), EditOthers: string(s.EditOthers),
			Reactions: string(s.Reactions), VotesEach: int32(s.VotesEach),
			Required: texts(s.Required), PostsEach: int32(s.PostsEach), MaxLength: int32(s.MaxLength), Kinds: texts(s.Kinds),
			Moderation: string(s.Moderation), Words: s.Words, Anonymity: string(s.Anonymity), Groups: string(s.Groups),
			FreezeAt: stamp(s.FreezeAt), OpenFrom: stamp(s.OpenFrom), OpenUntil: stamp(s.OpenUntil),
		},
	}
}

func decodeBoard(b *boardv1.Board) *board.Board {
	s := b.GetSettings()
	return &board.Board{
		Title: b.GetTitle(), Description: b.GetDescription(), PresenceHidden: b.GetPresenceHidden(), Language: b.GetLanguage(),
		ArchivedAt: unstamp(b.GetArchivedAt()), Platform: board.ID(b.GetPlatformId()), External: b.GetExternalId(), EndsAt: unstamp(b.GetEndsAt()), Ends: board.WallEnd(b.GetEnds()), EndedAt: unstamp(b.GetEndedAt()), Completion: decodeRules(b.GetRules()),
		Settings: board.Settings{
			Layout:     board.Layout(s.GetLayout()),
			Background: board.Background{Colour: board.Colour(s.GetBackgroundColour()), Picture: board.ID(s.GetBackgroundPicture())},
			Sort:       board.Sort(s.GetSort()), NewLast: s.GetNewLast(), PlainPosts: s.GetPlainPosts(),
			Post: board.Role(s.GetPost()), Comment: board.Role(s.GetComment()), React: board.Role(s.GetReact()), EditOthers: board.Role(s.GetEditOthers()),
			Reactions: board.Scale(s.GetReactions()), VotesEach: int(s.GetVotesEach()),
			Required: words[board.Field](s.GetRequired()), PostsEach: int(s.GetPostsEach()), MaxLength: int(s.GetMaxLength()),
			Kinds: words[board.ContentKind](s.GetKinds()), Moderation: board.Moderation(s.GetModeration()), Words: s.GetWords(),
			Anonymity: board.Anonymity(s.GetAnonymity()), Groups: board.GroupMode(s.GetGroups()),
			FreezeAt: unstamp(s.GetFreezeAt()), OpenFrom: unstamp(s.GetOpenFrom()), OpenUntil: unstamp(s.GetOpenUntil()),
		},
	}
}

func encodeRules(c board.Completion) []*boardv1.Rule {
	var out []*boardv1.Rule
	for _, r := range c.Rules {
		out = append(out, &boardv1.Rule{Measure: string(r.Measure), SectionId: string(r.Section), Least: int32(r.Least)})
	}
	return out
}

func decodeRules(in []*boardv1.Rule) board.Completion {
	var out board.Completion
	for _, r := range in {
		out.Rules = append(out.Rules, board.Rule{Measure: board.Measure(r.GetMeasure()), Section: board.ID(r.GetSectionId()), Least: int(r.GetLeast())})
	}
	return out
}
