package mongostore

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/event"
	"go.mongodb.org/mongo-driver/v2/mongo"
)

// watch collects what stores send to the documents, one of each shape.
type watch struct {
	mu       sync.Mutex
	database string
	seen     map[string]asked
}

// asked is a query as it went over the wire.
type asked struct {
	name         string
	filter, sort bson.D
	// command is what explain takes.
	command bson.D
}

func (w *watch) monitor() *event.CommandMonitor {
	return &event.CommandMonitor{Started: func(_ context.Context, e *event.CommandStartedEvent) {
		for _, a := range askedBy(e.Command) {
			w.mu.Lock()
			w.database = e.DatabaseName
			w.seen[a.shape()] = a
			w.mu.Unlock()
		}
	}}
}

// askedBy reads the queries of a command on the documents; an insert has none.
func askedBy(raw bson.Raw) []asked {
	var c struct {
		Find, Update, Delete, Count, Distinct, Aggregate, FindAndModify string
		Comment                                                         string
		Filter, Sort, Query                                             bson.D
		Updates                                                         []struct {
			Q, U   bson.D
			Upsert bool
		}
	}
	if err := bson.Unmarshal(raw, &c); err != nil {
		return []asked{{name: fmt.Sprintf("%s: %v", raw, err)}}
	}
	switch documentsCollection {
	case c.Find:
		command := bson.D{{Key: "find", Value: c.Find}, {Key: "filter", Value: c.Filter}}
		if len(c.Sort) > 0 {
			command = append(command, bson.E{Key: "sort", Value: c.Sort})
		}
		return []asked{{name: c.Comment, filter: c.Filter, sort: c.Sort, command: command}}
	case c.Update:
		var all []asked
		for _, u := range c.Updates {
			command := bson.D{{Key: "update", Value: c.Update}, {Key: "updates", Value: bson.A{bson.D{{Key: "q", Value: u.Q}, {Key: "u", Value: u.U}}}}}
			all = append(all, asked{name: c.Comment, filter: u.Q, command: command})
		}
		return all
	case c.Delete, c.Count, c.Distinct, c.Aggregate, c.FindAndModify:
		return []asked{{name: "teach this test to read " + raw.String()}}
	}
	return nil
}

// shape is the same for queries that differ in their values only.
func (a asked) shape() string {
	var fields []string
	for _, e := range a.filter {
		fields = append(fields, e.Key+operator(e.Value))
	}
	return fmt.Sprint(a.name, fields, a.sort)
}

// operator is "$lt" and the like, and empty for equality.
func operator(value any) string {
	if d, ok := value.(bson.D); ok && len(d) > 0 && strings.HasPrefix(d[0].Key, "$") {
		return d[0].Key
	}
	return ""
}

// residual are the fields that a query reads documents for: its index gives
// more than it wants. What is here was thought about; docs/mongodb.md says why.
var residual = map[string][]string{queryTrashed: {"purgeAt"}, queryUnpublished: {"kind"}, queryDue: {"kind"}}

// servedBy gives the index that leads to what a query wants, in its order; or
// says why none does.
func (a asked) servedBy() (string, error) {
	equal, ranged := map[string]bool{}, map[string]bool{}
	for _, e := range a.filter {
		switch operator(e.Value) {
		case "":
			equal[e.Key] = true
		case "$lt", "$gt":
			ranged[e.Key] = true
		case "$exists", "$in": // no key is found by them
		default:
			return "", fmt.Errorf("no rule for %s", operator(e.Value))
		}
	}
	if equal["_id"] {
		return "_id_", nil // one document at most, whatever else is said of it
	}
	var why []string
	for _, i := range append([]index{{name: "_id_", keys: []string{"_id"}}}, indexes...) {
		missing := i.misses(a, equal, ranged)
		if missing == "" {
			return i.name, nil
		}
		why = append(why, i.name+": "+missing)
	}
	return "", fmt.Errorf("%s", strings.Join(why, "; "))
}

