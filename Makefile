# Fresque. `make help` lists the targets.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# Pinned tools, built into .tools/bin on first use.
BUF_VERSION          := v1.75.0
PROTOC_GEN_GO        := v1.36.12
GOLANGCI_VERSION     := v2.15.0
GOVULNCHECK_VERSION  := v1.9.0
CYCLONEDX_VERSION    := v1.10.0

# What the manifests are held to. The API server's own version is in
# deploy/test/apiserver/go.mod.
KUBERNETES_VERSION   := v1.36.3
GATEWAY_API_VERSION  := v1.6.3

TOOLS   := $(CURDIR)/.tools/bin
export PATH := $(TOOLS):$(PATH)

GO_MODULES := proto services/internal services/board services/media services/standalone services/web web test
GO_PACKAGES := $(addsuffix /...,$(addprefix ./,$(GO_MODULES)))
VERSION := $(shell git describe --always --dirty 2>/dev/null || echo dev)
WEB_SOURCES := $(shell find web -path web/node_modules -prune -o -path web/dist -prune -o -type f ! -name "*.go" -print 2>/dev/null)

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z][a-z-]*:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 18

.PHONY: run
run: bin/fresque ## Run Fresque on this machine, data under ./data (settings: bin/fresque -h)
	@exec bin/fresque $(ARGS)

.PHONY: build
build: bin/fresque bin/fresquectl ## Build the web app, the standalone binary and the operator's command

# The web app goes into the binary, so it comes first.
bin/fresque: web/dist/index.html $(shell find proto services web -name '*.go' -o -name go.mod -o -name go.sum 2>/dev/null | grep -v node_modules)
	CGO_ENABLED=0 go build -tags nodynamic -trimpath -ldflags "-X main.version=$(VERSION)" -o $@ ./services/standalone/cmd/fresque

bin/fresquectl: $(shell find services/board/cmd/fresquectl services/board/internal/ctl services/internal proto/subject -name '*.go' 2>/dev/null)
	CGO_ENABLED=0 go build -trimpath -o $@ ./services/board/cmd/fresquectl

