#!/usr/bin/env bash
# A client of Fresque's API for platforms, with curl and openssl alone.
set -euo pipefail
service=${SERVICE:-http://localhost:8080}
operator=${OPERATOR_KEY:-$(cat data/keys/operator.key)}
api=$service/api/v1
json='Content-Type: application/json'
field() { grep -o "\"$1\":\"[^\"]*\"" | head -n 1 | cut -d '"' -f 4; }
base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }
dir=$(mktemp -d)
trap 'rm -r "$dir"' EXIT

# Once: a key of one's own. Its public half is what the service is given.
openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$dir/key.pem"
modulus=$(openssl rsa -in "$dir/key.pem" -noout -modulus | cut -d = -f 2 | sed 's/../\\x&/g')
n=$(printf '%b' "$modulus" | base64url)
keys="{\\\"keys\\\":[{\\\"kty\\\":\\\"RSA\\\",\\\"use\\\":\\\"sig\\\",\\\"alg\\\":\\\"RS256\\\",\\\"kid\\\":\\\"one\\\",\\\"n\\\":\\\"$n\\\",\\\"e\\\":\\\"AQAB\\\"}]}"

# Once, by the operator: the site is connected.
platform=$(curl -sSf "$api/platforms" -H "Authorization: Bearer $operator" -H "$json" \
  -d "{\"name\": \"My site\", \"issuer\": \"https://site.example\", \"origins\": [\"https://site.example\"], \"keys\": \"$keys\"}" | field id)

# Every five minutes: an assertion, signed with the key, is exchanged for a token.
now=$(date +%s)
head=$(printf '{"alg":"RS256","kid":"one"}' | base64url)
claims=$(printf '{"iss":"%s","sub":"%s","aud":"%s/oauth/token","iat":%d,"exp":%d,"jti":"%s"}' \
  "$platform" "$platform" "$api" "$now" $((now + 60)) "$(openssl rand -hex 16)" | base64url)
signature=$(printf '%s.%s' "$head" "$claims" | openssl dgst -sha256 -sign "$dir/key.pem" -binary | base64url)
token=$(curl -sSf "$api/oauth/token" -d grant_type=client_credentials \
  -d client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer \
  -d "client_assertion=$head.$claims.$signature" | field access_token)
auth="Authorization: Bearer $token"

# A board. Should the answer be lost, the same request makes no second one.
board=$(curl -sSf "$api/platform/boards" -H "$auth" -H "$json" -H "Idempotency-Key: course-7-activity-12" \
  -d '{"externalId": "activity 12", "title": "Volcanoes", "language": "en", "completion": {"rules": [{"measure": "posts", "least": 1}]}}' | field id)

# A ticket: where to send one of the site's people, within a minute.
url=$(curl -sSf "$api/platform/boards/$board/tickets" -H "$auth" -H "$json" \
  -d '{"user": "f3a1", "name": "Ada", "role": "writer"}' | field url)

# Their page exchanges it for a session; here that is done by hand, and something is posted.
session=$(curl -sSf "$api/sessions" -H "$json" -d "{\"boardId\": \"$board\", \"ticket\": \"${url#*#ticket=}\"}" | field token)
curl -sSf "$api/boards/$board/posts" -H "Authorization: Bearer $session" -H "$json" -d '{"title": "Etna"}' -o "$dir/post"

# What came of it, for completion and grades; then the board is deleted.
curl -sSf "$api/platform/boards/$board/participation" -H "$auth" | grep -o '"posts":[0-9]*\|"complete":[a-z]*'
curl -sSf "$api/platform/boards?externalId=activity%2012" -H "$auth" | field title
curl -sSf -X DELETE "$api/platform/boards/$board" -H "$auth"
curl -sS "$api/platform/boards/$board" -H "$auth" | field code
