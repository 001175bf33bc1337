package app_test

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"fresque.dev/services/media/app"
)

var update = flag.Bool("update", false, "write the exported documents anew")

func TestOpenAPIIsExported(t *testing.T) {
	const path = "../../../proto/openapi/media.json"
	got, err := app.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Fatal("proto/openapi/media.json is not what the service serves: run make generate")
	}
}
