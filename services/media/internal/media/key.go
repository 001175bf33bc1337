package media

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
)

// recipe names the way variants are made. It is part of every key: when the way
// changes, what is already in caches keeps its name and its bytes.
const recipe = "picture-1"

// Key names an object: <board>/<media>/<digest>/<file>.
type Key string

var keyShape = regexp.MustCompile(
	`^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/([0-9a-f]{32})/(w[1-9][0-9]{0,4})\.(webp|jpg|png)$`)

// types is the allow-list of what is ever served.
var types = map[string]string{"webp": "image/webp", "jpg": "image/jpeg", "png": "image/png"}

// pathPrefix is where variants are served.
const pathPrefix = "/m/"

// ParseKey takes a key from a URL; false when it is none of ours.
func ParseKey(s string) (Key, bool) {
	return Key(s), keyShape.MatchString(s)
}

// NewKey names one variant of an upload. The digest is the same whenever the
// same file is processed again, and nobody without the secret can guess it,
// not even with the file in hand. sum is the SHA-256 of the file that was sent.
func NewKey(secret []byte, u Upload, sum [sha256.Size]byte, file string) Key {
	mac := hmac.New(sha256.New, secret)
	fmt.Fprintf(mac, "%s\n%s\n%s\n%x", recipe, u.Board, u.ID, sum)
	digest := hex.EncodeToString(mac.Sum(nil))[:32]
	return Key(fmt.Sprintf("%s/%s/%s/%s", u.Board, u.ID, digest, file))
}

// Path is where the object is served.
func (k Key) Path() string { return pathPrefix + string(k) }

// Type is the media type the object is served as.
func (k Key) Type() string { return types[k.part(3)] }

// FileName is what a browser calls the object when it saves it.
func (k Key) FileName() string { return "picture-" + k.part(2) + "." + k.part(3) }

// ETag is the strong validator of the object, which never changes under its
// key: the same on every server, whatever the object store makes up.
func (k Key) ETag() string { return `"` + k.part(1) + "-" + k.part(2) + "-" + k.part(3) + `"` }

func (k Key) part(i int) string {
	m := keyShape.FindStringSubmatch(string(k))
	if m == nil {
		return ""
	}
	return m[i]
}
