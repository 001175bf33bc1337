package uploads

import (
	"os"

	"golang.org/x/sys/unix"
)

// beginWriting has the disk begin with what was written, and waits for nothing: a
// failure shows when the file is synchronised.
func beginWriting(f *os.File) {
	_ = unix.SyncFileRange(int(f.Fd()), 0, 0, unix.SYNC_FILE_RANGE_WRITE)
}