// misses says what the index does not give, or nothing. Fields that equal
// something come first in the keys, then those of the sort, of which the first
// may be in a range.
func (i index) misses(a asked, equal, ranged map[string]bool) string {
	n := 0
	for n < len(i.keys) && equal[i.keys[n]] {
		n++
	}
	used, rest := i.keys[:n], i.keys[n:]
	if i.sparse && !slices.ContainsFunc(i.keys, func(k string) bool { return equal[k] || ranged[k] }) {
		return "sparse, and no key is compared"
	}
	for at, e := range a.sort {
		if at >= len(rest) || rest[at] != e.Key || e.Value != a.sort[0].Value {
			return "not in the order of " + e.Key
		}
	}
	if len(rest) > 0 && ranged[rest[0]] {
		used = append(slices.Clone(used), rest[0])
	}
	if len(used) == 0 {
		return "no key is given"
	}
	for _, e := range a.filter {
		if !slices.Contains(used, e.Key) && !slices.Contains(residual[a.name], e.Key) {
			return "does not narrow down " + e.Key
		}
	}
	return ""
}

// check holds every query seen to the indexes, and every query declared to have
// been seen.
func (w *watch) check(t *testing.T) {
	var named []string
	for _, a := range w.seen {
		if !slices.Contains(queryNames, a.name) {
			t.Errorf("not one of queries.go: %s", a.shape())
		}
		named = append(named, a.name)
		by, err := a.servedBy()
		if err != nil {
			t.Errorf("%s has no index: %v", a.shape(), err)
			continue
		}
		t.Logf("%-12s %s", by, a.shape())
	}
	for _, name := range queryNames {
		if !slices.Contains(named, name) {
			t.Errorf("%s: no test of the suite asks it", name)
		}
	}
}

// explain asks the server how it would go about every query seen.
func (w *watch) explain(t *testing.T) {
	if isFerretDB(t) {
		t.Skip("FerretDB's explain tells of its own SQL, not of indexes: the rule of the test before is what holds here")
	}
	withClient(t, serverAddress(t), func(ctx context.Context, client *mongo.Client) error {
		documents := client.Database(w.database).Collection(documentsCollection)
		if err := createIndexes(ctx, documents); err != nil {
			return err
		}
		for _, a := range w.seen {
			plan, err := client.Database(w.database).RunCommand(ctx,
				bson.D{{Key: "explain", Value: a.command}, {Key: "verbosity", Value: "queryPlanner"}}).Raw()
			if err != nil {
				return fmt.Errorf("%s: %w", a.shape(), err)
			}
			if fault := judge(plan); fault != "" {
				t.Errorf("%s: %s in %s", a.shape(), fault, plan)
			}
		}
		return client.Database(w.database).Drop(ctx)
	})
}

// judge says what is wrong with the plan that won, or nothing.
func judge(plan bson.Raw) string {
	var stages []string
	collectStages(plan, &stages)
	for _, s := range stages {
		if s == "COLLSCAN" || s == "SORT" || s == "SORT_SIMPLE" || s == "SORT_DEFAULT" {
			return s
		}
	}
	if !slices.ContainsFunc(stages, func(s string) bool {
		return s == "IXSCAN" || s == "IDHACK" || strings.HasPrefix(s, "EXPRESS") || s == "EOF"
	}) {
		return fmt.Sprintf("no index among %v", stages)
	}
	return ""
}

// collectStages walks a plan of any server and version: the winning ones, on
// every shard, whatever engine runs them.
func collectStages(doc bson.Raw, into *[]string) {
	elements, err := doc.Elements()
	if err != nil {
		return
	}
	for _, e := range elements {
		if e.Key() == "rejectedPlans" || e.Key() == "slotBasedPlan" {
			continue
		}
		if stage, ok := e.Value().StringValueOK(); ok && e.Key() == "stage" {
			*into = append(*into, stage)
		}
		if d, ok := e.Value().DocumentOK(); ok {
			collectStages(d, into)
		}
		if a, ok := e.Value().ArrayOK(); ok {
			collectStages(bson.Raw(a), into)
		}
	}
}

