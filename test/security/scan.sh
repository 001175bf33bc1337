#!/usr/bin/env bash
# Looks for known faults in what we depend on: Go by govulncheck, npm by its audit.
# Where their databases cannot be reached it says so and passes; SCAN_STRICT=yes
# then fails. GOVULNDB=file:///DIR is a copy of Go's.
set -euo pipefail
cd "$(dirname "$0")/../.."
missed=()
version=${GOVULNCHECK_VERSION:?set by the Makefile}
tools=${TOOLS:-$PWD/.tools/bin}
db=${GOVULNDB:-https://vuln.go.dev}
if [[ $db == file://* ]] || curl -sf --max-time 10 -o /dev/null "$db/index/db.json"; then
  GOBIN=$tools GOWORK=off go install "golang.org/x/vuln/cmd/govulncheck@$version"
  for module in $GO_MODULES deploy/test; do
    echo "govulncheck $module"
    workspace=(); [[ $module == deploy/* ]] && workspace=(env GOWORK=off)
    (cd "$module" && "${workspace[@]}" "$tools/govulncheck" -db "$db" ./...)
  done
else
  missed+=("Go: $db cannot be reached")
fi
for folder in web test/e2e; do
  # npm answers 1 both for a fault and for a registry that has no audit.
  if out=$(cd "$folder" && npm audit --audit-level=high --json 2>/dev/null); then
    echo "npm audit $folder: nothing"
  elif grep -q '"auditReportVersion"' <<<"$out"; then
    (cd "$folder" && npm audit --audit-level=high) || exit 1
  else
    missed+=("npm, $folder: the registry answers no audit")
  fi
done
((${#missed[@]} == 0)) && exit 0
printf 'NOT SCANNED, %s\n' "${missed[@]}" >&2
[[ ${SCAN_STRICT:-no} != yes ]]
