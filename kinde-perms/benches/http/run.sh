#!/usr/bin/env bash
# Compares a guarded server with a bare one, with a hand-written extractor and with other crates, on the same token.
# Ends with one line per figure, `name value`. `run.sh ROUNDS` sets the number of paired rounds, 15 by default.
set -euo pipefail
cd "$(dirname "$0")"
cargo build --release --quiet
exec target/release/kinde-perms-http-bench compare "${1:-15}"
