package worker

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"fresque.dev/services/media/internal/media"
)

// TestReportsAreNotBelieved: a worker that fell to a hostile file might say
// anything.
func TestReportsAreNotBelieved(t *testing.T) {
	out, err := os.Create(filepath.Join(t.TempDir(), "made"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if _, err := out.WriteString("0123456789"); err != nil {
		t.Fatal(err)
	}
	for name, said := range map[string]string{
		"a document": `{"kind":"file","type":"application/pdf","extension":"pdf"}`,
		"a text":     `{"kind":"file","type":"text/plain","extension":"txt","file":{"name":"txt","offset":2,"bytes":8}}`,
		"a refusal":  `{"refusal":"media_damaged"}`,
	} {
		if _, err := read([]byte(said), out); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, said := range map[string]string{
		"no report":               `ready`,
		"an unknown kind":         `{"kind":"program","type":"application/pdf","extension":"pdf"}`,
		"no kind":                 `{"extension":"pdf"}`,
		"a type that none serves": `{"kind":"file","type":"text/html","extension":"html"}`,
		"a picture of nothing":    `{"kind":"picture","type":"image/png","extension":"png"}`,
		"a page for a text":       `{"kind":"file","type":"text/plain","extension":"txt","file":{"name":"html","bytes":8}}`,
		"more than it wrote":      `{"kind":"file","type":"text/plain","extension":"txt","file":{"name":"txt","offset":3,"bytes":8}}`,
		"before the beginning":    `{"kind":"file","type":"text/plain","extension":"txt","file":{"name":"txt","offset":-1,"bytes":8}}`,
		"a file for a video":      `{"kind":"video","type":"video/mp4","extension":"mp4","file":{"name":"txt","bytes":8}}`,
		"somebody else's refusal": `{"refusal":"media_erased"}`,
	} {
		if r, err := read([]byte(said), out); !errors.Is(err, media.ErrCrashed) {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
}
