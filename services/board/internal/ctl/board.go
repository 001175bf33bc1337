package ctl

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"hash"
	"io"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	// boardName is what a wall is made of, inside its archive.
	boardName = "board.json"
	// sendTries is how often the sending of a file is taken up again.
	sendTries = 5
	// sendRest is how long to wait before that, longer each time.
	sendRest   = 2 * time.Second
	tusVersion = "1.0.0"
)

var boardCommands = []command{
	{"export", "fresquectl board export BOARD -out FILE.zip: a whole wall, with its files, to read and to import again.", anID, func(f *flag.FlagSet) action {
		out := f.String("out", "", "where to write the ZIP; it must not be there yet")
		language := f.String("lang", "", "of its page: fr or en; the wall's own when left out")
		return func(ctx context.Context, t *tool, id string) error {
			if *out == "" {
				return misuse("say with -out where to write the ZIP")
			}
			query := ""
			if *language != "" {
				query = "?lang=" + url.QueryEscape(*language)
			}
			return t.fetch(ctx, "/operator/boards/"+id+"/archive.zip"+query, *out)
		}
	}},
	{"show", "fresquectl board show BOARD: whose it is, since when, and how much is on it.", anID, func(*flag.FlagSet) action {
		return func(ctx context.Context, t *tool, id string) error {
			return t.told(ctx, http.MethodGet, "/operator/boards/"+id, nil, t.boardFacts)
		}
	}},
	{"archive", "fresquectl board archive BOARD: puts a wall away, to be read and not written.", anID, func(f *flag.FlagSet) action {
		back := f.Bool("back", false, "take it out again")
		return func(ctx context.Context, t *tool, id string) error {
			return t.told(ctx, http.MethodPut, "/operator/boards/"+id+"/archived", map[string]any{"archived": !*back}, t.boardFacts)
		}
	}},
	{"delete", "fresquectl board delete BOARD: puts a wall into the trash; for 30 days it can be restored.", anID, func(*flag.FlagSet) action {
		return func(ctx context.Context, t *tool, id string) error {
			return t.told(ctx, http.MethodDelete, "/operator/boards/"+id, nil, t.boardFacts)
		}
	}},
	{"restore", "fresquectl board restore BOARD: takes a wall out of the trash.", anID, func(*flag.FlagSet) action {
		return func(ctx context.Context, t *tool, id string) error {
			return t.told(ctx, http.MethodPost, "/operator/boards/"+id+"/restore", nil, t.boardFacts)
		}
	}},
	{"import", "fresquectl board import FILE.zip: makes a wall out of an exported one, and sends its files.\nCut short, the same command goes on.", aFile, func(f *flag.FlagSet) action {
		title := f.String("title", "", "of the wall; that of the export when left out")
		again := f.String("another", "", "any word: makes another wall of the same file")
		return func(ctx context.Context, t *tool, file string) error {
			return t.importBoard(ctx, file, *title, *again)
		}
	}},
}

// fetch writes what an address gives into a file, whole or not at all.
func (t *tool) fetch(ctx context.Context, address, file string) (err error) {
	into, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, into.Close())
		if err != nil {
			_ = os.Remove(file)
		}
	}()
	res, err := t.open(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	n, err := io.Copy(into, res.Body)
	if err != nil {
		return err
	}
	if t.json {
		return t.asJSON(map[string]any{"file": file, "bytes": n})
	}
	fmt.Fprintf(t.out, "%s has %d bytes.\n", file, n)
	return nil
}

// kept is what the command reads of a transfer.
type kept struct {
	Media []struct {
		File, SHA256 string
		Size         int64
	}
}

// imported is what the service tells of an import.
type imported struct {
	Board   struct{ ID, Title string }
	Links   []struct{ Role, URL string }
	Media   []importedFile
	Without struct{ Pictures, Posts int }
}

type importedFile struct {
	ID, File, Name, State, Refusal string
	Upload                         *struct{ URL, Token string }
}

