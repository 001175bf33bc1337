package document

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"fresque.dev/services/media/internal/confine"
	"fresque.dev/services/media/internal/kind"
	"fresque.dev/services/media/internal/media"
)

// Module is the kind of documents.
type Module struct{}

var _ kind.Module = Module{}

// The tools, each of which may be absent: there is then no first page to see.
const (
	ToolInfo   = "pdfinfo"
	ToolPage   = "pdftoppm"
	ToolOffice = "soffice"
)

const (
	memory       = 1 << 30
	officeMemory = 3 << 30
	fileSize     = 256 << 20
	within       = time.Minute
	officeWithin = 3 * time.Minute
	// pageSide is the longer side of the first page's picture, in pixels.
	pageSide = 1600
)

// Inside puts texts into UTF-8, and makes captions anew.
func (Module) Inside(f kind.File, found kind.Found, out kind.Output) (media.Code, error) {
	switch found.Type {
	case vtt:
		return "", writeCaptions(f, out)
	case txt, csv:
	default:
		return "", nil
	}
	_, err := rewrite(f, found.Type, out)
	return "", err
}

// Make shows the first page. That no tool can is no reason to refuse a
// document.
func (Module) Make(ctx context.Context, shop kind.Workshop, job kind.Job) error {
	if job.Made.File == nil {
		job.Made.File = &media.MadeFile{Extension: job.Extension, Body: io.NewSectionReader(job.Source, 0, job.Size)}
	}
	switch job.Type {
	case txt, csv, vtt:
		return nil
	case pdf:
		return show(ctx, shop, job.Source, job.Made, true)
	}
	if shop.Tool(ToolOffice) == "" || shop.Tool(ToolPage) == "" {
		return nil
	}
	return showOffice(ctx, shop, job)
}

// showOffice makes a PDF of an office document and shows that.
func showOffice(ctx context.Context, shop kind.Workshop, job kind.Job) (err error) {
	dir, err := shop.Folder()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := copyTo(filepath.Join(dir, "document."+job.Extension), job.Source); err != nil {
		return err
	}
	_, err = shop.Run(ctx, confine.Command{
		Path: shop.Tool(ToolOffice), Dir: dir, Sockets: true, Memory: officeMemory, FileSize: fileSize, Timeout: officeWithin, Output: 1 << 10,
		Args: []string{
			"-env:UserInstallation=file://" + dir + "/profile", "--headless", "--norestore", "--nolockcheck", "--nodefault", "--nofirststartwizard",
			"--convert-to", "pdf", "--outdir", dir, "document." + job.Extension,
		},
	})
	if err != nil {
		return kind.UnlessFaulty(err)
	}
	made, err := os.Open(filepath.Join(dir, "document.pdf"))
	if errors.Is(err, os.ErrNotExist) {
		return nil // it says so and ends well
	}
	if err != nil {
		return err
	}
	defer made.Close()
	// How a table falls into pages is nobody's choice.
	return show(ctx, shop, made, job.Made, job.Type != xlsx && job.Type != ods)
}

// show makes the picture of a PDF's first page, and counts its pages.
func show(ctx context.Context, shop kind.Workshop, file *os.File, made *media.Made, count bool) (err error) {
	dir, err := shop.Folder()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if count && shop.Tool(ToolInfo) != "" {
		said, err := shop.Run(ctx, confine.Command{
			Path: shop.Tool(ToolInfo), Args: []string{"/proc/self/fd/0"}, Dir: dir, Stdin: file,
			Memory: memory, FileSize: fileSize, Timeout: within, Output: 64 << 10,
		})
		if err := kind.UnlessFaulty(err); err != nil {
			return err
		}
		made.Pages = pagesIn(string(said))
	}
	if shop.Tool(ToolPage) == "" {
		return nil
	}
	return kind.Draw(ctx, shop, made, confine.Command{
		Path: shop.Tool(ToolPage), Dir: dir, Stdin: file, Memory: memory, FileSize: fileSize, Timeout: within,
		Args: []string{"-f", "1", "-l", "1", "-singlefile", "-scale-to", strconv.Itoa(pageSide), "-png", "/proc/self/fd/0", "page"},
	}, "page.png")
}

// pagesIn finds the number of pages in what pdfinfo says; 0 when it says none.
func pagesIn(said string) int {
	for line := range strings.Lines(said) {
		if after, ok := strings.CutPrefix(line, "Pages:"); ok {
			n, err := strconv.Atoi(strings.TrimSpace(after))
			if err == nil && n > 0 && n < 1_000_000 {
				return n
			}
		}
	}
	return 0
}

func copyTo(path string, file *os.File) error {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	out, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, file); err != nil {
		return errors.Join(fmt.Errorf("copy: %w", err), out.Close())
	}
	return out.Close()
}
