#!/usr/bin/env bash
# Measures the cost of building this crate on top of Axum: processor seconds of a debug build, and packages. Prints one
# line per figure, `name value`. Each build starts from nothing, in a temporary folder.
set -euo pipefail
crate="$(cd "$(dirname "$0")/.." && pwd)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
export CARGO_TARGET_DIR="$work/target" CARGO_INCREMENTAL=0 TIMEFORMAT="%U %S"

# measure NAME [ARGUMENT OF cargo add…]; with arguments, this crate is added.
measure() {
    local name="$1"
    shift
    cargo new --quiet --vcs none --name measured "$work/$name"
    cd "$work/$name"
    cargo add --quiet axum
    cargo add --quiet tokio --features macros,rt-multi-thread
    [ $# -eq 0 ] || cargo add --quiet --path "$crate" "$@"
    cargo fetch --quiet
    rm -rf "$CARGO_TARGET_DIR"
    { time cargo build --quiet; } 2>"$work/time"
    awk -v name="$name" 'END { printf "%s_cpu_seconds %.0f\n", name, $1 + $2 }' "$work/time"
    echo "${name}_packages $(cargo tree --prefix none --edges normal,build | sed 's/ (\*)$//' | sort -u | wc -l)"
}

measure axum
measure kinde_perms --default-features
measure kinde_perms_without_jwks_http --no-default-features --features axum,macros
