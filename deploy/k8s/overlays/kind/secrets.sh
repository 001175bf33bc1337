#!/bin/sh
# Makes the secrets of a try-out, once; what is there is kept.
set -eu
cd "$(dirname "$0")" && mkdir -p secrets && chmod 700 secrets && cd secrets
make() { [ -s "$1" ] || printf %s "$2" > "$1"; }
make master-key "$(openssl rand -base64 32)"
make operator-key "$(openssl rand -hex 24)"
make s3-access-key fresque
make s3-secret-key "$(openssl rand -hex 24)"
make board-nats-password "n$(openssl rand -hex 24)"
make media-nats-password "n$(openssl rand -hex 24)"
make administrator-password "n$(openssl rand -hex 24)"
make system-password "n$(openssl rand -hex 24)"
make keyfile "$(openssl rand -base64 96 | tr -d '\n')"
make root-password "$(openssl rand -hex 24)"
make password "$(openssl rand -hex 24)"
make store "mongodb://fresque:$(cat password)@mongodb-0.mongodb,mongodb-1.mongodb,mongodb-2.mongodb/fresque?replicaSet=fresque&authSource=fresque"
