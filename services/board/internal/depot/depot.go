// Package depot reads what uploads have become from the media service, by the
// same addresses as browsers do.
package depot

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"fresque.dev/services/internal/fault"
)

const (
	// answerWithin bounds the time until a file begins.
	answerWithin = 10 * time.Second
	// quietFor is how long a file may stand still.
	quietFor = 20 * time.Second
)

// Reader reads files. It is safe for concurrent use.
type Reader struct {
	base   string
	client *http.Client
	quiet  time.Duration
}

// New reads from an address, under which the paths of files are.
func New(base string) *Reader {
	transport := &http.Transport{
		DialContext: (&net.Dialer{Timeout: answerWithin}).DialContext, TLSHandshakeTimeout: answerWithin,
		ResponseHeaderTimeout: answerWithin, IdleConnTimeout: time.Minute, MaxIdleConnsPerHost: 4, DisableCompression: true,
	}
	return &Reader{base: strings.TrimSuffix(base, "/"), quiet: quietFor, client: &http.Client{
		Transport: transport,
		// It serves its files itself: whoever sends us elsewhere is somebody else.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Open gives a file from a byte on. A file that is not there, or cannot be read
// now, is a fault of the kind Unavailable.
func (r *Reader) Open(ctx context.Context, path string, from int64) (io.ReadCloser, error) {
	ctx, cancel := context.WithCancel(ctx)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.base+"/"+strings.TrimPrefix(path, "/"), nil)
	if err != nil {
		cancel()
		return nil, unreadable(err)
	}
	if from > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", from))
	}
	res, err := r.client.Do(req)
	if err != nil {
		cancel()
		return nil, unreadable(err)
	}
	want := http.StatusOK
	if from > 0 {
		want = http.StatusPartialContent
	}
	if res.StatusCode != want {
		_ = res.Body.Close()
		cancel()
		return nil, unreadable(fmt.Errorf("status %d", res.StatusCode))
	}
	still := time.AfterFunc(r.quiet, cancel)
	still.Stop()
	return &file{ReadCloser: res.Body, cancel: cancel, still: still, quiet: r.quiet}, nil
}

func unreadable(err error) error { return fault.Wrap(fault.Unavailable, "media_unreadable", err) }

// file ends when it is asked for more and nothing comes for a while. Whoever takes
// long with what has come, since they hand it on to somebody slow, loses nothing.
type file struct {
	io.ReadCloser
	cancel context.CancelFunc
	still  *time.Timer
	quiet  time.Duration
}

// Read reads on.
func (f *file) Read(p []byte) (int, error) {
	f.still.Reset(f.quiet)
	defer f.still.Stop()
	return f.ReadCloser.Read(p)
}

// Close lets go of the connection.
func (f *file) Close() error {
	f.still.Stop()
	f.cancel()
	return f.ReadCloser.Close()
}
