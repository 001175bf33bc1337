package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"strings"
	"time"

	"fresque.dev/proto/subject"
	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/board/internal/keyring"
	"fresque.dev/services/board/internal/store/mongostore"
	"fresque.dev/services/board/internal/store/sqlitestore"
	"fresque.dev/services/internal/doctor"
)

// Doctor examines what the service needs, by the settings that arguments, the
// environment and a file give. It answers doctor.ErrBroken when something is.
func Doctor(ctx context.Context, args []string, out io.Writer) error {
	return doctor.Run(ctx, "board", args, out, Load, func(ctx context.Context, c Config, r *doctor.Report) { c.examine(ctx, r) })
}

func (c Config) examine(ctx context.Context, r *doctor.Report) {
	events := doctor.Stream{Name: subject.BoardStream}
	streams := []doctor.Stream{{Name: subject.MediaStream, Reader: subject.NewsConsumer, ReaderOnly: true}}
	// What tells platforms is there, and at work, from the first that listens on.
	if c.examineStore(ctx, r) {
		events.Reader = subject.ChangeConsumer
		streams = append(streams, doctor.Stream{Name: subject.DeliveryStream, Reader: subject.DeliveryConsumer})
	}
	r.NATS(ctx, c.NATS, subject.BoardService, c.Replicas, append([]doctor.Stream{events}, streams...)...)
	r.Apart(map[string]string{"PUBLIC_URL": c.PublicURL, "MEDIA_URL": c.MediaURL}, "PUBLIC_URL", "MEDIA_URL")
	r.Apart(map[string]string{"PUBLIC_URL": c.PublicURL, "UPLOAD_URL": c.UploadURL}, "PUBLIC_URL", "UPLOAD_URL")
	if r.Address(ctx, "wall", "PUBLIC_URL", c.PublicURL) {
		r.Live(ctx, c.PublicURL, c.OperatorKey)
	}
	r.Address(ctx, "files", "MEDIA_URL", c.MediaURL)
	if r.Address(ctx, "uploads", "UPLOAD_URL", c.UploadURL) {
		r.Uploads(ctx, c.UploadURL, c.PublicURL, "Put the origin of PUBLIC_URL into FRESQUE_MEDIA_APP_ORIGINS, and have the proxy send /uploads/ to the media service with all its headers.")
	}
}

const (
	mendStore = "Start the store, or mend STORE; docs/mongodb.md says what MongoDB is asked for."
	mendKey   = "Give MASTER_KEY the key that this store has had, or look whether STORE is the store that was meant; never make a new key for it."
	mendNewer = "Start the newer release again, or restore a backup from before it (docs/backup.md)."
)

// examineStore changes no schema: it opens the store when nothing waits only. It
// gives whether a platform is told of participation.
func (c Config) examineStore(ctx context.Context, r *doctor.Report) (told bool) {
	const of = "store"
	ctx, cancel := doctor.Within(ctx)
	defer cancel()
	if path, ok := strings.CutPrefix(c.Store, "sqlite:"); ok {
		if !examineSQLite(ctx, r, path) {
			return false
		}
	} else if !c.examineMongo(ctx, r) {
		return false
	}
	c.Migrate = migrateOnAsk
	s, err := openStore(ctx, c, slog.New(slog.DiscardHandler))
	if err != nil {
		r.Fault(of, err, mendStore)
		return false
	}
	defer func() { _ = s.Close() }()
	if err := board.TryStore(ctx, s, time.Now().UTC()); err != nil {
		r.Fault(of, fmt.Errorf("write and read: %w", err), "See whether the store has room and takes writes: the disk, the primary, the rights of its user.")
		return false
	}
	r.Good(of, "what is written is read again")
	c.examineKeys(ctx, r, s)
	told, err = (&board.Service{Deps: board.Deps{Store: s}}).HasWebhooks(ctx)
	if err != nil {
		r.Fault(of, fmt.Errorf("the list of platforms: %w", err), mendStore)
	}
	return told
}

// examineKeys looks whether the master key is that of the store, and turns nothing.
func (c Config) examineKeys(ctx context.Context, r *doctor.Report, s store) {
	const of = "keys"
	masters, err := c.masterKeys()
	if err != nil {
		r.Fault(of, err, mendKey)
		return
	}
	keeper, err := keyring.New(s, masters, time.Now)
	if err == nil {
		_, err = keeper.Again(ctx)
	}
	switch {
	case errors.Is(err, board.ErrNotFound):
		r.Skip(of, "the store has none yet: they are made at the first start")
	case err != nil:
		r.Fault(of, err, mendKey)
	default:
		r.Good(of, "MASTER_KEY opens those of the store")
	}
}

func examineSQLite(ctx context.Context, r *doctor.Report, path string) bool {
	const of = "store"
	version, err := sqlitestore.Version(ctx, path)
	switch known := sqlitestore.SchemaVersion(); {
	case errors.Is(err, fs.ErrNotExist):
		r.Skip(of, "the file is not there yet: it is made at the first start")
	case err != nil:
		r.Fault(of, err, "See whether this user may read and write the file of STORE, and whether its disk is well.")
	case version > known:
		r.Fault(of, fmt.Errorf("its schema is version %d, and this release knows up to %d", version, known), mendNewer)
	case version < known:
		r.Skip(of, fmt.Sprintf("its schema is version %d of %d: it is brought up to date at the next start", version, known))
	default:
		r.Good(of, "schema version %d", version)
		return true
	}
	return false
}

func (c Config) examineMongo(ctx context.Context, r *doctor.Report) bool {
	const of = "store"
	now, err := mongostore.Migrations(ctx, c.Store, c.mongo(slog.New(slog.DiscardHandler)))
	switch {
	case err != nil:
		r.Fault(of, err, mendStore)
	case now.Version > now.Known:
		r.Fault(of, fmt.Errorf("its schema is version %d, and this release knows up to %d", now.Version, now.Known), mendNewer)
	case !now.Done():
		r.Fault(of, fmt.Errorf("schema version %d of %d, %d migrations wait, missing indexes: %d", now.Version, now.Known, len(now.Pending), len(now.MissingIndexes)),
			"Run boardd migrate (it may take a while; the service goes on).")
	default:
		r.Good(of, "schema version %d, all indexes are there", now.Version)
		return true
	}
	return false
}
