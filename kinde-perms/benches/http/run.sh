#!/usr/bin/env bash
# Compares a guarded server with a bare one, with a hand-written extractor and with other crates, on the same token.
# Ends with one line per figure, `name value`. `run.sh ROUNDS NAME…` sets the number of paired rounds, 15 by default,
# and compares these servers alone.
set -euo pipefail
cd "$(dirname "$0")"
cargo build --release --quiet
if command -v npm >/dev/null; then
    (cd express && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
else
    echo "SKIPPED: express with @kinde/jwt-validator: npm is not installed" >&2
fi
program=(target/release/kinde-perms-http-bench compare "${1:-15}" "${@:2}")
if [ "$(nproc)" -gt 1 ] && command -v taskset >/dev/null; then
    SERVER_PROCESSOR=0 exec taskset --cpu-list 1 "${program[@]}"
fi
exec "${program[@]}"
