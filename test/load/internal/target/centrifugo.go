//go:build linux

package target

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"fresque.dev/test/load/internal/mark"
	"fresque.dev/test/load/internal/proc"
	"fresque.dev/test/load/internal/wire"
)

// subjects is where centrifugo listens on NATS, followed by a channel.
const subjects = "bench."

// centrifugo is the public peer: readers by WebSocket with JSON, as its own
// client does, and events by NATS, as Fresque gets them. Its broker takes raw
// messages there, which spares it an HTTP request for each event. History is
// off, and so are its pings, for which it would wake each client.
type centrifugo struct {
	programs Programs
	broker   *broker
	server   *proc.Process
	port     int
}

// Open starts NATS and centrifugo. A channel needs no making.
func (c *centrifugo) Open(ctx context.Context, _ int) error {
	folder, err := c.programs.folder(KindCentrifugo)
	if err != nil {
		return err
	}
	if c.broker, err = startBroker(ctx, c.programs, folder); err != nil {
		return err
	}
	if c.port, err = freePort(ctx); err != nil {
		return err
	}
	config := filepath.Join(folder, "centrifugo.json")
	if err := writeJSON(config, c.settings()); err != nil {
		return err
	}
	if c.server, err = proc.Start(folder, c.programs.Centrifugo, []string{"--config", config}, nil); err != nil {
		return err
	}
	return awaitPort(ctx, c.server, c.port)
}

func (c *centrifugo) settings() map[string]any {
	return map[string]any{
		"address": "127.0.0.1", "port": strconv.Itoa(c.port),
		"broker": "nats", "nats_url": c.broker.address, "nats_raw_mode": map[string]any{"enabled": true, "prefix": subjects},
		"allow_anonymous_connect_without_token": true, "allow_subscribe_for_client": true, "allow_subscribe_for_anonymous": true,
		"ping_interval": "1h", "log_level": "error", "usage_stats_disable": true, "api_disable": true,
	}
}

func writeJSON(path string, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	const private = 0o600
	return os.WriteFile(path, data, private)
}

// Prepare has nothing to do.
func (c *centrifugo) Prepare(context.Context, int) error { return nil }

// Connect opens a WebSocket and subscribes to the wall's channel.
func (c *centrifugo) Connect(_ context.Context, wall, _ int) (int, error) {
	upgrade := wire.Request(http.MethodGet, "/connection/websocket", nil, "Connection", "Upgrade", "Upgrade", "websocket",
		"Sec-WebSocket-Version", "13", "Sec-WebSocket-Key", "MDEyMzQ1Njc4OWFiY2RlZg==")
	socket, err := connect(c.port, upgrade, func(answer []byte) (bool, error) {
		if len(answer) > len(switching) && !bytes.HasPrefix(answer, []byte(switching)) {
			return false, fmt.Errorf("a reader was answered %s", answer)
		}
		return bytes.HasSuffix(answer, []byte("\r\n\r\n")), nil
	})
	if err != nil {
		return -1, err
	}
	// It takes no frame before it has answered.
	commands := fmt.Sprintf("{\"id\":1,\"connect\":{}}\n{\"id\":2,\"subscribe\":{\"channel\":%q}}", channel(wall))
	err = converse(socket, textFrame(commands), func(answer []byte) (bool, error) {
		if bytes.Contains(answer, []byte(`"error"`)) {
			return false, fmt.Errorf("a reader was answered %s", answer)
		}
		return bytes.Contains(answer, []byte(`"id":2,"subscribe":{`)), nil
	})
	if err != nil {
		return -1, errors.Join(err, unix.Close(socket))
	}
	return socket, nil
}

const switching = "HTTP/1.1 101 "

func channel(wall int) string { return fmt.Sprintf("wall%06d", wall) }

// textFrame is a WebSocket text frame of a client: masked, with a mask of
// zeroes, and shorter than 126 bytes.
func textFrame(text string) []byte {
	const final, text1, masked = 0x80, 0x01, 0x80
	return append([]byte{final | text1, masked | byte(len(text)), 0, 0, 0, 0}, text...)
}

// Publish sends JSON of a post's shape.
func (c *centrifugo) Publish(wall int, seq uint32, padding int) error {
	event := fmt.Sprintf(`{"kind":"post","post":{"title":%q,"body":%q}}`,
		mark.New(seq, time.Now()), strings.Repeat("x", padding))
	if err := c.broker.conn.Publish(subjects+channel(wall), []byte(event)); err != nil {
		return err
	}
	return c.broker.conn.Flush()
}

// Server is centrifugo.
func (c *centrifugo) Server() *proc.Process { return c.server }

// Broker is NATS.
func (c *centrifugo) Broker() *proc.Process { return c.broker.process }

// Close ends centrifugo, then NATS.
func (c *centrifugo) Close() {
	if c.server != nil {
		c.server.Kill()
	}
	c.broker.stop()
}