.PHONY: services
services: web bin/fresquectl ## Build boardd, mediad and webd into bin, as the images have them, where they run apart without containers
	for one in board:boardd media:mediad web:webd; do VERSION=$(VERSION) deploy/images/build.sh $${one%:*} bin/$${one#*:} || exit 1; done

.PHONY: web
web: web/dist/index.html ## Build the web app

web/dist/index.html: web/node_modules/.package-lock.json $(WEB_SOURCES)
	cd web && npm run --silent build
	@touch $@ web/dist/.gitkeep

web/node_modules/.package-lock.json: web/package.json web/package-lock.json
	cd web && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

.PHONY: generate
generate: $(TOOLS)/buf-$(BUF_VERSION) $(TOOLS)/protoc-gen-go-$(PROTOC_GEN_GO) web/node_modules/.package-lock.json ## Generate from the contracts: Go from proto, OpenAPI from Go, TypeScript from OpenAPI
	cd proto && buf lint && buf generate
	go run ./services/board/cmd/boardd openapi > proto/openapi/board.json.new && mv proto/openapi/board.json.new proto/openapi/board.json
	go run ./services/media/cmd/mediad openapi > proto/openapi/media.json.new && mv proto/openapi/media.json.new proto/openapi/media.json
	cd web && npm run --silent gen:api
	@mkdir -p deploy/nats
	go run ./services/board/cmd/fresquectl nats permissions > deploy/nats/accounts.conf.new && mv deploy/nats/accounts.conf.new deploy/nats/accounts.conf
	go run ./services/board/cmd/fresquectl nats permissions -make > deploy/nats/accounts-make.conf.new && mv deploy/nats/accounts-make.conf.new deploy/nats/accounts-make.conf
	cp deploy/nats/accounts-make.conf deploy/k8s/components/nats/accounts.conf
	go run ./services/board/cmd/fresquectl reference > docs/fresquectl.md.new && mv docs/fresquectl.md.new docs/fresquectl.md
	{ cat services/internal/settings/reference.md; for of in $(CONFIGURED); do go run ./services/$$of config -reference || exit 1; done; } > docs/configuration.md.new && mv docs/configuration.md.new docs/configuration.md
	{ cat services/internal/metrics/reference.md; for of in $(MEASURED); do go run ./services/$$of metrics || exit 1; done; } > docs/metrics.md.new && mv docs/metrics.md.new docs/metrics.md

# The programs whose settings docs/configuration.md describes.
CONFIGURED := standalone/cmd/fresque board/cmd/boardd media/cmd/mediad web/cmd/webd
# Those whose metrics docs/metrics.md describes.
MEASURED := board/cmd/boardd media/cmd/mediad web/cmd/webd

.PHONY: check-generated
check-generated: ## Fail when what is generated is not what is there
	@before=$$($(GENERATED_SUM)); $(MAKE) --no-print-directory generate; \
	  [ "$$before" = "$$($(GENERATED_SUM))" ] || { echo 'Generated files were stale: commit what make generate writes.' >&2; exit 1; }

GENERATED_SUM := find proto web/src/api docs/configuration.md docs/metrics.md docs/fresquectl.md deploy/nats deploy/k8s/components/nats -type f | LC_ALL=C sort | xargs sha256sum

.PHONY: lint
lint: $(TOOLS)/golangci-lint-$(GOLANGCI_VERSION) web/node_modules/.package-lock.json ## Lint Go (with the import rules) and the web app
	@for m in $(GO_MODULES); do (cd $$m && golangci-lint run --config $(CURDIR)/.golangci.yml ./...) || exit 1; done
	cd web && npm run --silent check

.PHONY: test
test: test-packages check-generated lint scan test-plugin test-web test-go test-mongo test-deploy test-e2e ## Run every test; installs what it needs
	@echo 'All tests passed.'

# LibreOffice (soffice) is not among them, for its size: where it is not installed,
# the tests of the first pages of office documents are skipped.
.PHONY: test-packages
test-packages: ## Install the system packages that tests need (Debian, as root)
	@for tool in chromium gcc curl openssl ffmpeg pdftoppm clamd php; do \
	  PATH="$$PATH:/usr/sbin" command -v $$tool >/dev/null || missing=yes; done; \
	[ -z "$${missing:-}" ] || { apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core gcc libc6-dev curl openssl \
	    ffmpeg poppler-utils clamav-daemon php-cli php-xml php-mbstring php-curl >/dev/null; }

.PHONY: test-go
test-go: test-packages web ## Run the Go tests, with the race detector, in random order
	go test -race $(addprefix -gcflags=,$(addsuffix =-race=false,$(NOT_OURS))) -shuffle=on -p 3 $(GO_PACKAGES)

# The race detector does not look into others' codecs, ciphers and database engine,
# each call of which is one goroutine's alone: with it they take ten times as long.
NOT_OURS := compress/flate image/... golang.org/x/image/... github.com/gen2brain/webp \
  golang.org/x/crypto/argon2 golang.org/x/crypto/blake2b modernc.org/libc modernc.org/sqlite/lib

.PHONY: test-mongo
test-mongo: ## Run the store's conformance suite on MONGODB_URI, or on a wire server started for it
	if [ -n "$${MONGODB_URI:-}" ]; then $(TEST_MONGO); else go run ./test/mongowire -- bash -c '$(TEST_MONGO)'; fi

TEST_MONGO := go test -count=1 ./services/board/internal/store/mongostore/... && go test -count=1 -run ^TestMigrate ./services/board/app

.PHONY: test-web
test-web: web ## Run the web app's unit tests and check its size
	cd web && npm run --silent test
	cd web && npm run --silent size

.PHONY: test-e2e
test-e2e: test-packages bin/fresque test/e2e/node_modules/.package-lock.json ## Run the whole product in a real browser
	cd test/e2e && npm run --silent test

PLUGIN := integrations/moodle/mod_fresque

.PHONY: plugin
plugin: ## Build the activity for Moodle, bin/mod_fresque.zip (docs/moodle.md)
	@mkdir -p bin
	go run integrations/moodle/pack.go $(PLUGIN) bin/mod_fresque.zip

.PHONY: test-plugin
test-plugin: test-packages ## Lint the activity for Moodle and test what of it needs no Moodle
	find $(PLUGIN) integrations/moodle/test -name '*.php' -print0 | xargs -0 -n 1 -P 2 php -d display_errors=1 -l >/dev/null
	php integrations/moodle/test/run.php
	@# Not before the tests: it would write anew what they find to be stale.
	$(MAKE) --no-print-directory plugin
	@go run integrations/moodle/pack.go $(PLUGIN) bin/mod_fresque.again.zip && cmp bin/mod_fresque.zip bin/mod_fresque.again.zip && rm bin/mod_fresque.again.zip

.PHONY: test-moodle
test-moodle: bin/fresque plugin test/e2e/node_modules/.package-lock.json ## Try the activity in a real Moodle, installed in MOODLE_DIR (docs/moodle.md)
	@[ -f "$(MOODLE_DIR)/config.php" ] || { echo 'MOODLE_DIR names no installed Moodle: see docs/moodle.md.' >&2; exit 1; }
	cd test/moodle && MOODLE_DIR="$(abspath $(MOODLE_DIR))" node --test --test-reporter=spec

test/e2e/node_modules/.package-lock.json: test/e2e/package.json test/e2e/package-lock.json
	cd test/e2e && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

.PHONY: faults
faults: ## Break NATS, the store, the network and the service under load, and hold the wall to its rules (FAULTS_MINUTES=10: the random test goes on for longer)
	go test -tags faults -race -count=1 -p 1 -timeout 30m -v $(addprefix ./services/board/,app internal/bus internal/live internal/wallcheck internal/cutproxy) \
	  | grep -E '^(---|    |FAIL|ok|panic)'

.PHONY: test-cluster
test-cluster: ## Kill and restart the servers of a NATS cluster while people write (docs/nats.md; 2 minutes)
	go test -tags faults -race -count=1 -timeout 10m -v -run ServersOfNATS ./services/board/app | grep -E '^(---|    |FAIL|ok|panic)'

# What the bench compares with is built from its own module, outside the workspace.
CENTRIFUGO := $(TOOLS)/centrifugo

.PHONY: bench
bench: $(CENTRIFUGO) ## Measure beside a floor and a peer, into docs/performance.md (one scenario: BENCH_ONLY=NAME, a try-out: BENCH_ARGS=-small)
	go build -trimpath -o $(TOOLS)/bench/ ./services/board/cmd/boardd ./test/load
	$(TOOLS)/bench/load -boardd $(TOOLS)/bench/boardd -centrifugo $(CENTRIFUGO) -mongo "$${MONGODB_URI:-}" \
	  -page docs/performance.md -pictures docs/pictures -revision "$(VERSION)" -only "$(BENCH_ONLY)" $(BENCH_ARGS)

$(CENTRIFUGO): test/load/peer/go.mod
	@mkdir -p $(TOOLS)
	cd test/load/peer && GOWORK=off go build -trimpath -o $@ github.com/centrifugal/centrifugo/v5
	@touch $@

.PHONY: bench-web
bench-web: bin/fresque test/e2e/node_modules/.package-lock.json ## Measure how fluid a wall of 5,000 posts is in a browser (a try-out: BENCH_POSTS=500)
	cd test/e2e && node bench-web.mjs

.PHONY: bench-media
bench-media: ## Measure the media service beside vipsthumbnail and tusd, into docs/performance.md
	MEDIA_PAGE=$(CURDIR)/docs/performance.md go test -tags 'bench nodynamic' -count=1 -timeout 20m -v -run TestMeasureMedia ./services/media/app

.PHONY: fuzz
fuzz: ## Fuzz the parsers, a minute each
	@for p in $$(grep -rlE '^func Fuzz' --include='*_test.go' services | xargs -n1 dirname | sort -u); do \
	  for f in $$(grep -hoE '^func Fuzz[A-Za-z0-9_]+' $$p/*_test.go | sed 's/func //'); do \
	    echo "== $$p $$f"; go test -run '^$$' -fuzz "^$$f$$" -fuzztime 60s ./$$p || exit 1; done; done

.PHONY: scan
scan: ## Look for known faults in what we depend on (says so where their databases cannot be reached; SCAN_STRICT=yes: fails then)
	@GO_MODULES="$(GO_MODULES)" GOVULNCHECK_VERSION=$(GOVULNCHECK_VERSION) TOOLS=$(TOOLS) test/security/scan.sh

.PHONY: test-deploy
test-deploy: web ## Test what is under deploy: images, compose, Kubernetes
	cd deploy/test && GOWORK=off go vet ./... && GOWORK=off go test -count=1 ./...

# The folder of a module of Go's, for the files that it carries.
module_dir = $$(go mod download -json $(1) | sed -n 's/^.*"Dir": "\(.*\)".*$$/\1/p')
GATEWAY_CRDS = $(call module_dir,sigs.k8s.io/gateway-api@$(GATEWAY_API_VERSION))/config/crd/standard
MANIFEST_KINDS := Namespace ConfigMap Secret Service ServiceAccount Deployment StatefulSet Job PodDisruptionBudget HorizontalPodAutoscaler NetworkPolicy Ingress

.PHONY: test-compose
test-compose: web ## Run what compose runs, without containers, and walk through it while parts are killed and restarted (Debian, as root)
	@PATH="$$PATH:/usr/sbin" command -v haproxy >/dev/null || { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends haproxy >/dev/null; }
	PATH="$$PATH:/usr/sbin" go vet -tags compose ./services/standalone/wiring
	PATH="$$PATH:/usr/sbin" go test -tags compose -count=1 -v -timeout 8m ./services/standalone/wiring

.PHONY: k8s-schemas
k8s-schemas: ## Write the schemas that manifests are held to anew, after a new pin
	rm -f deploy/test/schemas/*.json
	crds=$(GATEWAY_CRDS); cd deploy/test && GOWORK=off go run ./schemas/make $(call module_dir,k8s.io/kubernetes@$(KUBERNETES_VERSION))/api/openapi-spec/swagger.json \
	  $$crds/gateway.networking.k8s.io_gateways.yaml $$crds/gateway.networking.k8s.io_httproutes.yaml $(MANIFEST_KINDS)

# Five minutes on two cores the first time, for the API server is large.
.PHONY: test-apiserver
test-apiserver: web ## Give every manifest to a real Kubernetes API server, built for it
	@mkdir -p $(TOOLS)/cluster/manifests
	cd deploy/test/apiserver && GOWORK=off go vet . && GOWORK=off nice go build -trimpath -o $(TOOLS)/cluster/kube-apiserver k8s.io/kubernetes/cmd/kube-apiserver \
	  && GOWORK=off nice go build -trimpath -o $(TOOLS)/cluster/etcd go.etcd.io/etcd/server/v3
	cd deploy/test && GOWORK=off go test -count=1 -run TestRender -render $(TOOLS)/cluster/manifests .
	cd deploy/test/apiserver && CLUSTER_BIN=$(TOOLS)/cluster CLUSTER_CRDS=$(GATEWAY_CRDS) CLUSTER_MANIFESTS=$(TOOLS)/cluster/manifests \
	  GOWORK=off go test -count=1 -v .

# Whoever must know what is in an image: Go's part of each program, npm's of the web app.
.PHONY: sbom
sbom: $(TOOLS)/cyclonedx-gomod-$(CYCLONEDX_VERSION) web ## List what the images are made of, into bin/sbom (CycloneDX JSON)
	@mkdir -p bin/sbom
	for image in board media web; do VERSION=$(VERSION) deploy/images/build.sh $$image bin/sbom/$$image && \
	  cyclonedx-gomod bin -json -version "$(VERSION)" -output bin/sbom/$$image.json bin/sbom/$$image && rm bin/sbom/$$image || exit 1; done
	cd web && npm sbom --omit dev --sbom-format cyclonedx > ../bin/sbom/web-npm.json

.PHONY: licenses
licenses: web/node_modules/.package-lock.json ## Write the licences of all that the programs are made of, into bin/licenses (images have theirs)
	@for of in fresque board media web npm; do deploy/images/licenses.sh $$of bin/licenses/$$of.txt || exit 1; done

.PHONY: clean
clean: ## Remove what was built (not ./data)
	rm -rf bin .tools web/node_modules test/e2e/node_modules test/results
	find web/dist -mindepth 1 ! -name .gitkeep -delete

# A stamp for each version, so that a new pin is built anew.
$(TOOLS)/buf-$(BUF_VERSION):
	$(call install_tool,github.com/bufbuild/buf/cmd/buf@$(BUF_VERSION),buf)
$(TOOLS)/protoc-gen-go-$(PROTOC_GEN_GO):
	$(call install_tool,google.golang.org/protobuf/cmd/protoc-gen-go@$(PROTOC_GEN_GO),protoc-gen-go)
$(TOOLS)/golangci-lint-$(GOLANGCI_VERSION):
	$(call install_tool,github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION),golangci-lint)

$(TOOLS)/cyclonedx-gomod-$(CYCLONEDX_VERSION):
	$(call install_tool,github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@$(CYCLONEDX_VERSION),cyclonedx-gomod)

define install_tool
	@mkdir -p $(TOOLS)
	GOBIN=$(TOOLS) GOWORK=off go install $(1)
	@rm -f $(TOOLS)/$(2)-* && touch $@
endef
