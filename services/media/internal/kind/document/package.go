package document

import (
	"archive/zip"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strings"

	"fresque.dev/services/media/internal/kind"
	"fresque.dev/services/media/internal/media"
)

// Bounds of an archive. Nothing of it is unpacked here but its table of
// contents; whoever opens the document unpacks it.
const (
	maxEntries = 10_000
	// maxUnpacked is of all entries together, in bytes.
	maxUnpacked = 2 << 30
	// maxRatio is how many times as large an entry may be as what is stored of
	// it, once it is larger than ratioFrom.
	maxRatio  = 250
	ratioFrom = 1 << 20
	// maxContents is what is read of the table of contents.
	maxContents = 1 << 20
)

// checkPackage tells which document an archive is, or why it is refused. An
// archive that is no document is of no type that is taken.
func checkPackage(f kind.File) (string, media.Code) {
	archive, err := zip.NewReader(f, f.Size)
	switch {
	case errors.Is(err, zip.ErrFormat):
		return "", media.Damaged // its table of contents is at the end
	case err != nil && !errors.Is(err, zip.ErrInsecurePath):
		return "", media.Damaged
	case err != nil:
		return "", media.TypeUnsupported
	}
	if code := checkEntries(archive, f.Size); code != "" {
		return "", code
	}
	// What stands before the first entry, or behind the last, is somebody else's.
	alone, err := standsAlone(f, archive)
	if err != nil {
		return "", media.Damaged
	}
	if !alone {
		return "", media.Polyglot
	}
	if archive.File[0].Name == "mimetype" {
		return openDocument(archive)
	}
	return officeOpen(archive)
}

// checkEntries looks for an archive that is there to do harm.
func checkEntries(archive *zip.Reader, size int64) media.Code {
	if len(archive.File) == 0 {
		return media.TypeUnsupported
	}
	if len(archive.File) > maxEntries {
		return media.Bomb
	}
	names := make(map[string]bool, len(archive.File))
	var packed, unpacked uint64
	for _, e := range archive.File {
		name := strings.ToLower(e.Name)
		if names[name] || path.IsAbs(name) || strings.Contains(name, "..") || strings.Contains(name, `\`) {
			return media.TypeUnsupported // readers disagree about what is in it
		}
		names[name] = true
		packed += e.CompressedSize64
		unpacked += e.UncompressedSize64
		if e.UncompressedSize64 > ratioFrom && e.UncompressedSize64/maxRatio > e.CompressedSize64 {
			return media.Bomb
		}
		// Entries that share their bytes unpack more than the archive has.
		if packed > uint64(size) || unpacked > maxUnpacked {
			return media.Bomb
		}
	}
	return ""
}

// standsAlone tells an archive from one that begins within another file, or
// has something behind it.
func standsAlone(f kind.File, archive *zip.Reader) (bool, error) {
	first := int64(1) << 62
	for _, e := range archive.File {
		at, err := e.DataOffset()
		if err != nil {
			return false, err
		}
		first = min(first, at)
	}
	const header = 30
	if len(f.Head) < header {
		return false, zip.ErrFormat
	}
	names := int64(binary.LittleEndian.Uint16(f.Head[26:])) + int64(binary.LittleEndian.Uint16(f.Head[28:]))
	// The end mark, and nothing behind it, not even its comment.
	const endMark = 22
	var end [4]byte
	if _, err := f.ReadAt(end[:], f.Size-endMark); err != nil {
		return false, err
	}
	return first == header+names && string(end[:]) == "PK\x05\x06", nil
}

// openDocument reads the entry in which an ODF document says what it is.
func openDocument(archive *zip.Reader) (string, media.Code) {
	said, err := readEntry(archive.File[0], 100)
	if err != nil {
		return "", media.Damaged
	}
	for _, e := range archive.File {
		program := strings.HasPrefix(e.Name, "Basic/") || strings.HasPrefix(e.Name, "Scripts/")
		if program && !strings.HasSuffix(e.Name, "/") {
			return string(said), media.Macros
		}
	}
	switch mediaType := string(said); mediaType {
	case odt, ods, odp:
		return mediaType, ""
	}
	return "", media.TypeUnsupported
}

// mainParts are the parts that make an OOXML package a document.
var mainParts = map[string]string{
	docx + ".main+xml": docx,
	xlsx + ".main+xml": xlsx,
	pptx + ".main+xml": pptx,
}

// officeOpen reads the part in which an OOXML document says what its parts are.
func officeOpen(archive *zip.Reader) (string, media.Code) {
	var contents *zip.File
	for _, e := range archive.File {
		name := strings.ToLower(e.Name)
		if name == "[content_types].xml" {
			contents = e
		}
		if strings.HasSuffix(name, "vbaproject.bin") || strings.HasSuffix(name, "vbadata.xml") {
			return "", media.Macros
		}
	}
	if contents == nil {
		return "", media.TypeUnsupported
	}
	raw, err := readEntry(contents, maxContents)
	if err != nil {
		return "", media.Damaged
	}
	var types struct {
		Overrides []struct {
			ContentType string `xml:",attr"`
		} `xml:"Override"`
	}
	if err := xml.Unmarshal(raw, &types); err != nil {
		return "", media.Damaged
	}
	mediaType := ""
	for _, o := range types.Overrides {
		if strings.Contains(strings.ToLower(o.ContentType), "macroenabled") || strings.Contains(o.ContentType, "vbaProject") {
			return "", media.Macros
		}
		if t := mainParts[o.ContentType]; t != "" {
			mediaType = t
		}
	}
	if mediaType == "" {
		return "", media.TypeUnsupported
	}
	return mediaType, ""
}

// readEntry reads a small entry.
func readEntry(e *zip.File, most int64) ([]byte, error) {
	r, err := e.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, most+1))
	if err == nil && int64(len(b)) > most {
		err = errors.New("too long")
	}
	return b, err
}
