package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"fresque.dev/services/media/internal/backup"
	"fresque.dev/services/media/internal/objects"
)

// The verbs of backups.
const (
	BackupCommand  = "backup"
	RestoreCommand = "restore"
	VerifyCommand  = "verify"
)

var errBackupUsage = errors.New("usage: mediad backup DIR | mediad verify DIR | mediad restore DIR, and settings after it (-h)")

// Backup copies all objects into a folder, checks them there, or puts them back,
// as the verb says. The first argument is the folder, the others are settings.
// What it did it tells as JSON.
func Backup(ctx context.Context, verb string, args []string, out io.Writer) error {
	if len(args) == 0 || args[0] == "" || args[0][0] == '-' {
		return errBackupUsage
	}
	dir := args[0]
	if verb == VerifyCommand {
		r, err := backup.Verify(ctx, dir)
		return tell(out, r, err)
	}
	cfg, err := Load(args[1:], out)
	if err != nil {
		return err
	}
	return cfg.Backup(ctx, verb, dir, out)
}

// Backup is what Backup does, of a configuration.
func (c Config) Backup(ctx context.Context, verb, dir string, out io.Writer) error {
	store, err := objects.New((&App{cfg: c}).s3())
	if err != nil {
		return err
	}
	var r backup.Report
	if verb == RestoreCommand {
		if err := store.EnsureBucket(ctx); err != nil {
			return err
		}
		r, err = backup.Restore(ctx, dir, store)
	} else {
		if err := store.Check(ctx); err != nil {
			return err
		}
		r, err = backup.Write(ctx, store, dir)
	}
	return tell(out, r, err)
}

func tell(out io.Writer, r backup.Report, err error) error {
	if err != nil {
		return fmt.Errorf("objects: %w", err)
	}
	return json.NewEncoder(out).Encode(r)
}