// importBoard makes a board of an archive, and sends the files that it asks for.
func (t *tool) importBoard(ctx context.Context, file, title, another string) error {
	z, err := zip.OpenReader(file)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	defer func() { _ = z.Close() }()
	in, folder, err := entriesOf(&z.Reader)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	raw, err := whole(in[folder+boardName])
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	var of kept
	if err := json.Unmarshal(raw, &of); err != nil {
		return fmt.Errorf("%s: %s: %w", file, boardName, err)
	}
	sum := sha256.Sum256(append(raw, another...))
	query := url.Values{"id": {idOf(sum[:])}, "title": {title}}
	told, err := t.ask(ctx, http.MethodPost, "/operator/boards/import?"+query.Encode(), json.RawMessage(raw))
	if err != nil {
		return err
	}
	var made imported
	if err := json.Unmarshal(told, &made); err != nil {
		return err
	}
	left := t.sendAll(ctx, made.Media, of, in, folder)
	if t.json {
		fmt.Fprintf(t.out, "%s\n", told)
	} else {
		t.tellImported(made)
	}
	return left
}

func (t *tool) tellImported(made imported) {
	fmt.Fprintf(t.out, "%s\nid of the wall  %s\n", made.Board.Title, made.Board.ID)
	for _, l := range made.Links {
		fmt.Fprintf(t.out, "%-15s %s\n", l.Role, l.URL)
	}
	if made.Without.Pictures > 0 {
		fmt.Fprintf(t.out, "Files that were missing from the export: %d; posts that were nothing else: %d\n", made.Without.Pictures, made.Without.Posts)
	}
}

// sendAll sends what is still to come, and tells all that did not come along.
func (t *tool) sendAll(ctx context.Context, files []importedFile, of kept, in map[string]*zip.File, folder string) error {
	sums := make(map[string]string)
	for _, m := range of.Media {
		sums[m.File] = m.SHA256
	}
	var left []error
	for _, f := range files {
		var err error
		switch {
		case f.State == "refused":
			err = fmt.Errorf("is not taken here (%s)", f.Refusal)
		case f.Upload == nil:
			continue
		case in[folder+f.File] == nil:
			err = errors.New("is not in the ZIP")
		default:
			err = t.send(ctx, f, in[folder+f.File], sums[f.File])
		}
		if err != nil {
			left = append(left, fmt.Errorf("%s %s: %w", f.File, f.Name, err))
		}
	}
	return errors.Join(left...)
}

// errDamaged is a file that is not what its archive says.
var errDamaged = errors.New("is damaged: export the wall again")

// send sends one file by tus, from where an earlier attempt ended.
func (t *tool) send(ctx context.Context, f importedFile, entry *zip.File, sum string) error {
	if err := checked(entry, sum); err != nil {
		return err
	}
	var err error
	for try := range sendTries {
		if try > 0 {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(time.Duration(try) * sendRest):
			}
		}
		if err = t.sendOnce(ctx, f, entry); err == nil || !passing(err) {
			return err
		}
	}
	return err
}

// checked reads a file through before any of it is sent.
func checked(entry *zip.File, sum string) error {
	r, err := entry.Open()
	if err != nil {
		return errors.Join(errDamaged, err)
	}
	defer func() { _ = r.Close() }()
	h := sha256.New()
	if _, err := io.Copy(h, r); err != nil {
		return errors.Join(errDamaged, err)
	}
	if sum != "" && sum != sumOf(h) {
		return errDamaged
	}
	return nil
}

func sumOf(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }

// statusError is an answer that is not what was asked for.
type statusError int

// Error names it.
func (s statusError) Error() string { return fmt.Sprintf("was answered with HTTP %d", int(s)) }

// passing tells what may be over when it is tried again.
func passing(err error) bool {
	var status statusError
	if !errors.As(err, &status) {
		return !errors.Is(err, errDamaged) && !errors.Is(err, context.Canceled)
	}
	return status >= 500 || status == http.StatusTooManyRequests || status == http.StatusConflict || status == http.StatusLocked
}

func (t *tool) sendOnce(ctx context.Context, f importedFile, entry *zip.File) error {
	size := int64(entry.UncompressedSize64) //nolint:gosec // checked: it was read to its end
	at, offset, err := t.begun(ctx, f, size)
	if err != nil {
		return err
	}
	body, err := entry.Open()
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }()
	if _, err := io.CopyN(io.Discard, body, offset); err != nil {
		return err
	}
	if offset == size {
		return nil
	}
	status, _, err := t.tus(ctx, http.MethodPatch, at, f.Upload.Token, io.NopCloser(body), size-offset,
		"Upload-Offset", strconv.FormatInt(offset, 10), "Content-Type", "application/offset+octet-stream")
	if err != nil {
		return err
	}
	if status != http.StatusNoContent {
		return statusError(status)
	}
	return nil
}

