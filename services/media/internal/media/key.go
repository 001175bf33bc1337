package media

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"path"
	"regexp"
	"strings"
)

// recipe names the way files are made. It is part of every key: when the way
// changes, what is already in caches keeps its name and its bytes.
const recipe = "media-2"

// Key names an object: <board>/<media>/<digest>/<variant> for one that shows a
// picture, <board>/<media>/<digest>/<role>/<name> for a whole file.
type Key string

// The roles of whole files.
const (
	RoleFile     = "file"
	RoleOriginal = "original"
)

const uploadShape = `^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/([0-9a-f]{32})/`

var (
	variantKey = regexp.MustCompile(uploadShape + `(w[1-9][0-9]{0,4}\.(?:webp|jpg|png))$`)
	fileKey    = regexp.MustCompile(uploadShape + `(file|original)/([^/\x00-\x1f]{1,200})$`)
)

// pathPrefix is where objects are served.
const pathPrefix = "/m/"

// ParseKey takes a key from a URL, its escapes undone; false when it is none of
// ours.
func ParseKey(s string) (Key, bool) {
	k := Key(s)
	if variantKey.MatchString(s) {
		return k, true
	}
	if !fileKey.MatchString(s) {
		return k, false
	}
	name := k.FileName()
	extension := strings.TrimPrefix(path.Ext(name), ".")
	_, served := TypeByExtension(extension)
	return k, served && FileName(name, extension) == name
}

// NewKey names one object of an upload. The digest is the same whenever the
// same file is processed again, and nobody without the secret can guess it,
// not even with the file in hand. sum is the SHA-256 of the file that was sent.
func NewKey(secret []byte, u Upload, sum [sha256.Size]byte, file string) Key {
	return Key(string(NewFolder(secret, u, sum)) + file)
}

// Folder is where the objects of an upload are that one replica made of it: its
// secret is its own.
type Folder string

// NewFolder names it.
func NewFolder(secret []byte, u Upload, sum [sha256.Size]byte) Folder {
	mac := hmac.New(sha256.New, secret)
	fmt.Fprintf(mac, "%s\n%s\n%s\n%x", recipe, u.Board, u.ID, sum)
	digest := hex.EncodeToString(mac.Sum(nil))[:32]
	return Folder(fmt.Sprintf("%s/%s/%s/", u.Board, u.ID, digest))
}

// Upload names the board and the upload that the object is of: what may be told,
// where the whole key opens the file and says what it is called.
func (k Key) Upload() string {
	board, rest, _ := strings.Cut(string(k), "/")
	upload, _, _ := strings.Cut(rest, "/")
	return board + "/" + upload
}

// Path is where the object is served, escaped.
func (k Key) Path() string {
	dir, name := path.Split(string(k))
	return pathPrefix + dir + url.PathEscape(name)
}

// Type is the type that the object is served as.
func (k Key) Type() Type {
	t, _ := TypeByExtension(strings.TrimPrefix(path.Ext(string(k)), "."))
	return t
}

// FileName is what a browser calls the object when it saves it.
func (k Key) FileName() string {
	if k.role() == "" {
		return "picture-" + path.Base(string(k))
	}
	return path.Base(string(k))
}

// Inline tells what browsers may show by themselves. An original is there to be
// downloaded.
func (k Key) Inline() bool { return k.role() != RoleOriginal && k.Type().Inline }

// ETag is the strong validator of the object, which never changes under its
// key: the same on every server, whatever the object store makes up.
func (k Key) ETag() string {
	if m := variantKey.FindStringSubmatch(string(k)); m != nil {
		return `"` + m[1] + "-" + strings.ReplaceAll(m[2], ".", "-") + `"`
	}
	if m := fileKey.FindStringSubmatch(string(k)); m != nil {
		return `"` + m[1] + "-" + m[2] + `"`
	}
	return `""`
}

// role is that of a whole file; empty for a variant of a picture.
func (k Key) role() string {
	if m := fileKey.FindStringSubmatch(string(k)); m != nil {
		return m[2]
	}
	return ""
}
