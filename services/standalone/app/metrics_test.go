package app_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// series is one line of what Prometheus reads.
var series = regexp.MustCompile(`(?m)^(fresque_\w+?)(?:_bucket|_sum|_count)?(?:\{(.*)\})? (\S+)$`)

// numbers reads what the product tells: the labels of each metric, and all series.
func (r *running) numbers() (labels map[string]map[string]bool, all []string) {
	r.t.Helper()
	res, err := http.Get("http://" + r.cfg.Metrics.MetricsAddr + "/metrics")
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != 200 {
		r.t.Fatal(res.StatusCode, err)
	}
	labels = make(map[string]map[string]bool)
	for _, m := range series.FindAllStringSubmatch(string(raw), -1) {
		if labels[m[1]] == nil {
			labels[m[1]] = make(map[string]bool)
		}
		for _, l := range regexp.MustCompile(`(\w+)="`).FindAllStringSubmatch(m[2], -1) {
			if l[1] != "le" {
				labels[m[1]][l[1]] = true
			}
		}
		if !strings.Contains(m[2], `le="`) { // of a histogram, its sum and count stand for its buckets
			all = append(all, m[1]+"{"+m[2]+"}")
		}
	}
	return labels, all
}

// documented are the metrics of docs/metrics.md, and their labels.
func documented(t *testing.T) map[string][]string {
	t.Helper()
	_, here, _, _ := runtime.Caller(0) // the object store of a test changes the folder
	page, err := os.ReadFile(filepath.Join(filepath.Dir(here), "../../../docs/metrics.md"))
	if err != nil {
		t.Fatal(err)
	}
	out := make(map[string][]string)
	for _, row := range regexp.MustCompile("(?m)^\\| `(fresque_\\w+)` \\| \\w+ \\| (.*?) \\|").FindAllStringSubmatch(string(page), -1) {
		out[row[1]] = strings.FieldsFunc(row[2], func(r rune) bool { return r == '`' || r == ',' || r == ' ' })
	}
	return out
}

// TestMetricsAreWhatTheirPageSays walks through the product, and holds all that it
// tells against the page. What there is more of makes no more series.
func TestMetricsAreWhatTheirPageSays(t *testing.T) {
	page := documented(t)
	data := filepath.Join(t.TempDir(), "data")
	cfg := defaultOn(t, data)
	cfg.Metrics.MetricsAddr, cfg.StoreMiB = free(t), 1024
	r, stop := startConfigured(t, cfg, io.Discard)
	defer stop()
	key, err := os.ReadFile(filepath.Join(data, "keys", "operator.key"))
	if err != nil {
		t.Fatal(err)
	}
	operator := strings.TrimSpace(string(key))
	walls := func(n int) (last entry) {
		for i := range n {
			r.token = operator
			got, _ := r.ask(201, "POST", "/boards", map[string]any{"title": fmt.Sprint("Mur ", i)})
			last = read[entry](t, got)
			r.enter(last)
			on := "/boards/" + last.Board.ID
			r.ask(201, "POST", on+"/posts", map[string]any{"title": "Un mot"})
			r.ask(200, "GET", on+"/snapshot", nil)
			r.ask(404, "GET", on+"/posts/01980000-0000-7000-8000-00000000"+fmt.Sprintf("%04d", i), nil)
			r.ask(404, "GET", fmt.Sprintf("/elsewhere/%d", i), nil)
		}
		return last
	}
	wall := walls(3)
	r.illustrated(wall)
	ctx := t.Context()
	req, _ := http.NewRequestWithContext(ctx, "GET", r.cfg.PublicURL+"/api/v1/boards/"+wall.Board.ID+"/events", nil)
	req.Header.Set("Authorization", "Bearer "+r.token)
	stream, err := http.DefaultClient.Do(req)
	if err != nil || stream.StatusCode != 200 {
		t.Fatal(stream, err)
	}
	defer func() { _ = stream.Body.Close() }()
	r.ask(201, "POST", "/boards/"+wall.Board.ID+"/posts", map[string]any{"title": "En direct"})

	told, before := r.numbers()
	for name, labels := range told {
		want, known := page[name]
		if !known {
			t.Errorf("%s is not on the page", name)
		}
		for l := range labels {
			if !slices.Contains(want, l) {
				t.Errorf("%s has a label that is not on the page: %s", name, l)
			}
		}
	}
	for name := range page {
		// There is no platform here, and no server of the web app alone.
		if told[name] == nil && name != "fresque_board_notice_seconds" && name != "fresque_web_engine_up" {
			t.Errorf("%s is on the page and not told", name)
		}
	}
	for _, want := range []string{`fresque_media_uploads_total{reason="",state="ready"}`, `fresque_board_engine_up{engine="store"}`, `fresque_board_arrivals_total{how="anew"}`} {
		if !slices.Contains(before, want) {
			t.Errorf("%s is not told", want)
		}
	}
	walls(60)
	_, after := r.numbers()
	if len(after) > len(before)+20 { // an answer's status, or an operation of the store, may be a new one
		t.Errorf("%d series of 3 walls are %d of 63", len(before), len(after))
	}
	for _, one := range after {
		if strings.Contains(one, wall.Board.ID) || strings.Contains(one, "elsewhere") {
			t.Errorf("a series is about something there can be many of: %s", one)
		}
	}
}
