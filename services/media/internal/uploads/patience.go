package uploads

import (
	"io"
	"net/http"
	"os"
	"time"
)

// leastBytes must come of a body within each time that it may be silent, or it
// is cut: what has come of it is kept.
const leastBytes = 4 << 10

// body is what a client sends: it may be slow, but it must go on.
type body struct {
	io.ReadCloser
	control *http.ResponseController
	silence time.Duration
	since   time.Time
	read    int64
	// count tells why no more may come after so many bytes.
	count func(n int) error
}

// patient gives each read of a body a time of its own, and the whole a least
// pace. What comes counts as an address's.
func (s *server) patient(w http.ResponseWriter, r *http.Request, address string) io.ReadCloser {
	return &body{
		ReadCloser: r.Body, control: http.NewResponseController(w), silence: s.Silence, since: time.Now(),
		count: func(n int) error {
			err := s.Bounds.Send(r.Context(), address, n)
			if err != nil {
				err = s.stopped(r, err)
			}
			return err
		},
	}
}

// Read gives what has come, or os.ErrDeadlineExceeded to whoever dawdles, and a
// refusal to whose address has sent too much.
func (b *body) Read(p []byte) (int, error) {
	if time.Since(b.since) > b.silence {
		if b.read < leastBytes {
			return 0, os.ErrDeadlineExceeded
		}
		b.since, b.read = time.Now(), 0
	}
	// A writer that has no deadlines, as in tests, does without.
	_ = b.control.SetReadDeadline(time.Now().Add(b.silence))
	_ = b.control.SetWriteDeadline(time.Now().Add(2 * b.silence))
	n, err := b.ReadCloser.Read(p)
	b.read += int64(n)
	if n > 0 && err == nil {
		err = b.count(n)
	}
	return n, err
}
