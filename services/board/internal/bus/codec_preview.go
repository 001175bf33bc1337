package bus

import (
	boardv1 "fresque.dev/proto/gen/go/fresque/board/v1"
	mediav1 "fresque.dev/proto/gen/go/fresque/media/v1"
	"fresque.dev/services/board/internal/board"
)

func encodePreview(p *board.Preview) *boardv1.Preview {
	if p == nil {
		return nil
	}
	return &boardv1.Preview{
		Url: p.Lookup.URL, Oembed: p.Lookup.OEmbed, Restrictable: p.Lookup.Restrictable,
		Asked: int32(p.Asked), Answered: int32(p.Answered), AskedAt: stamp(p.AskedAt), Page: encodePage(p.Page),
	}
}

func decodePreview(p *boardv1.Preview) *board.Preview {
	if p == nil {
		return nil
	}
	return &board.Preview{
		Lookup: board.Lookup{URL: p.GetUrl(), OEmbed: p.GetOembed(), Restrictable: p.GetRestrictable()},
		Asked:  int(p.GetAsked()), Answered: int(p.GetAnswered()), AskedAt: unstamp(p.GetAskedAt()), Page: decodePage(p.GetPage()),
	}
}

func encodePage(p *board.Page) *mediav1.Page {
	if p == nil {
		return nil
	}
	return &mediav1.Page{Title: p.Title, Description: p.Description, Site: p.Site, Host: p.Host, Restricted: p.Restricted}
}

func decodePage(p *mediav1.Page) *board.Page {
	if p == nil {
		return nil
	}
	return &board.Page{Title: p.GetTitle(), Description: p.GetDescription(), Site: p.GetSite(), Host: p.GetHost(), Restricted: p.GetRestricted()}
}
