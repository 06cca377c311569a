# Everything that a person does with this repository. `make run` and `make test` need nothing but a Rust toolchain,
# a C compiler, Python 3 and root rights for apt; they install the rest.
.PHONY: run cluster cluster-stop build tools check test fuzz soak bench compose-test console console-check console-test

# Build the release program and run it embedded in the foreground.
run:
	tools/run

# The distributed form as local processes: NATS, Postgres, two of each serving role.
cluster:
	tools/cluster start

cluster-stop:
	tools/cluster stop

build:
	cargo build --workspace --all-targets

# Postgres, nats-server, the AWS CLI and boto3, where they are missing.
tools:
	tools/install

# Style, lints, licences and the repository's own rules.
check:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --quiet -- -D warnings
	tools/deny
	cargo xtask tidy
	tools/console check

# The console's pages (docs/console.md): built anew, checked against what is committed, and clicked through in a browser.
console:
	tools/console build

console-check:
	tools/console check

console-test: tools
	cargo build --package trent --package trent-testkit
	tools/console test

# Unit, property and conformance tests; then Trent through AWS's clients, in both forms, and the console in a browser.
test: tools build
	cargo test --workspace --quiet
	tools/test-sdks
	tools/console test embedded

# Each fuzz target under libFuzzer for SECONDS; docs/fuzzing.md. What was found is kept and tried again.
fuzz: SECONDS ?= 60
fuzz:
	tools/fuzz $(SECONDS)

# Long, up to an hour and a half: ROUNDS rounds of chaos under load in each form, CASES cases of every property instead of 256, each
# fuzz target for SECONDS: ten minutes in all; and PAIRS random policies and requests against the policy oracle.
ROUNDS ?= 60
CASES ?= 2000
PAIRS ?= 1000000
soak: SECONDS ?= 30
soak: tools build
	tools/fuzz $(SECONDS)
	TRENT_ORACLE_PAIRS=$(PAIRS) TRENT_ORACLE_SEED=$$(date +%s) timeout 30m \
		cargo test --release --package trent-policy --test oracle -- --nocapture
	TRENT_SOAK=$(ROUNDS) timeout 40m cargo test --package trent-tests --test chaos -- --nocapture --test-threads 1
	PROPTEST_CASES=$(CASES) timeout 40m cargo test --workspace --exclude trent-tests

# Trent embedded beside a bare HTTP echo; see CONTRIBUTING.md for how to read the figures.
bench:
	tools/bench

# deploy/compose.yaml on a Docker engine (which is installed and started where there is none), loaded, scaled, and one of
# each role killed; needs root where the engine must be started. COMPOSE_TEST_SECONDS is how long the load lasts.
compose-test:
	tools/compose-test
