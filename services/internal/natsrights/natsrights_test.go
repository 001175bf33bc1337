package natsrights_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"fresque.dev/proto/subject"
	"fresque.dev/services/internal/natsrights"
	"fresque.dev/services/internal/natstest"
)

const id = "01980000-0000-7000-8000-000000000001"

// asked are what a service that was taken over might try.
func asked() (publish, subscribe map[subject.Service][]string) {
	const api = "$JS.API."
	nobodys := []string{
		api + "STREAM.DELETE." + subject.BoardStream, api + "STREAM.DELETE." + subject.MediaStream, api + "STREAM.DELETE." + subject.DeliveryStream,
		api + "STREAM.DELETE.KV_guesses", api + "STREAM.LIST", api + "STREAM.NAMES", api + "STREAM.CREATE.OTHER",
		api + "STREAM.MSG.DELETE." + subject.BoardStream, api + "CONSUMER.DELETE." + subject.DeliveryStream + ".deliveries",
		api + "CONSUMER.DURABLE.CREATE." + subject.BoardStream + ".x", api + "STREAM.SNAPSHOT." + subject.BoardStream, api + "ACCOUNT.PURGE.FRESQUE",
		api + "CONSUMER.CREATE." + subject.BoardStream + ".other", api + "CONSUMER.MSG.NEXT." + subject.BoardStream + ".other",
		"$SYS.REQ.SERVER.PING", "elsewhere",
	}
	publish = map[subject.Service][]string{
		subject.BoardService: append(slices.Clone(nobodys),
			subject.MediaEvents(id), "_INBOX_media.x", api+"STREAM.PURGE."+subject.MediaStream, api+"STREAM.MSG.GET."+subject.MediaStream,
			api+"CONSUMER.MSG.NEXT."+subject.MediaCommands+".media", subject.BoardLive(id), subject.VerificationKeys,
			"$KV."+subject.MediaUploads+"."+id+"."+id, "$KV."+subject.MediaReplicas+".x", subject.MediaStored,
			api+"CONSUMER.CREATE.KV_"+subject.MediaUploads+".x.>"),
		subject.MediaService: append(slices.Clone(nobodys),
			subject.BoardEvents(id), subject.BoardLive(id), subject.BoardPresence(id), subject.MediaCommand(id), subject.Delivery("a", id, "b"),
			"_INBOX_board.x", "$KV.guesses.x", api+"DIRECT.GET."+subject.BoardStream, api+"DIRECT.GET.KV_guesses.$KV.guesses.x",
			api+"STREAM.INFO."+subject.BoardStream, api+"STREAM.MSG.GET."+subject.DeliveryStream,
			api+"CONSUMER.MSG.NEXT."+subject.DeliveryStream+".deliveries", api+"STREAM.PURGE."+subject.BoardStream,
			"$JS.ACK."+subject.DeliveryStream+".deliveries.1.1.1.1.1"),
	}
	subscribe = map[subject.Service][]string{
		subject.BoardService: {">", "_INBOX.>", "_INBOX_media.>", "$JS.>", subject.AllMediaEvents, subject.AllMediaCommands, "$KV.>", subject.MediaStored},
		subject.MediaService: {
			">", "_INBOX.>", "_INBOX_board.>", "$JS.>", "fresque.>", subject.AllBoardEvents, subject.BoardLive("*"), subject.BoardPresence("*"),
			subject.AllDeliveries, subject.VerificationKeys, "$KV.>", subject.AllMediaCommands,
		},
	}
	return publish, subscribe
}

