package mongostore

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// fate is what becomes of a command on its way.
type fate struct {
	// unasked: the server never sees it. unanswered: the client never sees the
	// answer, and its connection is cut.
	unasked, unanswered bool
	// code is told as the answer, in place of the server's.
	code int32
}

// wire stands between a driver and a server, and reads what they say: it can lose
// a request or an answer, or answer as a server does that loses its office.
type wire struct {
	listener net.Listener
	server   string
	// set is the replica set that the server seems to be, of one; empty for what
	// it is. A driver sends writes again to a replica set only.
	set string

	mu     sync.Mutex
	decide func(command string) fate
	faults int
}

func startWire(t *testing.T, address, set string) *wire {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{listener: listener, server: hostOf(t, address), set: set}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go w.serve(client)
		}
	})
	t.Cleanup(func() { _ = listener.Close(); all.Wait() })
	return w
}

// through is the address of a database by this way.
func (w *wire) through(t *testing.T, address string) string {
	how := "&directConnection=true"
	if w.set != "" {
		how = "&replicaSet=" + w.set
	}
	return strings.Replace(address, hostOf(t, address), w.listener.Addr().String(), 1) + how
}

// meet sets what happens to commands from now on; nil for nothing.
func (w *wire) meet(decide func(command string) fate) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.decide, w.faults = decide, 0
}

// next does something to the next command of a name, once.
func (w *wire) next(command string, f fate) {
	done := false
	w.meet(func(c string) fate {
		if done || c != command {
			return fate{}
		}
		done = true
		return f
	})
}

func (w *wire) met() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.faults
}

func (w *wire) fateOf(command string) fate {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.decide == nil {
		return fate{}
	}
	f := w.decide(command)
	if f != (fate{}) {
		w.faults++
	}
	return f
}

// serve relays one connection: a request, its answer, and so on.
func (w *wire) serve(client net.Conn) {
	defer func() { _ = client.Close() }()
	server, err := net.Dial("tcp", w.server)
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	for {
		request, err := readMessage(client)
		if err != nil {
			return
		}
		command := request.command()
		f := w.fateOf(command)
		if f.unasked && f.unanswered {
			return
		}
		var answer message
		if !f.unasked {
			if _, err := server.Write(request); err != nil {
				return
			}
			if answer, err = readMessage(server); err != nil || f.unanswered {
				return
			}
		}
		if f.code != 0 {
			answer = refusal(request, f.code)
		}
		if w.set != "" && (command == "hello" || strings.EqualFold(command, "isMaster")) {
			answer = w.disguise(answer)
		}
		if _, err := client.Write(answer); err != nil {
			return
		}
	}
}

// message is one of the wire protocol, with its header.
type message []byte

const (
	headerSize = 16
	opReply    = 1
	opQuery    = 2004
	opMsg      = 2013
)

func readMessage(from io.Reader) (message, error) {
	m := make(message, headerSize)
	if _, err := io.ReadFull(from, m); err != nil {
		return nil, err
	}
	size := binary.LittleEndian.Uint32(m)
	if size < headerSize || size > 64<<20 {
		return nil, fmt.Errorf("a message of %d bytes", size)
	}
	m = append(m, make([]byte, size-headerSize)...)
	_, err := io.ReadFull(from, m[headerSize:])
	return m, err
}

func (m message) op() uint32 { return binary.LittleEndian.Uint32(m[12:]) }

// body finds the first document.
func (m message) body() (start int, doc bson.Raw) {
	start = headerSize + 5 // OP_MSG: flags, and the section's kind
	switch m.op() {
	case opReply:
		start = headerSize + 20
	case opQuery:
		start = headerSize + 4
		start += strings.IndexByte(string(m[start:]), 0) + 1 + 8
	}
	return start, bson.Raw(m[start : start+int(binary.LittleEndian.Uint32(m[start:]))])
}

// command is its name: the first key.
func (m message) command() string {
	_, doc := m.body()
	first, err := doc.IndexErr(0)
	if err != nil {
		return ""
	}
	return first.Key()
}

// withBody is the same with another first document.
func (m message) withBody(doc bson.D) message {
	raw, err := bson.Marshal(doc)
	if err != nil {
		panic(err)
	}
	start, old := m.body()
	out := append(append(append(message{}, m[:start]...), raw...), m[start+len(old):]...)
	binary.LittleEndian.PutUint32(out, uint32(len(out)))
	return out
}

// refusal answers as a server that is not, or no longer, able to.
func refusal(request message, code int32) message {
	m := make(message, headerSize+5, 256)
	binary.LittleEndian.PutUint32(m[8:], binary.LittleEndian.Uint32(request[4:]))
	binary.LittleEndian.PutUint32(m[12:], opMsg)
	m = append(m, 5, 0, 0, 0, 0) // an empty document, to be replaced
	answer := bson.D{{Key: "ok", Value: 0.0}, {Key: "code", Value: code}, {Key: "errmsg", Value: "told by the test"}}
	if _, doc := request.body(); doc.Lookup("txnNumber").Type != 0 {
		answer = append(answer, bson.E{Key: "errorLabels", Value: bson.A{"RetryableWriteError"}})
	}
	return m.withBody(answer)
}

// disguise makes a server's introduction that of the primary of a set, which is
// found at this address. Without its topologyVersion drivers ask again each time
// rather than listen.
func (w *wire) disguise(answer message) message {
	_, raw := answer.body()
	var hello bson.D
	if err := bson.Unmarshal(raw, &hello); err != nil {
		panic(errors.Join(err, errors.New("an introduction")))
	}
	here := w.listener.Addr().String()
	ours := bson.D{
		{Key: "setName", Value: w.set}, {Key: "setVersion", Value: 1}, {Key: "secondary", Value: false},
		{Key: "hosts", Value: bson.A{here}}, {Key: "me", Value: here}, {Key: "primary", Value: here},
	}
	for _, e := range hello {
		switch e.Key {
		case "setName", "setVersion", "secondary", "hosts", "me", "primary", "topologyVersion", "passives", "arbiters", "electionId":
		default:
			ours = append(ours, e)
		}
	}
	return answer.withBody(ours)
}

// hostOf is the host and port of a plain address of one server.
func hostOf(t *testing.T, address string) string {
	t.Helper()
	host, _, _ := strings.Cut(strings.TrimPrefix(address, "mongodb://"), "/")
	if strings.ContainsAny(host, ",@") || strings.Contains(address, "+srv") || strings.Contains(address, "tls=") {
		t.Skip("needs one server without authentication or TLS in MONGODB_URI, to stand between")
	}
	return host
}
