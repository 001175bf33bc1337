package observability

import (
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"sigs.k8s.io/yaml"
)

// root is that of the repository.
const root = "../../.."

const watching = root + "/deploy/observability"

// rules are those of both files, in the order in which they are read.
func rules(t testing.TB) []rulefmt.RuleGroup {
	t.Helper()
	var out []rulefmt.RuleGroup
	for _, file := range []string{"slo.yaml", "alerts.yaml"} {
		all, faults := rulefmt.ParseFile(filepath.Join(watching, file), false, model.LegacyValidation, promQL, slog.New(slog.DiscardHandler))
		for _, fault := range faults {
			t.Errorf("%s: %v", file, fault)
		}
		if t.Failed() {
			t.FailNow()
		}
		out = append(out, all.Groups...)
	}
	return out
}

// situations are written as promtool reads them.
type situations struct {
	RuleFiles []string `json:"rule_files"`
	Every     string   `json:"evaluation_interval"`
	Tests     []struct {
		Name   string `json:"name"`
		Series []struct {
			Series string `json:"series"`
			Values string `json:"values"`
		} `json:"input_series"`
		Alerts []struct {
			At       string  `json:"eval_time"`
			Name     string  `json:"alertname"`
			Expected []alert `json:"exp_alerts"`
		} `json:"alert_rule_test"`
		Interval string `json:"interval"`
	} `json:"tests"`
}

// TestAlertsFireWhenTheyShouldAndNotElse goes through alerts_test.yaml, which
// `promtool test rules` takes as well.
func TestAlertsFireWhenTheyShouldAndNotElse(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(watching, "alerts_test.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var all situations
	if err := yaml.UnmarshalStrict(text, &all); err != nil {
		t.Fatal(err)
	}
	groups, fired, silent := rules(t), map[string]bool{}, map[string]bool{}
	for _, s := range all.Tests {
		t.Run(s.Name, func(t *testing.T) {
			every := duration(t, s.Interval)
			p := newPrometheus(t, groups)
			for _, one := range s.Series {
				p.feed(one.Series, one.Values, every)
			}
			end := time.Duration(0)
			for _, a := range s.Alerts {
				end = max(end, duration(t, a.At))
			}
			for at := time.Duration(0); at <= end; at += duration(t, all.Every) {
				firing := p.step(time.UnixMilli(at.Milliseconds()))
				for _, a := range s.Alerts {
					if duration(t, a.At) != at {
						continue
					}
					fired[a.Name] = fired[a.Name] || len(a.Expected) > 0
					silent[a.Name] = silent[a.Name] || len(a.Expected) == 0
					if len(a.Expected)+len(firing[a.Name]) > 0 && !reflect.DeepEqual(a.Expected, firing[a.Name]) {
						t.Errorf("%s after %s:\n%+v, want\n%+v", a.Name, a.At, firing[a.Name], a.Expected)
					}
				}
			}
		})
	}
	for _, g := range groups {
		for _, r := range g.Rules {
			if r.Alert != "" && (!fired[r.Alert] || !silent[r.Alert]) {
				t.Errorf("no situation shows %s to fire (%t), or not to (%t)", r.Alert, fired[r.Alert], silent[r.Alert])
			}
		}
	}
}

func duration(t testing.TB, text string) time.Duration {
	t.Helper()
	d, err := model.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	return time.Duration(d)
}
