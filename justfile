# Every command of this repository. `just` (cargo install just) runs them by name, and lists them without one;
# each line also works when copied into a shell.

# List the commands
default:
    @just --list

# Serve the API on http://127.0.0.1:8000 with example data
run *options:
    cargo run -- --demo {{options}}

# Run the tests
test:
    cargo test --workspace --locked --no-fail-fast

# Check formatting and lints
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets --locked -- -D warnings

# Check sources, licenses and known vulnerabilities of the dependencies
deny:
    .ci/deny

# Test from outside: deployed template, browser, generated clients, schemathesis, sam local invoke
e2e *options:
    e2e/run {{options}}

# Run everything that CI runs
ci:
    .ci/run

# Simulate the handlers with faults (run or show; options: --first SEED --histories N --seconds N; see docs/proof.md)
simulate +options:
    cargo run --release -p proof --bin simulate -- {{options}}

# Plant bugs in the store, and check that the simulation finds each (options: --only TEXT --histories N)
mutants *options:
    cargo run -p proof --bin mutants -- {{options}}

# Search for the requests that cost most (body, query, batch or lists)
worst +options:
    cargo run --profile bench -p proof --bin worst -- {{options}}

# Kill, fill, load and crowd the program of `cargo run` (kill, disk, folder, soak or crowd; see proof/endurance.md)
endurance +options:
    cargo build
    cargo run -p proof --bin endurance -- {{options}}

# Search for inputs that break a claim of a fuzz target: batch, event, json or query (needs cargo-fuzz; see proof/fuzz/README.md)
fuzz target *options:
    cargo fuzz run --fuzz-dir proof/fuzz -s none {{target}} -- -max_total_time=600 {{options}}

# Compare how parc and FastAPI read generated bodies (options: --bodies N --seed N)
differential *options:
    proof/differential {{options}}

# Rewrite the committed OpenAPI document
openapi:
    cargo run -- openapi > openapi.json

# Rewrite docs/access-patterns.md and docs/answers-and-logs.md from measured calls, capacity units and bytes
ledger:
    PARC_WRITE_LEDGER=1 cargo test -p shared --test store ledger
    PARC_WRITE_LEDGER=1 cargo test -p functions --test ledger

# Rewrite docs/costs.md from prices, assumptions, capacity units and the template
costs:
    PARC_WRITE_COSTS=1 cargo test -p bench

# Check an existing table (options: --endpoint URL --table NAME --repair)
verify *options:
    cargo run -- verify {{options}}

# Write every item of a table to a folder (options: DIR --endpoint URL --table NAME; see docs/restoring.md)
export *options:
    cargo run -- export {{options}}

# Carry out the operations of a file (see docs/batches.md), or restore an export (options: PATH --dry-run --refused FILE)
import *options:
    cargo run -- import {{options}}

# Take over the data of an old service (options: --from URL --endpoint URL --table NAME; see docs/taking-over.md)
adopt *options:
    cargo run -- adopt {{options}}

# Compare the answers of two services (options: --old URL --new URL --traffic FILE --writes; see docs/taking-over.md)
compare *options:
    cargo run -- compare {{options}}

# Print the changes of a table since an instant as requests (options: --since INSTANT --endpoint URL --table NAME)
changes *options:
    cargo run -- changes {{options}}

# Copy the items of a restored table to a stack's table (options: --endpoint URL --from TABLE --to TABLE; see RUNBOOK.md)
copy *options:
    cargo run -- copy {{options}}

# Check that an existing table has this version's layout
layout *options:
    cargo run -- layout {{options}}

# Measure requests as the register grows (two minutes after the build)
bench-growth:
    cargo bench -p functions --bench growth

# Measure the functions beside their peers (options: --full --publish; see bench/README.md)
bench *options:
    bench/run {{options}}

# Compare the instructions of two functions with bench/budget.json (--write updates it)
budget *options:
    bench/budget {{options}}

# Requests per second of `cargo run` and of a FastAPI service
bench-throughput:
    bench/throughput

# Record the table's answers for the benchmarks again, after a change of items or queries
recordings:
    PARC_WRITE_RECORDINGS=1 cargo test -p functions --test lambda recordings

# Build the functions as they are deployed (`just build x86_64` for the other architecture)
build architecture="arm64":
    deploy/build {{architecture}}

# Deploy to AWS (needs the AWS CLI, AWS SAM and credentials; `just deploy prod` for production)
deploy environment="default" *options: build
    deploy/stack {{environment}} {{options}}

# Print a token of a deployed stack
token stack="parc-dev":
    deploy/token {{stack}}

# Test a deployed stack: staging with the recorded cases, others with --read-only
smoke-test *options:
    deploy/smoke-test {{options}}

# Change parameters of a deployed stack (NAME=VALUE…)
parameters stack +values:
    deploy/set {{stack}} {{values}}

# Run layout, verify, copy, export, import or serve on the table of a deployed stack
parc stack +command:
    deploy/parc {{stack}} {{command}}
