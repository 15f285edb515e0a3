# Everything a developer runs. `make` alone lists the targets.
SHELL := /bin/bash
JAVA_HOME := $(shell scripts/find-jdk 2>/dev/null)
export JAVA_HOME
# MVN_ARGS are more arguments for every run of Maven, those of scripts/ too: -Dapp.skip=true -Dbroker.jar.skip=true take the
# jars and the AOT cache that are there, which otherwise are made anew each time.
export MVN_ARGS
MVN := mvn -B -ntp $(MVN_ARGS)
FUZZ_SECONDS ?= 60

.DEFAULT_GOAL := help
.PHONY: help build test tasker-e2e quick bench security-table guests fuzz fuzz-short guests-check templates-check languages-check jq-agreement signatures-exchange registry-peers traces-check mcp-check web-check image image-check image-pin format docs clean jdk dashboards dashboards-check pictures chart deploy-check

help: ## List the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

jdk:
	@scripts/find-jdk >/dev/null
	@command -v mvn >/dev/null || { echo "Maven is missing (Debian: apt-get install maven)" >&2; exit 3; }

build: jdk ## Build the runnable jars with every strict check, without tests
	$(MVN) -DskipTests verify

test: jdk ## Run all checks and all tests (no Docker needed; cargo fetches Tasker's schema)
	$(MVN) verify

tasker-e2e: jdk ## Test the broker with Tasker's real orchestrator, which is built the first time (Rust 1.88, some minutes)
	$(MVN) -Dquickly -Ptasker-e2e -pl broker -am verify

quick: jdk ## Compile and run the fast tests, without the strict checks
	$(MVN) -Dquickly test

bench: jdk ## Measure: sandbox, memory, end to end, Tasker; prints ratios
	bench/run

security-table: jdk ## Measure every hostile guest next to good steps, and write the table of docs/security.md
	$(MVN) -q -Dquickly -Psecurity-table -pl broker -am process-test-classes

guests: ## Build the handlers in handlers-wasm/ from source into handlers-wasm/prebuilt
	handlers-wasm/build

fuzz: jdk ## Fuzz each target for FUZZ_SECONDS (60), generated documents, and modules on both engines: docs/fuzzing.md (cargo)
	handlers-wasm/build --native
	handlers-wasm/build --fuzz || echo "no fresh modules: only those of broker/src/test/resources/fuzz-modules"
	$(MVN) -Dquickly -Pfuzz -Dfuzz.seconds=$(FUZZ_SECONDS) -pl broker -am verify

fuzz-short: jdk ## Fuzz each target, and run generated documents and mutated modules with few inputs and a fixed seed, as CI does (cargo)
	handlers-wasm/build --native
	$(MVN) -Dquickly -Pfuzz -pl broker -am verify

guests-check: ## Rebuild the handlers, compare with handlers-wasm/prebuilt, run their tests
	handlers-wasm/build --check --toolchain debian
	handlers-wasm/build --test

templates-check: jdk ## Build the templates of `wasm-broker new` that need a compiler, as docs/publish.md says (crates.io)
	handlers-wasm/build --setup
	$(MVN) -Dquickly -Ptemplates -pl broker -am verify

languages-check: jdk ## Build the SDKs' guests in all languages and components, run the conformance kit, and their templates (clang-16, Go, Maven, npm, PyPI, rustup)
	handlers-wasm/languages/build
	$(MVN) -Dquickly -Planguages -pl broker -am verify

jq-agreement: ## Compare the handlers' jq with jq itself: its test suite, recorded cases, generated programs
	scripts/jq-agreement

signatures-exchange: jdk ## Let the broker and cosign verify each other's signatures (builds cosign the first time: Go, half an hour)
	scripts/signature-exchange

registry-peers: jdk ## Exchange modules with crane and oras through a real registry (builds them the first time: Go, some minutes)
	scripts/registry-peers

traces-check: jdk ## Let a real OpenTelemetry collector receive the broker's spans (builds it the first time: Go, some minutes)
	scripts/traces-check

mcp-check: jdk ## Let the official MCP clients and the conformance suite call the MCP server (npm, PyPI)
	scripts/mcp-check

web-check: jdk ## Build the host for browsers, compare it with web/dist, and run it and the playground in Chromium (npm, Debian's `chromium`)
	web/build --check
	web/build --test

dashboards: ## Write deploy/grafana/*.json from scripts/dashboards (PyPI)
	scripts/dashboards/run generate

dashboards-check: jdk ## Check dashboards, alerts and runbook, and ask every query of a real Prometheus after a run under load (PyPI, prometheus)
	scripts/dashboards/run check
	scripts/dashboards/run rules
	$(MVN) -Dquickly -Pdashboards -pl broker -am verify

pictures: jdk ## Draw docs/pictures from a longer run under load, by the dashboards' own queries (PyPI, prometheus)
	$(MVN) -Dquickly -Pdashboards -Dobserved.rounds=150 -pl broker -am verify
	scripts/dashboards/run pictures

image: ## Build the container image: with the Docker engine, or without one to target/wasm-broker-image.tar (root, buildah)
	scripts/image

image-check: jdk ## Build the image without an engine, and run it and the parts of deploy/compose.yaml (root; buildah, prometheus)
	scripts/image-check

image-pin: ## Write the digests that the image's bases have now into the Dockerfile (skopeo, network)
	scripts/image --pin

format: jdk ## Format the Java sources
	$(MVN) -q spotless:apply

docs: jdk ## Regenerate the tables of docs/configuration.md and docs/metrics.md from the code
	$(MVN) -q -Dquickly -pl broker -am test -Ddocs=write -Dtest='*DocumentTest'

chart: ## Regenerate what the Helm chart takes from elsewhere: settings, alerts, dashboards, its table of values
	scripts/chart write

deploy-check: jdk ## Check what is in deploy/ (builds helm the first time: Go, some minutes)
	scripts/check-deploy-parts
	deploy/helm/tests/run

clean: jdk ## Delete what was built
	$(MVN) -q clean
