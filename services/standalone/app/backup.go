package app

import (
	"context"
	"errors"
	"io"

	board "fresque.dev/services/board/app"
	media "fresque.dev/services/media/app"
	"fresque.dev/services/standalone/objects"
)

var errBackupUsage = errors.New("usage: fresque backup DIR | fresque verify DIR | fresque restore [-resume] DIR, and settings after it (-h)")

// IsBackup tells the verbs of backups.
func IsBackup(verb string) bool {
	return verb == board.BackupCommand || verb == board.RestoreCommand || verb == board.VerifyCommand
}

// Backup writes all that the data folder holds, but for its keys, into a folder,
// checks it there, or puts it into an empty data folder, as the verb says. The
// first argument is the folder, the others are settings. The product must not be
// running on the data. What it did it tells as lines of JSON.
func Backup(ctx context.Context, verb string, args []string, out, errs io.Writer) error {
	resume := verb == board.RestoreCommand && len(args) > 0 && args[0] == board.ResumeFlag
	if resume {
		args = args[1:]
	}
	if len(args) == 0 || args[0] == "" || args[0][0] == '-' {
		return errBackupUsage
	}
	dir := args[0]
	if verb == board.VerifyCommand {
		return errors.Join(board.Backup(ctx, verb, args[:1], out, errs), media.Backup(ctx, verb, args[:1], out))
	}
	cfg, err := parse(args[1:], out)
	if err != nil {
		return err
	}
	kept, unlock, err := openState(cfg.Data)
	if err != nil {
		return err
	}
	defer unlock()
	s3, err := objects.Start(ctx, objects.Config{Dir: kept.path("objects"), Addr: "127.0.0.1:0"})
	if err != nil {
		return err
	}
	defer func() { _ = s3.Close() }()
	files := media.Default()
	files.S3.Endpoint, files.S3.AccessKey, files.S3.SecretKey = s3.Endpoint(), s3.AccessKey(), s3.SecretKey()
	documents := cfg.boardConfig("sqlite:"+kept.path("board.db"), "", "")
	log := cfg.Logger(errs)
	// Documents first, and files before the documents that show them.
	if verb == board.BackupCommand {
		if err := documents.Backup(ctx, verb, dir, false, out, log); err != nil {
			return err
		}
		return files.Backup(ctx, verb, dir, out)
	}
	if err := files.Backup(ctx, verb, dir, out); err != nil {
		return err
	}
	return documents.Backup(ctx, verb, dir, resume, out, log)
}
