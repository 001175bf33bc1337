package bus

import (
	"github.com/nats-io/nats.go"
	"google.golang.org/protobuf/proto"

	boardv1 "fresque.dev/proto/gen/go/fresque/board/v1"
	"fresque.dev/proto/subject"
	"fresque.dev/services/board/internal/board"
)

// Gatherings carries presence by core NATS: no stream, no storage (rule S7).
type Gatherings struct {
	nc *nats.Conn
	// replica names this one among the others.
	replica string
}

// NewGatherings makes the carrier; replica must be this process's alone.
func NewGatherings(nc *nats.Conn, replica string) *Gatherings {
	return &Gatherings{nc: nc, replica: replica}
}

// Report tells the other replicas. What cannot be sent is not missed: it is
// told again.
func (g *Gatherings) Report(id board.ID, p board.Presence) {
	m := &boardv1.PresenceReported{ReplicaId: g.replica, Nameless: int32(p.Nameless)}
	for _, person := range p.People {
		m.People = append(m.People, &boardv1.Person{Id: string(person.ID), Name: person.Name, Writing: person.Writing})
	}
	if data, err := proto.Marshal(m); err == nil && g.nc.IsConnected() {
		_ = g.nc.Publish(subject.BoardPresence(string(id)), data)
	}
}

// FollowPresence listens to the other replicas.
func (g *Gatherings) FollowPresence(id board.ID, each func(string, board.Presence)) (func(), error) {
	sub, err := g.nc.Subscribe(subject.BoardPresence(string(id)), func(m *nats.Msg) {
		report := new(boardv1.PresenceReported)
		if proto.Unmarshal(m.Data, report) != nil || report.GetReplicaId() == g.replica {
			return
		}
		p := board.Presence{Nameless: int(report.GetNameless())}
		for _, person := range report.GetPeople() {
			p.People = append(p.People, board.Person{ID: board.ID(person.GetId()), Name: person.GetName(), Writing: person.GetWriting()})
		}
		each(report.GetReplicaId(), p)
	})
	if err != nil {
		return nil, unavailable(err)
	}
	return func() { _ = sub.Unsubscribe() }, nil
}
