package ctl

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"fresque.dev/services/internal/doctor"
)

const doctorUsage = `fresquectl doctor [-board FILE] [-media FILE]: what is wrong, and what to mend.

It looks at the service from here, as browsers and the operator do: addresses,
certificates, clocks, the live stream, uploads, and what the service says of its
engines. The engines themselves are examined by the services, with their own
settings: give the files of these (NAME=VALUE), or set them in the environment as
for the services; boardd and mediad are then found beside fresquectl or in PATH.
Where they run, in a pod or a container, ask them: boardd doctor, mediad doctor.

It exits with 1 when something is to be mended.

`

// services are the programs that examine engines; what says that their settings are
// here besides a file.
var services = []struct {
	name, program, skips string
	variables            []string
}{
	{"board", "boardd", "store and NATS", []string{"FRESQUE_BOARD_CONFIG", "FRESQUE_BOARD_STORE", "FRESQUE_BOARD_MASTER_KEY", "FRESQUE_BOARD_MASTER_KEY_FILE"}},
	{"media", "mediad", "disk, object store, virus scanner and tools", []string{"FRESQUE_MEDIA_CONFIG", "FRESQUE_MEDIA_S3_ENDPOINT", "FRESQUE_MEDIA_DIR"}},
}

// doctor examines all that can be from here; key finds the operator's key.
func (t *tool) doctor(ctx context.Context, f *flag.FlagSet, args []string, key func() error, env func(string) string) error {
	files := map[string]*string{}
	for _, s := range services {
		files[s.name] = f.String(s.name, "", "`file` of settings of "+s.program)
	}
	mediaURL := f.String("media-url", "", "where browsers load files, as MEDIA_URL")
	uploadURL := f.String("upload-url", "", "where browsers send files, as UPLOAD_URL")
	if err := t.parse(f, args); err != nil {
		return err
	}
	if f.NArg() > 0 {
		fmt.Fprintf(t.errs, "fresquectl: unexpected %q\n", f.Arg(0))
		return errUsage
	}
	if err := isService(t.url); err != nil {
		return err
	}
	r := doctor.New("operator")
	t.lookFromHere(ctx, r, key(), *mediaURL, *uploadURL)
	for _, s := range services {
		here := *files[s.name] != "" || slices.ContainsFunc(s.variables, func(name string) bool { return env(name) != "" })
		if !here {
			r.Skip(s.name, s.skips+": give -"+s.name+" FILE, or run "+s.program+" doctor where it runs")
			continue
		}
		t.askService(ctx, r, s.program, *files[s.name])
	}
	return r.Tell(t.out, t.json)
}

// lookFromHere looks at what browsers and the operator see.
func (t *tool) lookFromHere(ctx context.Context, r *doctor.Report, noKey error, mediaURL, uploadURL string) {
	addresses := map[string]string{"-url": t.url, "-media-url": mediaURL, "-upload-url": uploadURL}
	r.Apart(addresses, "-url", "-media-url")
	r.Apart(addresses, "-url", "-upload-url")
	if r.Address(ctx, "wall", "-url", t.url) {
		t.lookAtEngines(ctx, r)
		switch {
		case noKey != nil:
			r.Skip("stream", noKey.Error())
		default:
			r.Live(ctx, t.url, t.key)
		}
	}
	if mediaURL == "" {
		r.Skip("files", "give -media-url to have the address looked at")
	} else {
		r.Address(ctx, "files", "-media-url", mediaURL)
	}
	if uploadURL == "" {
		r.Skip("uploads", "give -upload-url to have the address looked at")
	} else if r.Address(ctx, "uploads", "-upload-url", uploadURL) {
		r.Uploads(ctx, uploadURL, t.url, "Put the origin of the wall into FRESQUE_MEDIA_APP_ORIGINS, and have the proxy send /uploads/ to the media service with all its headers.")
	}
}

// engineMends say what to do about an engine that /readyz has a word for.
const engineMends = "docs/operations.md says what each word means; boardd doctor, where it runs, says more."

// lookAtEngines reads what the board service says of its engines, where a proxy
// lets that through.
func (t *tool) lookAtEngines(ctx context.Context, r *doctor.Report) {
	ctx, cancel := doctor.Within(ctx)
	defer cancel()
	res, err := doctor.Ask(ctx, http.MethodGet, strings.TrimRight(t.url, "/")+"/readyz", nil)
	if err != nil {
		r.Fault("engines", err, engineMends)
		return
	}
	defer func() { _ = res.Body.Close() }()
	var said struct {
		Status  string
		Engines map[string]string
	}
	if json.NewDecoder(io.LimitReader(res.Body, answerLimit)).Decode(&said) != nil || said.Engines == nil {
		r.Skip("engines", "the proxy does not pass /readyz on, as it should be: ask boardd health where it runs")
		return
	}
	for _, name := range slices.Sorted(maps.Keys(said.Engines)) {
		if word := said.Engines[name]; word != "ok" {
			r.Fault("engines", fmt.Errorf("%s is %s", name, word), engineMends)
		}
	}
	if res.StatusCode == http.StatusOK {
		r.Good("engines", "the service is %s", said.Status)
	} else {
		r.Fault("engines", fmt.Errorf("the service is %s", said.Status), engineMends)
	}
}

// askService has a service examine its engines.
func (t *tool) askService(ctx context.Context, r *doctor.Report, program, file string) {
	path := beside(program)
	if path == "" {
		r.Skip(strings.TrimSuffix(program, "d"), program+" is neither beside fresquectl nor in PATH: run "+program+" doctor where it is")
		return
	}
	args := []string{doctor.Command, "-o", "json"}
	if file != "" {
		args = append(args, "-config", file)
	}
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	failed := cmd.Run()
	var told doctor.Report
	if err := json.Unmarshal(out.Bytes(), &told); err != nil {
		r.Fault(strings.TrimSuffix(program, "d"), errors.Join(failed, fmt.Errorf("%s doctor says: %s", program, strings.TrimSpace(errs.String()))), "Have fresquectl and "+program+" of the same release.")
		return
	}
	for _, f := range told.Findings {
		r.Add(f)
	}
}

// beside finds a program in the folder of this one, else in PATH; empty for none.
func beside(program string) string {
	if self, err := os.Executable(); err == nil {
		if path, err := exec.LookPath(filepath.Join(filepath.Dir(self), program)); err == nil {
			return path
		}
	}
	path, err := exec.LookPath(program)
	if err != nil {
		return ""
	}
	return path
}
