package app

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"fresque.dev/proto/subject"
	"fresque.dev/services/internal/doctor"
	"fresque.dev/services/media/internal/clamav"
	"fresque.dev/services/media/internal/confine"
	"fresque.dev/services/media/internal/media"
	"fresque.dev/services/media/internal/objects"
	"fresque.dev/services/media/internal/workshop"
)

// staleSignatures is how old the signatures of viruses may be.
const staleSignatures = 3 * 24 * time.Hour

// Doctor examines what the service needs, by the settings that arguments, the
// environment and a file give. It answers doctor.ErrBroken when something is.
func Doctor(ctx context.Context, args []string, out io.Writer) error {
	return doctor.Run(ctx, "media", args, out, Load, func(ctx context.Context, c Config, r *doctor.Report) { c.examine(ctx, r) })
}

func (c Config) examine(ctx context.Context, r *doctor.Report) {
	c.examineDisk(r)
	c.examineObjects(ctx, r)
	c.examineScanner(ctx, r)
	c.examineTools(r)
	r.NATS(ctx, c.NATS, subject.MediaService, c.Replicas,
		doctor.Stream{Name: subject.MediaStream}, doctor.Stream{Name: subject.MediaCommands, Reader: subject.OrderConsumer})
	if r.Address(ctx, "uploads", "UPLOAD_URL", c.UploadURL) {
		for _, origin := range c.AppOrigins {
			r.Uploads(ctx, c.UploadURL, origin, "Have the proxy send /uploads/ to the media service with all its headers, OPTIONS too.")
		}
	}
}

func (c Config) examineDisk(r *doctor.Report) {
	const of = "disk"
	file, err := os.CreateTemp(c.Dir, ".doctor-*")
	if err != nil {
		r.Fault(of, err, "Make the folder of DIR, on a disk that lasts, and give it to the service's user.")
		return
	}
	_, err = file.WriteString("tried")
	if err = errors.Join(err, file.Close(), os.Remove(file.Name())); err != nil {
		r.Fault(of, err, "See whether the disk of DIR has room and is well.")
		return
	}
	var s syscall.Statfs_t
	if err := syscall.Statfs(c.Dir, &s); err != nil {
		r.Fault(of, err, "See whether the disk of DIR is well.")
		return
	}
	free := int64(s.Bavail) * int64(s.Bsize) >> 20 //nolint:unconvert // its type is not the same on every system
	if free <= int64(c.ReserveMiB) {
		r.Fault(of, fmt.Errorf("%d MiB are free, and RESERVE_MIB keeps %d: no upload begins", free, c.ReserveMiB), "Make the disk of DIR larger, or see what fills it.")
		return
	}
	r.Good(of, "%d MiB are free", free)
}

func (c Config) examineObjects(ctx context.Context, r *doctor.Report) {
	const of = "objects"
	ctx, cancel := doctor.Within(ctx)
	defer cancel()
	store, err := objects.New((&App{cfg: c}).s3())
	if err == nil {
		err = store.Check(ctx)
	}
	if err != nil {
		r.Fault(of, err, mendObjects(err))
		return
	}
	if err := tryObjects(ctx, store); err != nil {
		r.Fault(of, err, "Let S3_ACCESS_KEY put, get, list and delete in the bucket, and see whether it has room.")
		return
	}
	r.Good(of, "what is put into the bucket %s is got again, and deleted", c.S3.Bucket)
}

// mendObjects says what to do about an S3 that says no.
func mendObjects(err error) string {
	switch text := err.Error(); {
	case strings.Contains(text, "is not there"):
		return "Make the bucket, or let S3_ACCESS_KEY make it: the service does so at its start. Or mend S3_ACCESS_KEY: to who may not see it, it is not there."
	case strings.Contains(text, "TooSkewed"):
		return "Keep the clocks of all machines by NTP: S3 refuses requests from another time."
	case strings.Contains(text, "InvalidAccessKey"), strings.Contains(text, "SignatureDoesNotMatch"), strings.Contains(text, "Forbidden"), strings.Contains(text, "Access Denied"):
		return "Mend S3_ACCESS_KEY and S3_SECRET_KEY, or the rights of that key in the bucket."
	}
	return "Start the S3, or mend S3_ENDPOINT, S3_SCHEME and S3_REGION."
}

// tryObjects puts an object where none ever is, gets it and deletes it.
func tryObjects(ctx context.Context, store *objects.Store) (err error) {
	var id [16]byte
	_, _ = rand.Read(id[:])
	board := media.ID(fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:]))
	upload := board
	key := media.NewKey([]byte("doctor"), media.Upload{Board: board, ID: upload}, [32]byte{}, "file/tried.txt")
	content := []byte(rand.Text())
	if err := store.Put(ctx, key, bytes.NewReader(content), int64(len(content))); err != nil {
		return err
	}
	defer func() {
		if gone := store.Clear(ctx, board, upload); gone != nil {
			err = errors.Join(err, fmt.Errorf("delete: %w", gone))
		} else if _, still := store.Size(ctx, key); !errors.Is(still, media.ErrNoObject) {
			err = errors.Join(err, errors.New("what was deleted is still there"))
		}
	}()
	body, err := store.Read(ctx, key, 0, int64(len(content)))
	if err != nil {
		return fmt.Errorf("get: %w", err)
	}
	defer func() { _ = body.Close() }()
	if got, err := io.ReadAll(body); err != nil || !bytes.Equal(got, content) {
		return errors.Join(errors.New("what was got is not what was put"), err)
	}
	return nil
}

func (c Config) examineScanner(ctx context.Context, r *doctor.Report) {
	const of = "scanner"
	if c.Clamd == "" {
		r.Skip(of, "CLAMD is empty: files are not scanned for viruses")
		return
	}
	scanner, err := clamav.New(c.Clamd)
	if err == nil {
		err = scanner.Check(ctx)
	}
	var version string
	var signed time.Time
	if err == nil {
		version, signed, err = scanner.Signatures(ctx)
	}
	switch age := time.Since(signed); {
	case err != nil:
		r.Fault(of, err, "Start clamd, or mend CLAMD: uploads wait for it.")
	case signed.IsZero():
		r.Skip(of, version+" answers, and does not say of when its signatures are")
	case age > staleSignatures:
		r.Fault(of, fmt.Errorf("the signatures of viruses are %d days old", int(age.Hours()/24)), "See why freshclam does not bring new ones: its log, the network, its mirror.")
	default:
		r.Good(of, "%s answers; signatures of %s", version, signed.Format(time.DateOnly))
	}
}

func (c Config) examineTools(r *doctor.Report) {
	const of = "tools"
	shop := workshop.New(workshop.Config{Dir: c.Dir, Without: c.Without})
	missing := shop.Missing()
	wanted := missing[:0:0]
	for _, name := range missing {
		if !slices.Contains(c.Without, name) {
			wanted = append(wanted, name)
		}
	}
	if len(wanted) > 0 {
		r.Fault(of, fmt.Errorf("not installed: %s", strings.Join(wanted, ", ")), "Install ffmpeg, poppler-utils and libreoffice (docs/media.md says what each is for), or name in WITHOUT_TOOLS what you do without.")
	} else {
		r.Good(of, "all that are wanted are installed")
	}
	if !confine.Isolated() || !confine.LockedIn() {
		r.Skip(of, "they run less confined than they could: this system has no user namespaces for others than root, or no Landlock")
	}
}
