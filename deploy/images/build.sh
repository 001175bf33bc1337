#!/bin/sh
# Builds one program of an image, statically: build.sh board|media|web FILE
# VERSION is what the program says of itself. The Dockerfiles and the tests call
# this, so that what is tested is what is shipped.
set -eu
out=$(realpath -m "$2")
cd "$(dirname "$0")/../.."
case "$1" in
  board) package=./services/board/cmd/boardd ;;
  media) package=./services/media/cmd/mediad ;;
  web) package=./services/web/cmd/webd ;;
  *) echo "build.sh: no image is called $1" >&2; exit 2 ;;
esac
CGO_ENABLED=0 exec go build -tags nodynamic -trimpath \
  -ldflags "-s -w -X main.version=${VERSION:-dev}" -o "$out" "$package"
