package uploads

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"testing/iotest"
)

// TestFlow: what comes is appended as it came, over several stretches, and what
// came before a connection broke is counted.
func TestFlow(t *testing.T) {
	sent := bytes.Repeat([]byte("0123456789abcdef"), (2*flowStretch+flowBuffer)/16)
	errCut := errors.New("cut off")
	for _, end := range []error{nil, errCut} {
		path := filepath.Join(t.TempDir(), "f")
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		src := iotest.DataErrReader(bytes.NewReader(sent))
		if end != nil {
			src = io.MultiReader(src, iotest.ErrReader(end))
		}
		n, err := io.Copy(f, flow{src})
		if n != int64(len(sent)) || !errors.Is(err, end) {
			t.Errorf("%d of %d bytes, %v", n, len(sent), err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, sent) {
			t.Errorf("the file has %d bytes that differ (%v)", len(got), err)
		}
	}
}

// TestFlowToAFullDisk: what was written is counted, and why no more is told.
func TestFlowToAFullDisk(t *testing.T) {
	errFull := errors.New("no space")
	n, err := io.Copy(writer(func(p []byte) (int, error) { return len(p) / 2, errFull }), flow{bytes.NewReader(make([]byte, 100))})
	if n != 50 || !errors.Is(err, errFull) {
		t.Errorf("%d, %v", n, err)
	}
}

type writer func([]byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }
