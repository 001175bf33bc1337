//go:build linux

package target

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"fresque.dev/test/load/internal/proc"
)

// ServeStatic answers every request with the bytes of a file: what serving a
// snapshot costs Go's own server when there is nothing to know or to make. The
// address is told on the first line of the output.
func ServeStatic(ctx context.Context, path string) error {
	body, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	s := &http.Server{ReadHeaderTimeout: openWithin, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(len(body)))
		_, _ = w.Write(body) // the asker may be gone
	})}
	stop := context.AfterFunc(ctx, func() { _ = s.Close() })
	defer stop()
	if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// StartStatic runs ServeStatic as a process, and gives its address.
func StartStatic(ctx context.Context, p Programs, body []byte) (*proc.Process, string, error) {
	ctx, cancel := context.WithTimeout(ctx, openWithin)
	defer cancel()
	folder, err := p.folder("static")
	if err != nil {
		return nil, "", err
	}
	const private = 0o600
	path := folder + "/body"
	if err := os.WriteFile(path, body, private); err != nil {
		return nil, "", err
	}
	process, err := proc.Start(folder, p.Self, []string{"static", path}, nil)
	if err != nil {
		return nil, "", err
	}
	address, err := process.FirstLine(ctx)
	if err != nil {
		process.Stop()
		return nil, "", err
	}
	return process, address, nil
}

// Syncs counts how often a second the disk takes a write of so many bytes and
// says that it has it, one at a time: the floor of what is durable.
func Syncs(p Programs, size int, during time.Duration) (perSecond float64, err error) {
	folder, err := p.folder("syncs")
	if err != nil {
		return 0, err
	}
	f, err := os.Create(folder + "/log")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	data, start, n := make([]byte, size), time.Now(), 0
	for ; time.Since(start) < during; n++ {
		if _, err := f.Write(data); err != nil {
			return 0, err
		}
		if err := f.Sync(); err != nil {
			return 0, err
		}
	}
	return float64(n) / time.Since(start).Seconds(), nil
}
