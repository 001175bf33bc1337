package deploy

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var renderTo = flag.String("render", "", "a folder to write the overlays to, for make test-apiserver")

func TestRender(t *testing.T) {
	if *renderTo == "" {
		t.Skip("writes files for make test-apiserver alone")
	}
	for _, o := range overlays {
		text, _ := render(t, o)
		if err := os.WriteFile(filepath.Join(*renderTo, o+".yaml"), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
