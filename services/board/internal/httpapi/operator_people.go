package httpapi

import (
	"context"
	"net/http"
	"time"

	"fresque.dev/services/board/internal/board"
)

// ListedSitePerson is somebody as a platform knows them.
type ListedSitePerson struct {
	ID          string     `json:"id" format:"uuid"`
	User        string     `json:"user" doc:"The platform's reference"`
	Boards      int        `json:"boards" doc:"To how many they came"`
	CameAt      time.Time  `json:"cameAt" doc:"When the platform first sent them"`
	SeenAt      *time.Time `json:"seenAt,omitempty" doc:"When they were last there, to the hour"`
	SuspendedAt *time.Time `json:"suspendedAt,omitempty" doc:"When what they wrote was put out of sight; absent where it is not"`
	HeldAt      *time.Time `json:"heldAt,omitempty" doc:"When the operator suspended them; absent where it is not so"`
}

// SitePerson is one of them.
type SitePerson struct {
	ListedSitePerson
	Name     string   `json:"name,omitempty" doc:"Absent where the platform sends none"`
	BoardIDs []string `json:"boardIds" nullable:"false"`
}

// PersonPath names somebody by their id here, which stands in logs and tells nothing.
type PersonPath struct {
	PlatformPath
	Person string `path:"person" format:"uuid"`
}

func (p PersonPath) person() board.ID { id, _ := board.ParseID(p.Person); return id }

type peopleInput struct {
	PlatformPath
	Before string `query:"before" doc:"Go on where a page ended: its next"`
}

type peopleOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         struct {
		People []ListedSitePerson `json:"people" nullable:"false" doc:"Who came to a board and was not erased, without their names"`
		Next   string             `json:"next,omitempty" doc:"What to go on before; absent of the last page"`
	}
}

type personOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         SitePerson
}

type holdInput struct {
	PersonPath
	Body struct {
		Suspended bool `json:"suspended"`
	}
}

func (a *API) registerOperatorPeople() {
	op := below("/platforms/{platform}/people", "Platforms", needsOperator())
	handle(a, op("readPeople", http.MethodGet, "", "List the people of a site, page by page"), a.people)
	handle(a, op("readPerson", http.MethodGet, "/{person}", "Read what is known of one of a site's people"),
		func(ctx context.Context, in *PersonPath) (*personOutput, error) {
			_, u, err := a.Service.PlatformPerson(ctx, in.id(), in.person())
			return personAnswer(u, err)
		})
	handle(a, op("exportPerson", http.MethodGet, "/{person}/data", "Read all that a person has left on the site's boards, and nothing of anybody else"),
		func(ctx context.Context, in *PersonPath) (*personDataOutput, error) {
			p, u, err := a.Service.PlatformPerson(ctx, in.id(), in.person())
			if err != nil {
				return nil, err
			}
			return a.personData(ctx, p, u.Ref)
		})
	handle(a, with(http.StatusAccepted, op("erasePerson", http.MethodDelete, "/{person}", "Erase all that a person has left")),
		func(ctx context.Context, in *PersonPath) (*operationOutput, error) {
			p, u, err := a.Service.PlatformPerson(ctx, in.id(), in.person())
			if err != nil {
				return nil, err
			}
			ops, err := a.Service.ErasePeople(ctx, p, []string{u.Ref}, "")
			if err != nil {
				return nil, err
			}
			return &operationOutput{CacheControl: "no-store", Body: operationView(ops[0])}, nil
		})
	handle(a, op("suspendPerson", http.MethodPut, "/{person}/suspended", "Put out of sight what a person wrote and let them in no more, or end that"),
		func(ctx context.Context, in *holdInput) (*personOutput, error) {
			return personAnswer(a.Service.HoldPerson(ctx, in.id(), in.person(), in.Body.Suspended))
		})
}

func (a *API) people(ctx context.Context, in *peopleInput) (*peopleOutput, error) {
	before, _ := board.ParseID(in.Before)
	page, next, err := a.Service.PlatformPeople(ctx, in.id(), before)
	if err != nil {
		return nil, err
	}
	out := &peopleOutput{CacheControl: "no-store"}
	out.Body.People, out.Body.Next = make([]ListedSitePerson, 0, len(page)), string(next)
	for _, u := range page {
		out.Body.People = append(out.Body.People, listedPerson(u))
	}
	return out, nil
}

func personAnswer(u *board.User, err error) (*personOutput, error) {
	if err != nil {
		return nil, err
	}
	out := &personOutput{CacheControl: "no-store", Body: SitePerson{ListedSitePerson: listedPerson(u), Name: u.Name, BoardIDs: []string{}}}
	for _, id := range u.Boards {
		out.Body.BoardIDs = append(out.Body.BoardIDs, string(id))
	}
	return out, nil
}

func listedPerson(u *board.User) ListedSitePerson {
	return ListedSitePerson{
		ID: string(u.ID), User: u.Ref, Boards: len(u.Boards), CameAt: u.CreatedAt,
		SeenAt: momentOf(u.SeenAt), SuspendedAt: momentOf(u.SuspendedAt), HeldAt: momentOf(u.HeldAt),
	}
}
