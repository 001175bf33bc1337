#!/bin/sh
# Writes the licences of what a program is made of: licenses.sh board|media|web|fresque FILE
# for Go's part, licenses.sh npm FILE for what of npm is in the web app. Whatever
# has none is told, and is a fault.
set -eu
out=$(realpath -m "$2")
cd "$(dirname "$0")/../.."
mkdir -p "$(dirname "$out")"

# Lines of: name, version, folder, and by what name it calls its licence.
parts() {
  case "$1" in
    board) package=./services/board/cmd/boardd ;;
    media) package=./services/media/cmd/mediad ;;
    web) package=./services/web/cmd/webd ;;
    fresque) package=./services/standalone/cmd/fresque ;;
    npm)
      # What is optional is for other places than a browser.
      node -e 'for (const [path, one] of Object.entries(require("./web/package-lock.json").packages))
        if (path && !one.dev && !one.optional && !one.devOptional) console.log(path.replace(/.*node_modules\//, ""), one.version, "web/" + path, one.license ?? "")'
      return ;;
    *) echo "licenses.sh: no program is called $1" >&2; return 2 ;;
  esac
  echo "go $(go env GOVERSION) $(go env GOROOT)"
  case "$1" in board | fresque) echo "noto-emoji 3.006 services/board/internal/paper/font OFL-1.1" ;; esac
  CGO_ENABLED=0 go list -deps -tags nodynamic -f '{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}} {{.Dir}}{{end}}{{end}}' "$package" | sed '/^$/d' | sort -u
}

list=$(parts "$1")
echo "$list" | while read -r name version dir called; do
  files=$(find "$dir" -maxdepth 1 -type f \( -iname 'licen[cs]e*' -o -iname 'copying*' -o -iname 'notice*' -o -iname 'patents*' \) | LC_ALL=C sort)
  # Some only say so where they introduce themselves.
  [ -n "$files$called" ] || files=$(grep -lisE '^#+ *licen[cs]e' "$dir"/[Rr][Ee][Aa][Dd][Mm][Ee]* || true)
  [ -n "$files$called" ] || { echo "licenses.sh: $name $version says no licence" >&2; exit 1; }
  printf '==== %s %s %s\n\n' "$name" "$version" "$called"
  [ -z "$files" ] || echo "$files" | while read -r file; do cat "$file"; echo; done
done > "$out.new"
mv "$out.new" "$out"