func TestAQueryWithoutAnIndexIsFound(t *testing.T) {
	lt := bson.D{{Key: "$lt", Value: "x"}}
	for name, a := range map[string]asked{
		"nothing given":       {sort: up("id")},
		"half of the keys":    {filter: bson.D{{Key: "kind", Value: "post"}}, sort: up("id")},
		"another order":       {filter: bson.D{{Key: "board", Value: "b"}, {Key: "kind", Value: "k"}, {Key: "deleted", Value: false}}, sort: up("rev")},
		"a gap in the keys":   {filter: bson.D{{Key: "board", Value: "b"}, {Key: "kind", Value: "k"}}, sort: up("id")},
		"a field beside":      {filter: bson.D{{Key: "board", Value: "b"}, {Key: "kind", Value: "k"}, {Key: "rev", Value: 1}}},
		"two ways":            {filter: bson.D{{Key: "board", Value: "b"}}, sort: bson.D{{Key: "kind", Value: 1}, {Key: "deleted", Value: -1}}},
		"sparse, not limited": {sort: up("purgeAt")},
		"range before order":  {filter: bson.D{{Key: "board", Value: "b"}, {Key: "kind", Value: lt}}, sort: up("id")},
		"operator not known":  {filter: bson.D{{Key: "board", Value: bson.D{{Key: "$regex", Value: "x"}}}}},
	} {
		if by, err := a.servedBy(); err == nil {
			t.Errorf("%s: served by %s", name, by)
		}
	}
	sweep := asked{filter: bson.D{{Key: "purgeAt", Value: lt}}, sort: up("purgeAt")}
	if by, err := sweep.servedBy(); by != "purge" {
		t.Errorf("a sweep: %s, %v", by, err)
	}
}

// The plans are as MongoDB 5 to 8 write them, cut short; no such server runs
// where these tests usually do.
func TestPlansAreJudged(t *testing.T) {
	stage := func(name string, more ...bson.E) bson.D { return append(bson.D{{Key: "stage", Value: name}}, more...) }
	input := func(d bson.D) bson.E { return bson.E{Key: "inputStage", Value: d} }
	planned := func(d bson.D) bson.D {
		return bson.D{{Key: "queryPlanner", Value: bson.D{{Key: "winningPlan", Value: d}, {Key: "rejectedPlans", Value: bson.A{stage("SORT")}}}}}
	}
	for name, c := range map[string]struct {
		plan bson.D
		good bool
	}{
		"index":         {planned(stage("FETCH", input(stage("IXSCAN")))), true},
		"one document":  {planned(stage("IDHACK")), true},
		"8.0":           {planned(stage("EXPRESS_IXSCAN")), true},
		"update":        {planned(stage("UPDATE", input(stage("FETCH", input(stage("IXSCAN")))))), true},
		"slots":         {planned(bson.D{{Key: "queryPlan", Value: stage("FETCH", input(stage("IXSCAN")))}}), true},
		"a shard scans": {planned(stage("SINGLE_SHARD", bson.E{Key: "shards", Value: bson.A{bson.D{{Key: "winningPlan", Value: stage("COLLSCAN")}}}})), false},
		"merged shards": {planned(stage("SHARD_MERGE_SORT", bson.E{Key: "shards", Value: bson.A{bson.D{{Key: "winningPlan", Value: stage("FETCH", input(stage("IXSCAN")))}}}})), true},
		"sorts":         {planned(stage("SORT", input(stage("FETCH", input(stage("IXSCAN")))))), false},
		"scans":         {planned(stage("COLLSCAN")), false},
		"tells nothing": {planned(bson.D{}), false},
	} {
		raw, err := bson.Marshal(c.plan)
		if err != nil {
			t.Fatal(err)
		}
		if fault := judge(raw); (fault == "") != c.good {
			t.Errorf("%s: %q", name, fault)
		}
	}
}
