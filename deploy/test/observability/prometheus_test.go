package observability

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/template"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/util/annotations"
)

// The engine is Prometheus' own; what feeds it is here, since Prometheus' database
// brings every cloud's client with it.

var promQL = parser.NewParser(parser.Options{})

// samples in memory, by their labels' text.
type memory map[string]*stored

type stored struct {
	labels labels.Labels
	points []chunks.Sample
}

// point is one number at one time.
type point struct {
	at int64
	v  float64
}

func (p point) T() int64                    { return p.at }
func (point) ST() int64                     { return 0 }
func (p point) F() float64                  { return p.v }
func (point) H() *histogram.Histogram       { return nil }
func (point) FH() *histogram.FloatHistogram { return nil }
func (point) Type() chunkenc.ValueType      { return chunkenc.ValFloat }
func (p point) Copy() chunks.Sample         { return p }
func before(p chunks.Sample, at int64) int  { return cmp.Compare(p.T(), at) }

func (m memory) add(l labels.Labels, at int64, v float64) {
	s := m[l.String()]
	if s == nil {
		s = &stored{labels: l}
		m[l.String()] = s
	}
	s.points = append(s.points, point{at, v})
}

// Querier gives what lies between two times, in milliseconds.
func (m memory) Querier(from, to int64) (storage.Querier, error) {
	return querier{memory: m, from: from, to: to}, nil
}

type querier struct {
	storage.LabelQuerier
	memory
	from, to int64
}

func (querier) Close() error { return nil }

// Select gives the series that match.
func (q querier) Select(_ context.Context, _ bool, _ *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
	set := &series{at: -1}
	for _, name := range slices.Sorted(maps.Keys(q.memory)) {
		s := q.memory[name]
		if slices.ContainsFunc(matchers, func(m *labels.Matcher) bool { return !m.Matches(s.labels.Get(m.Name)) }) {
			continue
		}
		first, _ := slices.BinarySearchFunc(s.points, q.from, before)
		last, _ := slices.BinarySearchFunc(s.points, q.to+1, before)
		if first < last {
			set.all = append(set.all, storage.NewListSeries(s.labels, s.points[first:last]))
		}
	}
	return set
}

type series struct {
	all []storage.Series
	at  int
}

func (s *series) Next() bool                      { s.at++; return s.at < len(s.all) }
func (s *series) At() storage.Series              { return s.all[s.at] }
func (*series) Err() error                        { return nil }
func (*series) Warnings() annotations.Annotations { return nil }

// alert is one that fires.
type alert struct {
	Labels      map[string]string `json:"exp_labels"`
	Annotations map[string]string `json:"exp_annotations"`
}

// prometheus goes through time as one does, a step at a time: rules in their order,
// what vanishes is marked as gone.
type prometheus struct {
	t      testing.TB
	engine *promql.Engine
	groups []rulefmt.RuleGroup
	data   memory
	// recorded are the series that each rule gave last, active since when each
	// alert is.
	recorded map[string][]labels.Labels
	active   map[string]time.Time
}

func newPrometheus(t testing.TB, groups []rulefmt.RuleGroup) *prometheus {
	engine := promql.NewEngine(promql.EngineOpts{MaxSamples: 1e6, Timeout: time.Minute, Parser: promQL, NoStepSubqueryIntervalFn: func(int64) int64 { return 60_000 }})
	return &prometheus{t: t, engine: engine, groups: groups, data: memory{}, recorded: map[string][]labels.Labels{}, active: map[string]time.Time{}}
}

func (p *prometheus) ask(expr string, at time.Time) promql.Vector {
	p.t.Helper()
	q, err := p.engine.NewInstantQuery(p.t.Context(), p.data, nil, expr, at)
	if err != nil {
		p.t.Fatalf("%s: %v", expr, err)
	}
	defer q.Close()
	v, err := q.Exec(p.t.Context()).Vector()
	if err != nil {
		p.t.Fatalf("%s: %v", expr, err)
	}
	return slices.Clone(v)
}

// step evaluates every rule, and gives what fires.
func (p *prometheus) step(at time.Time) map[string][]alert {
	firing, active := map[string][]alert{}, map[string]time.Time{}
	for _, g := range p.groups {
		for _, r := range g.Rules {
			vector := p.ask(r.Expr, at)
			if r.Record != "" {
				p.record(r, vector, at)
				continue
			}
			for _, sample := range vector {
				a := alertOf(p.t, r, sample)
				key := r.Alert + fmt.Sprint(a.Labels)
				active[key] = at
				if since, ok := p.active[key]; ok {
					active[key] = since
				}
				if at.Sub(active[key]) >= time.Duration(r.For) {
					firing[r.Alert] = append(firing[r.Alert], a)
				}
			}
		}
	}
	p.active = active
	return firing
}

func (p *prometheus) record(r rulefmt.Rule, vector promql.Vector, at time.Time) {
	before := p.recorded[r.Record]
	p.recorded[r.Record] = nil
	for _, sample := range vector {
		b := labels.NewBuilder(sample.Metric).Set(model.MetricNameLabel, r.Record)
		for name, v := range r.Labels {
			b.Set(name, v)
		}
		p.recorded[r.Record] = append(p.recorded[r.Record], b.Labels())
		p.data.add(b.Labels(), at.UnixMilli(), sample.F)
	}
	for _, l := range before {
		if !slices.ContainsFunc(p.recorded[r.Record], func(now labels.Labels) bool { return labels.Equal(now, l) }) {
			p.data.add(l, at.UnixMilli(), math.Float64frombits(value.StaleNaN))
		}
	}
}

func alertOf(t testing.TB, r rulefmt.Rule, sample promql.Sample) alert {
	data := template.AlertTemplateData(sample.Metric.Map(), nil, "", sample)
	expand := func(all map[string]string, into map[string]string) {
		for name, text := range all {
			out, err := template.NewTemplateExpander(t.Context(), "{{$labels := .Labels}}{{$value := .Value}}"+text, r.Alert, data, model.Time(0), nil, nil, nil).Expand()
			if err != nil {
				t.Fatalf("%s: %v", r.Alert, err)
			}
			into[name] = out
		}
	}
	a := alert{sample.Metric.Map(), map[string]string{}}
	delete(a.Labels, model.MetricNameLabel)
	expand(r.Labels, a.Labels)
	expand(r.Annotations, a.Annotations)
	return a
}

// feed takes a series as promtool writes it: its labels, and its values from 0 on.
func (p *prometheus) feed(name, values string, every time.Duration) {
	p.t.Helper()
	l, all, err := promQL.ParseSeriesDesc(name + " " + values)
	if err != nil {
		p.t.Fatal(err)
	}
	for n, v := range all {
		if !v.Omitted {
			p.data.add(l, int64(n)*every.Milliseconds(), v.Value)
		}
	}
}

// selectors are the series that an expression looks at.
func selectors(t testing.TB, expr string) []*parser.VectorSelector {
	t.Helper()
	tree, err := promQL.ParseExpr(expr)
	if err != nil {
		t.Errorf("%s: %v", strings.TrimSpace(expr), err)
		return nil
	}
	var out []*parser.VectorSelector
	parser.Inspect(tree, func(n parser.Node, _ []parser.Node) error {
		if s, ok := n.(*parser.VectorSelector); ok {
			out = append(out, s)
		}
		return nil
	})
	return out
}
