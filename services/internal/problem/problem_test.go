package problem_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"fresque.dev/services/internal/fault"
	"fresque.dev/services/internal/problem"
)

func TestOf(t *testing.T) {
	c := problem.Common().Merge(problem.Catalogue{"too_long": {FR: "{max} caractères au plus.", EN: "At most {max} characters."}})
	long := fault.New(fault.Invalid, "too_long").At("title").With("max", 200)
	several := fault.New(fault.Invalid, "invalid_input")
	several.Details = []*fault.Fault{long}
	for _, tc := range []struct {
		name, accept string
		err          error
		status       int
		code, detail string
		items        int
	}{
		{"french by default", "", long, 422, "too_long", "200 caractères au plus.", 1},
		{"english", "de, en-GB;q=0.8", long, 422, "too_long", "At most 200 characters.", 1},
		{"details", "en", several, 422, "invalid_input", "Some fields need correcting.", 1},
		{"wrapped", "en", fmt.Errorf("context: %w", fault.New(fault.NotFound, "not_found")), 404, "not_found", "This does not exist, or no longer does.", 0},
		{"a code without a message is said by its kind", "en", fault.New(fault.Forbidden, "odd"), 403, "odd", "You are not allowed to do this on this wall.", 0},
		{"an unexpected error says nothing", "en", errors.New("password is hunter2"), 500, "internal", "Something went wrong on our side. Try again in a moment.", 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := c.Of(tc.err, tc.accept)
			if p.Status != tc.status || p.Code != tc.code || p.Detail != tc.detail || len(p.Errors) != tc.items {
				t.Fatalf("got %+v", p)
			}
		})
	}
}

func TestEveryMessageIsInBothLanguages(t *testing.T) {
	for code, text := range problem.Common() {
		if strings.TrimSpace(text.FR) == "" || strings.TrimSpace(text.EN) == "" {
			t.Errorf("%s lacks a language", code)
		}
	}
}
