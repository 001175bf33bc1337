package observability

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"
)

// family is a metric as docs/metrics.md has it, which is written from the programs.
type family struct {
	kind   string
	labels []string
}

var (
	familyRow = regexp.MustCompile("(?m)^\\| `(\\w+)` \\| (\\w+) \\| ([^|]*) \\|")
	quoted    = regexp.MustCompile("`(\\w+)`")
)

// ofAny are the metrics that Prometheus and its library for Go give of any process.
var ofAny = []string{
	"up", "process_start_time_seconds", "process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds", "go_goroutines",
}

// given are the labels that are given where metrics are read (prometheus.yaml).
var given = []string{"job", "instance", "namespace"}

func families(t testing.TB) map[string]family {
	t.Helper()
	out := map[string]family{}
	for _, row := range familyRow.FindAllStringSubmatch(read(t, "docs/metrics.md"), -1) {
		f := family{kind: row[2]}
		for _, l := range quoted.FindAllStringSubmatch(row[3], -1) {
			f.labels = append(f.labels, l[1])
		}
		out[row[1]] = f
	}
	if len(out) < 20 {
		t.Fatalf("docs/metrics.md has %d metrics", len(out))
	}
	return out
}

// tellers are all that expressions may ask for: metrics, what rules record, and the
// labels of each.
func tellers(t testing.TB) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for _, name := range ofAny {
		out[name] = given
	}
	for name, f := range families(t) {
		with := slices.Concat(f.labels, given)
		if f.kind != "histogram" {
			out[name] = with
			continue
		}
		out[name+"_bucket"], out[name+"_sum"], out[name+"_count"] = append(slices.Clone(with), "le"), with, with
	}
	for _, g := range rules(t) {
		for _, r := range g.Rules {
			if r.Record != "" {
				out[r.Record] = []string{"namespace", "service"}
			}
		}
	}
	return out
}

// panel is one of the dashboard.
type panel struct {
	ID      int
	Type    string
	Title   string
	GridPos struct{ X, Y, W, H int }
	Targets []struct{ Expr string }
}

func panels(t testing.TB) []panel {
	t.Helper()
	var board struct{ Panels []panel }
	if err := json.Unmarshal([]byte(read(t, "deploy/observability/dashboard.json")), &board); err != nil {
		t.Fatal(err)
	}
	return board.Panels
}

// expressions are all that we ask Prometheus, by where they stand.
func expressions(t testing.TB) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, g := range rules(t) {
		for _, r := range g.Rules {
			out["rule "+r.Record+r.Alert] = r.Expr
		}
	}
	variables := strings.NewReplacer("$namespace", ".*", "$__rate_interval", "5m")
	for _, p := range panels(t) {
		for _, target := range p.Targets {
			out["panel "+p.Title+": "+target.Expr] = variables.Replace(target.Expr)
		}
	}
	return out
}

// TestNobodyAsksForWhatIsNotTold: a metric or label that is renamed is found here,
// not on the night on which the alert stays silent.
func TestNobodyAsksForWhatIsNotTold(t *testing.T) {
	told, asked := tellers(t), map[string]bool{}
	for where, expr := range expressions(t) {
		tree, err := promQL.ParseExpr(expr)
		if err != nil {
			t.Errorf("%s: %v", where, err)
			continue
		}
		var known, wanted []string
		parser.Inspect(tree, func(n parser.Node, _ []parser.Node) error {
			switch n := n.(type) {
			case *parser.VectorSelector:
				asked[n.Name] = true
				if told[n.Name] == nil {
					t.Errorf("%s: nobody tells %q", where, n.Name)
				}
				for _, m := range n.LabelMatchers {
					if m.Name != model.MetricNameLabel && !slices.Contains(told[n.Name], m.Name) {
						t.Errorf("%s: %s has no label %q", where, n.Name, m.Name)
					}
				}
				known = append(known, told[n.Name]...)
			case *parser.AggregateExpr:
				wanted = append(wanted, n.Grouping...)
			}
			return nil
		})
		for _, l := range wanted {
			if !slices.Contains(known, l) {
				t.Errorf("%s: nothing has a label %q", where, l)
			}
		}
	}
	for name, f := range families(t) {
		if !asked[name] && (f.kind != "histogram" || !asked[name+"_bucket"] && !asked[name+"_count"]) {
			t.Errorf("%s is told, and nobody looks at it", name)
		}
	}
}

var engineRow = regexp.MustCompile("(?m)^\\| `(\\w+)` \\| (?:board|media|web)")

// TestEnginesAreThoseThatThereAre: those that operations.md lists, for an alert on another never fires.
func TestEnginesAreThoseThatThereAre(t *testing.T) {
	there := map[string]bool{}
	for _, row := range engineRow.FindAllStringSubmatch(read(t, "docs/operations.md"), -1) {
		there[row[1]] = true
	}
	for where, expr := range expressions(t) {
		for _, s := range selectors(t, expr) {
			for _, m := range s.LabelMatchers {
				if m.Name == "engine" && !slices.ContainsFunc(slices.Collect(maps.Keys(there)), m.Matches) {
					t.Errorf("%s: there is no engine %s", where, m.Value)
				}
			}
		}
	}
}

// TestTheDashboardIsWhole: each panel is in its own place, and the page for
// operators sends nobody to one that is not there.
func TestTheDashboardIsWhole(t *testing.T) {
	titles, ids, taken := map[string]bool{}, map[int]bool{}, map[[2]int]string{}
	for _, p := range panels(t) {
		if ids[p.ID] || titles[p.Title] || p.Title == "" {
			t.Errorf("panel %d %q is there twice", p.ID, p.Title)
		}
		ids[p.ID], titles[p.Title] = true, true
		for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
			for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
				if other := taken[[2]int{x, y}]; other != "" || x >= 24 {
					t.Fatalf("%q lies over %q, or outside", p.Title, other)
				}
				taken[[2]int{x, y}] = p.Title
			}
		}
		if p.Type != "row" && p.Type != "alertlist" && len(p.Targets) == 0 {
			t.Errorf("%q shows nothing", p.Title)
		}
	}
	_, alerts, _ := strings.Cut(read(t, "docs/operations.md"), "\n## Alerts\n")
	alerts, _, _ = strings.Cut(alerts, "\n## ")
	named := regexp.MustCompile(`"([^"]+)"`).FindAllStringSubmatch(alerts, -1)
	if len(named) < 5 {
		t.Errorf("operators are sent to %d panels", len(named))
	}
	for _, n := range named {
		if !titles[n[1]] {
			t.Errorf("there is no panel %q", n[1])
		}
	}
}
