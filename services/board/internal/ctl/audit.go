package ctl

import (
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

var auditCommands = []command{
	{"list", "fresquectl audit [-since WHEN]: what was done with the operator's key, newest first.", nothing, func(f *flag.FlagSet) action {
		since := time.Time{}
		f.Func("since", "only what was done since `WHEN`: a day (2026-11-01), a moment (2026-11-01T08:00:00Z) or so long ago (36h, 7d)", func(text string) (err error) {
			since, err = moment(text, time.Now(), -1)
			return err
		})
		return func(ctx context.Context, t *tool, _ string) error { return t.audit(ctx, since) }
	}},
}

// moment reads a day, a moment, or how long ago (way is -1) or ahead (1).
func moment(text string, now time.Time, way int) (time.Time, error) {
	if days, found := strings.CutSuffix(text, "d"); found {
		if n, err := strconv.Atoi(days); err == nil {
			return now.AddDate(0, 0, way*n), nil
		}
	}
	if ago, err := time.ParseDuration(text); err == nil {
		return now.Add(time.Duration(way) * ago), nil
	}
	if day, err := time.ParseInLocation(time.DateOnly, text, time.Local); err == nil {
		return day, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return at, fmt.Errorf("%q is neither a day, a moment nor a time such as 36h or 7d", text)
	}
	return at, nil
}

// act is one as the service tells it.
type act struct {
	ID      string    `json:"id"`
	At      time.Time `json:"at"`
	What    string    `json:"what"`
	On      string    `json:"on,omitempty"`
	Key     string    `json:"key"`
	From    string    `json:"from,omitempty"`
	Request string    `json:"request,omitempty"`
	Status  int       `json:"status,omitempty"`
}

func (t *tool) audit(ctx context.Context, since time.Time) error {
	acts, before := []act{}, ""
	for more := true; more; {
		raw, err := t.ask(ctx, http.MethodGet, "/operator/acts?before="+url.QueryEscape(before), nil)
		if err != nil {
			return err
		}
		var page struct {
			Acts []act
			Next string
		}
		if err := json.Unmarshal(raw, &page); err != nil {
			return err
		}
		before, more = page.Next, page.Next != ""
		for _, one := range page.Acts {
			if one.At.Before(since) {
				more = false
				break
			}
			acts = append(acts, one)
		}
	}
	if t.json {
		return t.asJSON(map[string]any{"acts": acts})
	}
	if len(acts) == 0 {
		fmt.Fprintln(t.out, "Nothing was done with the operator's key.")
		return nil
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	for _, one := range acts {
		ended := "unknown"
		if one.Status != 0 {
			ended = strconv.Itoa(one.Status)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\tkey %s\t%s\t%s\n", one.At.Local().Format(time.DateTime), one.What, cmp.Or(one.On, "-"), ended, one.Key, cmp.Or(one.From, "-"), one.Request)
	}
	return w.Flush()
}
