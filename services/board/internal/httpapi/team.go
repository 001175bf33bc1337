package httpapi

import (
	"context"
	"net/http"
	"time"

	"fresque.dev/services/board/internal/board"
)

// TeamMember is somebody who has a seat on a wall, or an invitation to one that
// nobody has taken yet.
type TeamMember struct {
	ID        string     `json:"id" format:"uuid"`
	Name      string     `json:"name,omitempty" doc:"Left out while the invitation is open"`
	Role      string     `json:"role" enum:"owner,moderator"`
	URL       string     `json:"url,omitempty" doc:"Of an open invitation: its link"`
	ExpiresAt *time.Time `json:"expiresAt,omitempty" doc:"Of an open invitation"`
}

type teamOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         struct {
		Team []TeamMember `json:"team" nullable:"false"`
	}
}

type inviteToWallInput struct {
	BoardPath
	Body struct {
		Role string `json:"role" enum:"owner,moderator" doc:"owner hands the wall over: whoever does so keeps a seat"`
	}
}

type memberPath struct {
	BoardPath
	Member string `path:"member" format:"uuid"`
}

type takeWallInput struct {
	Body invitationCode
}

func (a *API) registerTeam() {
	op := below("/account/walls", "My walls", needsAccount())
	handle(a, op("readTeam", http.MethodGet, "/{board}/team", "List who has a seat on one's wall, and the open invitations"), a.team)
	handle(a, with(http.StatusCreated, op("inviteToWall", http.MethodPost, "/{board}/team", "Make a link by which somebody who signs in gets a seat on one's wall, or the wall, once")),
		func(ctx context.Context, in *inviteToWallInput) (*invitationOutput, error) {
			return a.invitation(a.Service.InviteToWall(ctx, mustAccount(ctx), in.id(), board.Role(in.Body.Role)))
		})
	handle(a, with(http.StatusNoContent, op("removeFromTeam", http.MethodDelete, "/{board}/team/{member}", "Take a seat away, or an open invitation")),
		func(ctx context.Context, in *memberPath) (*struct{}, error) {
			member, _ := board.ParseID(in.Member)
			return nil, a.Service.RemoveFromTeam(ctx, mustAccount(ctx), in.id(), member)
		})
	handle(a, with(http.StatusNoContent, op("leaveWall", http.MethodDelete, "/{board}/seat", "Give up one's own seat on somebody's wall")),
		func(ctx context.Context, in *BoardPath) (*struct{}, error) {
			return nil, a.Service.LeaveWall(ctx, mustAccount(ctx), in.id())
		})
	taking := below("/account/invitation", "My walls", needsAccount())
	handle(a, taking("takeWall", http.MethodPost, "/wall", "Take the seat on a wall, or the wall, that one was invited to"),
		func(ctx context.Context, in *takeWallInput) (*ownedWallOutput, error) {
			id, err := limitedBy(ctx, a, a.passwords, addressOf(ctx), func() (board.ID, error) {
				return a.Service.TakeWall(ctx, mustAccount(ctx), in.Body.Code)
			})
			return a.wallAnswer(ctx, id, err)
		})
}

func (a *API) team(ctx context.Context, in *BoardPath) (*teamOutput, error) {
	all, err := a.Service.Team(ctx, mustAccount(ctx), in.id())
	if err != nil {
		return nil, err
	}
	out := &teamOutput{CacheControl: "no-store"}
	out.Body.Team = make([]TeamMember, 0, len(all))
	for _, one := range all {
		member := TeamMember{ID: string(one.ID), Name: one.Name, Role: string(one.As)}
		if one.Taken == "" {
			link, err := a.invitation(one, nil)
			if err != nil {
				return nil, err
			}
			member.URL, member.ExpiresAt = link.Body.URL, &one.ExpiresAt
		}
		out.Body.Team = append(out.Body.Team, member)
	}
	return out, nil
}
