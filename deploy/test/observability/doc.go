// Package observability tests what is under deploy/observability: rules, alerts and
// the dashboard, against what the programs tell.
package observability
