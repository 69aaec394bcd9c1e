#!/usr/bin/env bash
# Counts instructions and allocations of the hot paths: one line per figure, `name value`. `--record` writes them to
# `recorded.txt`. `--check` compares them with that file: it fails if a figure has grown by more than 3 % and 20
# instructions, which the seeds of hash tables may cost, or if rubbish exceeds its absolute limit.
set -euo pipefail
cd "$(dirname "$0")/.."

mode="${1:-}"
recorded="benches/recorded.txt"
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT

# Prints the path of a benchmark's program.
program() {
    cargo bench --locked -p kinde-perms --bench "$1" --no-run --message-format=json 2>/dev/null |
        sed -n 's/.*"executable":"\([^"]*\)".*/\1/p' | tail -1
}

# Instructions of one scenario: `instructions NAME TIMES`.
instructions() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null --toggle-collect='*measured_part*' \
        "$counter" run "$folder" "$1" "$2" 2>&1 | awk -v times="$2" '/Collected :/ { printf "%d", $4 / times }'
}

count_instructions() {
    command -v valgrind >/dev/null || { echo "valgrind is needed" >&2; return 1; }
    counter="$(program instructions)"
    "$counter" write "$folder"
    for name in $("$counter" list); do
        # Rubbish takes a thousand times as long, and varies less. A rule takes so little that the seed of one hash table
        # shows: one process in eight compares a second key. The fewest of five processes is the same every time.
        times=256 runs=1
        case "$name" in rubbish_*) times=16 ;; rule_*) runs=5 ;; esac
        fewest="$(for ((run = 0; run < runs; run++)); do instructions "$name" "$times" && echo; done | sort -n | head -1)"
        echo "${name}_instructions $fewest"
    done
}

# Derived figures: the cost that a guard adds to a request, the cost that a verification adds to its signature, and the
# costliest rubbish divided by an ordinary token with a bad signature.
derive() {
    awk '
        { value[$1] = $2; print }
        /^rubbish_.*_instructions / && $2 > value["worst"] { value["worst"] = $2 }
        /^rubbish_.*_bytes / && $2 > bytes { bytes = $2 }
        function ratio(name, part, whole) {
            if (value[part] && value[whole]) printf "%s %.3f\n", name, value[part] / value[whole]
        }
        function difference(name, more, less) {
            if (more in value && less in value) printf "%s %d\n", name, value[more] - value[less]
        }
        END {
            ratio("verify_10_ratio", "verify_rs256_10_instructions", "raw_rs256_10_instructions")
            ratio("verify_100_ratio", "verify_rs256_100_instructions", "raw_rs256_100_instructions")
            ratio("rule_1000_ratio", "rule_1000_instructions", "rule_1_instructions")
            ratio("costliest_rubbish_ratio", "worst", "bad_signature_instructions")
            printf "costliest_rubbish_bytes %d\n", bytes
            difference("guard_warm_instructions", "request_guarded_warm_instructions", "request_bare_instructions")
            difference("guard_cold_instructions", "request_guarded_cold_instructions", "request_bare_instructions")
            difference("guard_warm_allocations", "request_guarded_warm_allocations", "request_bare_allocations")
        }'
}

# The environment of the counts: they are comparable only if all of it is the same.
conditions() {
    printf '# %s, %s, ' "$(uname -m)" "$(rustc --version | cut -d' ' -f1,2)"
    printf '%s, ' "$(ldd --version 2>&1 | sed -n '1s/.* \([0-9.]*\)$/libc \1/p')"
    printf '%s, ' "$(valgrind --version)"
    grep -o -w -E -m1 'avx2|asimd' /proc/cpuinfo | head -1
}

# Compares `name value` lines with the recorded ones that match `comparable`; fewer is welcome, but worth recording.
compare() {
    awk -v tolerance=0.03 '
        /^#/ { next }
        NR != FNR && ($1 == "costliest_rubbish_ratio" && $2 > 4 || $1 == "costliest_rubbish_bytes" && $2 > 65536) {
            printf "TOO MUCH: %s %s\n", $1, $2
            bad = 1
        }
        NR == FNR { was[$1] = $2; next }
        !($1 in was) { printf "NEW: %s %s\n", $1, $2; bad = 1; next }
        { seen[$1]; seeds = $1 ~ /_instructions$/ ? 20 : 0 }
        $2 > was[$1] * (1 + tolerance) + seeds { printf "WORSE: %s %s, was %s\n", $1, $2, was[$1]; bad = 1 }
        $2 < was[$1] * (1 - tolerance) - seeds { printf "BETTER: %s %s, was %s\n", $1, $2, was[$1] }
        END {
            for (name in was) if (!(name in seen)) { printf "GONE: %s\n", name; bad = 1 }
            exit bad
        }' <(grep -e "$comparable" "$recorded") -
}

comparable='.'
if [ "$mode" = --check ]; then
    now="$(conditions 2>/dev/null || true)"
    if ! grep -qxF "$now" "$recorded"; then
        echo "Allocations alone: instructions were recorded under other conditions ($(head -1 "$recorded"), here $now)"
        comparable='_allocations '
    fi
fi

figures="$({
    [ "$comparable" != . ] || count_instructions
    "$(program allocations)"
} | derive)"
case "$mode" in
    --check) compare <<<"$figures" && echo "$(wc -l <<<"$figures") counts hold" ;;
    --record) { conditions && echo "$figures"; } | tee "$recorded" ;;
    *) echo "$figures" ;;
esac
