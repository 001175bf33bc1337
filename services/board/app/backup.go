package app

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"fresque.dev/services/board/internal/backup"
)

// The verbs of backups.
const (
	BackupCommand  = "backup"
	RestoreCommand = "restore"
	VerifyCommand  = "verify"
)

// ResumeFlag goes on with a restore that was cut off.
const ResumeFlag = "-resume"

var errBackupUsage = errors.New("usage: boardd backup DIR | boardd verify DIR | boardd restore [-resume] DIR, and settings after it (-h)")

// Backup writes all documents into a folder, checks them there, or puts them into
// an empty store, as the verb says. The first argument is the folder, the others
// are settings. What it did it tells as JSON; logs go to errs.
func Backup(ctx context.Context, verb string, args []string, out, errs io.Writer) error {
	resume := len(args) > 0 && args[0] == ResumeFlag && verb == RestoreCommand
	if resume {
		args = args[1:]
	}
	if len(args) == 0 || args[0] == "" || args[0][0] == '-' {
		return errBackupUsage
	}
	dir := args[0]
	if verb == VerifyCommand {
		m, err := backup.Verify(dir)
		if err := tell(out, m, err); err != nil {
			return err
		}
		_, err = filesIn(dir) // what a restore would refuse
		return err
	}
	cfg, err := Load(args[1:], out)
	if err != nil {
		return err
	}
	return cfg.Backup(ctx, verb, dir, resume, out, cfg.Logger(errs))
}

// Backup is what Backup does, of a configuration.
func (c Config) Backup(ctx context.Context, verb, dir string, resume bool, out io.Writer, log *slog.Logger) (err error) {
	if path, ok := strings.CutPrefix(c.Store, "sqlite:"); ok && verb == BackupCommand {
		if _, err := os.Stat(path); err != nil {
			return err // opening would make one
		}
	}
	s, err := openStore(ctx, c, log)
	if err != nil {
		return fmt.Errorf("open the store: %w", err)
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if verb == RestoreCommand {
		there, err := filesIn(dir)
		if err != nil {
			return err
		}
		m, err := backup.Restore(ctx, dir, s, resume, there)
		return tell(out, m, err)
	}
	m, err := backup.Write(ctx, s, dir, time.Now)
	return tell(out, m, err)
}

// filesIn tells which files of uploads the media service has put into the same
// backup, after the documents.
func filesIn(dir string) (func(path string) bool, error) {
	documents, err := os.ReadFile(filepath.Join(dir, "documents.json"))
	if err != nil {
		return nil, err
	}
	list, err := os.ReadFile(filepath.Join(dir, "objects.jsonl"))
	if err != nil {
		return nil, fmt.Errorf("the objects are not in the backup (mediad backup): %w", err)
	}
	list = bytes.TrimSpace(list)
	var end struct{ Documents string }
	if err := json.Unmarshal(list[bytes.LastIndexByte(list, '\n')+1:], &end); err != nil {
		return nil, fmt.Errorf("objects.jsonl: %w", err)
	}
	if sum := sha256.Sum256(documents); end.Documents != hex.EncodeToString(sum[:]) {
		return nil, errors.New("the objects are older than the documents: mediad backup was not run, or did not end, after boardd backup")
	}
	return func(path string) bool {
		key, err := url.PathUnescape(strings.TrimPrefix(path, "/m/"))
		if err != nil || !filepath.IsLocal(filepath.FromSlash(key)) {
			return false
		}
		info, err := os.Stat(filepath.Join(dir, "objects", filepath.FromSlash(key)))
		return err == nil && info.Mode().IsRegular()
	}, nil
}

func tell(out io.Writer, m backup.Manifest, err error) error {
	if err != nil {
		return fmt.Errorf("documents: %w", err)
	}
	return json.NewEncoder(out).Encode(m)
}