// TestEachServiceIsRefusedWhatIsNotIts holds for both ways to make streams.
func TestEachServiceIsRefusedWhatIsNotIts(t *testing.T) {
	publish, subscribe := asked()
	for name, server := range map[string]*natstest.Server{"make": natstest.Start(t), "declared": natstest.StartDeclared(t)} {
		for _, who := range subject.Services() {
			t.Run(name+" "+string(who), func(t *testing.T) {
				nc, refused := server.ConnectRefused(who)
				for _, to := range publish[who] {
					if err := nc.Publish(to, nil); err != nil {
						t.Fatal(err)
					}
					wantsRefusal(t, nc, refused, `Publish to "`+to+`"`)
				}
				for _, from := range subscribe[who] {
					if _, err := nc.SubscribeSync(from); err != nil {
						t.Fatal(err)
					}
					wantsRefusal(t, nc, refused, `Subscription to "`+from+`"`)
				}
			})
		}
	}
}

// TestWhereStreamsAreDeclaredNoServiceMakesOrChangesAny: it could turn one elsewhere.
func TestWhereStreamsAreDeclaredNoServiceMakesOrChangesAny(t *testing.T) {
	server := natstest.StartDeclared(t)
	for _, who := range subject.Services() {
		nc, refused := server.ConnectRefused(who)
		for _, verb := range []string{"STREAM.CREATE.", "STREAM.UPDATE.", "CONSUMER.CREATE."} {
			for _, name := range []string{subject.BoardStream, subject.MediaStream, subject.MediaCommands, subject.DeliveryStream, "KV_guesses", "KV_calls", "KV_" + subject.MediaReplicas} {
				to := "$JS.API." + verb + name
				if verb == "CONSUMER.CREATE." {
					to += ".board"
				}
				if err := nc.Publish(to, nil); err != nil {
					t.Fatal(err)
				}
				wantsRefusal(t, nc, refused, `Publish to "`+to+`"`)
			}
		}
	}
}

// TestWhoAsksIsAnsweredOnce, by the board service alone, and it answers nobody
// who has not asked.
func TestWhoAsksIsAnsweredOnce(t *testing.T) {
	server := natstest.StartDeclared(t)
	board, refused := server.ConnectRefused(subject.BoardService)
	if _, err := board.QueueSubscribe(subject.VerificationKeys, "board", func(m *nats.Msg) {
		_ = m.Respond([]byte("once"))
		_ = m.Respond([]byte("twice"))
	}); err != nil {
		t.Fatal(err)
	}
	if err := board.Flush(); err != nil {
		t.Fatal(err)
	}
	media := server.ConnectAs(subject.MediaService)
	m, err := media.Request(subject.VerificationKeys, nil, 10*time.Second)
	if err != nil || string(m.Data) != "once" {
		t.Fatalf("%v %v", m, err)
	}
	wantsRefusal(t, board, refused, `Publish to "_INBOX_media.`)
}

// TestTheAdministratorSeesEverything that is of the account.
func TestTheAdministratorSeesEverything(t *testing.T) {
	js, err := jetstream.New(natstest.StartDeclared(t).Connect())
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for range js.StreamNames(t.Context()).Name() {
		n++
	}
	if n != 9 {
		t.Errorf("%d streams", n)
	}
}

// wantsRefusal waits for the server to have looked at all that was sent.
func wantsRefusal(t *testing.T, nc *nats.Conn, refused func() []string, what string) {
	t.Helper()
	if err := nc.FlushTimeout(10 * time.Second); err != nil {
		t.Fatal(err)
	}
	for range 500 {
		if slices.ContainsFunc(refused(), func(one string) bool { return strings.Contains(one, what) }) {
			return
		}
		time.Sleep(2 * time.Millisecond)
	}
	t.Errorf("not refused: %s; refused are %v", what, refused())
}

func TestNscCommandsNameTheSameRights(t *testing.T) {
	commands := natsrights.Nsc("FRESQUE", false)
	for _, who := range subject.Services() {
		r := subject.RightsOf(who, false)
		for _, one := range append(slices.Clone(r.Publish), r.Subscribe...) {
			if !strings.Contains(commands, one) {
				t.Errorf("%s may not %s", who, one)
			}
		}
	}
	if strings.Count(commands, "--allow-pub-response=1") != 1 {
		t.Error("the board service alone answers")
	}
}