// begun finds an upload that was begun before, or begins it: where it is, and how
// much of it has come.
func (t *tool) begun(ctx context.Context, f importedFile, size int64) (at string, offset int64, err error) {
	at = strings.TrimSuffix(f.Upload.URL, "/") + "/" + f.ID
	status, told, err := t.tus(ctx, http.MethodHead, at, f.Upload.Token, nil, 0)
	if err != nil {
		return "", 0, err
	}
	if status == http.StatusOK {
		offset, err = strconv.ParseInt(told.Get("Upload-Offset"), 10, 64)
		if err == nil && (offset < 0 || offset > size) {
			err = errDamaged
		}
		return at, offset, err
	}
	status, _, err = t.tus(ctx, http.MethodPost, f.Upload.URL, f.Upload.Token, nil, 0, "Upload-Length", strconv.FormatInt(size, 10))
	if err == nil && status != http.StatusCreated {
		err = statusError(status)
	}
	return at, 0, err
}

// tus sends one request to where files go. The operator's key stays here.
func (t *tool) tus(ctx context.Context, method, address, token string, body io.Reader, length int64, headers ...string) (status int, answer http.Header, err error) {
	req, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return 0, nil, err
	}
	req.ContentLength = length
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Tus-Resumable", tusVersion)
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := stay.Do(req)
	if err != nil {
		return 0, nil, err
	}
	return res.StatusCode, res.Header, res.Body.Close()
}

// entriesOf are the files of an archive by name, and the folder that they are in:
// none, or the one that somebody has packed again.
func entriesOf(z *zip.Reader) (in map[string]*zip.File, folder string, err error) {
	in = make(map[string]*zip.File, len(z.File))
	found := ""
	for _, f := range z.File {
		if in[f.Name] != nil {
			return nil, "", fmt.Errorf("%s is in it twice", f.Name)
		}
		in[f.Name] = f
		inside := path.Base(f.Name) == boardName && strings.Count(f.Name, "/") < 2
		if inside && (found == "" || len(f.Name) < len(found)) {
			found = f.Name
		}
	}
	if found == "" {
		return nil, "", errors.New("no wall of Fresque is in it")
	}
	return in, strings.TrimSuffix(found, boardName), nil
}

// whole reads a file that may be as large as the service takes it.
func whole(f *zip.File) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Close() }()
	raw, err := io.ReadAll(io.LimitReader(r, answerLimit+1))
	if err == nil && len(raw) > answerLimit {
		err = fmt.Errorf("%s is larger than a wall may be", boardName)
	}
	return raw, err
}

// idOf makes an id out of a digest.
func idOf(sum []byte) string {
	text := hex.EncodeToString(sum[:16])
	return strings.Join([]string{text[:8], text[8:12], "8" + text[13:16], "8" + text[17:20], text[20:32]}, "-")
}

// isFile tells a file that is there.
func isFile(name string) bool {
	info, err := os.Stat(filepath.Clean(name))
	return err == nil && info.Mode().IsRegular()
}

// boardFacts tells what there is to know of a wall.
func (t *tool) boardFacts(raw []byte) error {
	var b struct {
		ID, Title, Platform, CreatedAt, UpdatedAt, ArchivedAt, DeletedAt, EraseAt string
		Posts, Files, Links, People                                               int
	}
	if err := json.Unmarshal(raw, &b); err != nil {
		return err
	}
	return t.facts([][2]string{
		{"id", b.ID}, {"title", b.Title}, {"platform", b.Platform}, {"created", b.CreatedAt}, {"changed", b.UpdatedAt},
		{"archived", b.ArchivedAt}, {"deleted", b.DeletedAt}, {"erased at", b.EraseAt},
		{"on it", fmt.Sprintf("%d posts, %d files, %d links, %d people", b.Posts, b.Files, b.Links, b.People)},
	})
}
