package uploads

import (
	"errors"
	"io"
	"os"
	"sync"
)

const (
	// flowBuffer is what is read of an upload at a time, in bytes: much larger
	// than io.Copy's, for there are few uploads and each is long.
	flowBuffer = 256 << 10
	// flowStretch is after how many bytes the disk is told to begin with them.
	flowStretch = 8 << 20
)

var flowBuffers = sync.Pool{New: func() any { return new([flowBuffer]byte) }}

// flow is what comes of an upload. It has the disk take each stretch while the
// next comes, so that the end of the file does not have to wait for all of it.
type flow struct{ io.Reader }

// WriteTo is what io.Copy calls, with the file that tusd appends to.
func (f flow) WriteTo(w io.Writer) (n int64, err error) {
	buffer := flowBuffers.Get().(*[flowBuffer]byte)
	defer flowBuffers.Put(buffer)
	file, _ := w.(*os.File)
	var started int64
	for {
		read, readErr := f.Read(buffer[:])
		written, err := w.Write(buffer[:read])
		n += int64(written)
		if err != nil {
			return n, err
		}
		if file != nil && n-started >= flowStretch {
			beginWriting(file)
			started = n
		}
		if errors.Is(readErr, io.EOF) {
			return n, nil
		}
		if readErr != nil {
			return n, readErr
		}
	}
}
