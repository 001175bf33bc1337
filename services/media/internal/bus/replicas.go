package bus

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"fresque.dev/proto/subject"
)

// beats are how often within GoneAfter a replica says that it is there.
const beats = 6

// Announce says that this replica is there, and where, until the context ends.
func (r *Register) Announce(ctx context.Context) {
	every := max(r.GoneAfter/beats, 50*time.Millisecond)
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		there, err := r.announce(ctx)
		r.mu.Lock()
		r.there = there
		switch {
		case err != nil:
			r.steady = time.Time{}
		case r.steady.IsZero():
			r.steady = r.bus.now()
		}
		r.mu.Unlock()
		if err != nil && ctx.Err() == nil {
			r.log.Debug("not announced", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// announce says that this replica is there, and tells how many are.
func (r *Register) announce(ctx context.Context) (there int, err error) {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	kv, err := r.replicas.reach(ctx, r.bus)
	if err != nil {
		return 0, err
	}
	at, err := r.URL()
	if err != nil {
		return 0, err
	}
	if _, err := kv.Put(ctx, r.Self(), []byte(at)); err != nil {
		return 0, r.replicas.lost(err)
	}
	return r.count(ctx, kv)
}

// count tells how many replicas have not fallen silent.
func (r *Register) count(ctx context.Context, kv jetstream.KeyValue) (there int, err error) {
	s, err := r.bus.js.Stream(ctx, "KV_"+kv.Bucket())
	if err != nil {
		return 0, r.replicas.lost(err)
	}
	prefix := "$KV." + kv.Bucket() + "."
	info, err := s.Info(ctx, jetstream.WithSubjectFilter(prefix+">"))
	if err != nil {
		return 0, r.replicas.lost(err)
	}
	for subject := range info.State.Subjects {
		e, err := kv.Get(ctx, strings.TrimPrefix(subject, prefix))
		if errors.Is(err, jetstream.ErrKeyNotFound) {
			continue // it has just been forgotten
		}
		if err != nil {
			return 0, r.replicas.lost(err)
		}
		silent, err := r.silent(ctx, kv, e)
		if err != nil {
			return 0, err
		}
		if !silent {
			there++
		}
	}
	return there, nil
}

// There is how many replicas there are, this one among them; 0 while it cannot
// tell.
func (r *Register) There() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.there
}

// Where is the address of a replica. While this one has been cut off itself, it
// cannot tell who is gone: then it says that it does not know.
func (r *Register) Where(ctx context.Context, replica string) (string, bool, error) {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	kv, err := r.replicas.reach(ctx, r.bus)
	if err != nil {
		return "", false, err
	}
	e, err := kv.Get(ctx, replica)
	switch {
	case err == nil:
		silent, err := r.silent(ctx, kv, e)
		if err != nil || !silent {
			return string(e.Value()), err == nil, err
		}
	case !errors.Is(err, jetstream.ErrKeyNotFound):
		return "", false, r.replicas.lost(err)
	}
	r.mu.Lock()
	steady := r.steady
	r.mu.Unlock()
	if steady.IsZero() || r.bus.now().Sub(steady) < r.GoneAfter {
		return "", false, away(errors.New("too early to say that a replica is gone"))
	}
	return "", false, nil
}

// silent tells that a replica has long not said that it is there, by the clock of
// NATS: this one has since.
func (r *Register) silent(ctx context.Context, kv jetstream.KeyValue, e jetstream.KeyValueEntry) (bool, error) {
	own, err := kv.Get(ctx, r.Self())
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return false, nil // this one has just come, and takes others at their word
	}
	if err != nil {
		return false, r.replicas.lost(err)
	}
	return own.Created().Sub(e.Created()) >= r.GoneAfter, nil
}

// SeenAs is the address of this process as NATS sees it, with a port: where
// others of the same network reach it, too.
func (b *Bus) SeenAs(port string) (string, error) {
	ip, err := b.nc.GetClientIP()
	if err != nil {
		return "", err
	}
	return (&url.URL{Scheme: "http", Host: net.JoinHostPort(ip.String(), port)}).String(), nil
}

// stored is what one replica tells the others of the object store.
type stored struct {
	Replica string `json:"replica"`
	Bytes   int64  `json:"bytes"`
}

// TellStored tells the other replicas that the object store has grown, or shrunk
// when bytes are negative. What gets lost is made good when it is counted anew.
func (r *Register) TellStored(bytes int64) {
	raw, err := json.Marshal(stored{r.Self(), bytes})
	if err == nil {
		err = r.bus.nc.Publish(subject.MediaStored, raw)
	}
	if err != nil {
		r.log.Debug("not told what was stored", "error", err)
	}
}

// HearStored hears what the others store.
func (r *Register) HearStored(hear func(bytes int64)) (stop func(), err error) {
	sub, err := r.bus.nc.Subscribe(subject.MediaStored, func(m *nats.Msg) {
		var s stored
		if json.Unmarshal(m.Data, &s) == nil && s.Replica != r.Self() {
			hear(s.Bytes)
		}
	})
	if err != nil {
		return nil, err
	}
	return func() { _ = sub.Unsubscribe() }, nil
}
