#!/usr/bin/env bash
# Runs the commands of README.md and of the first chapter exactly as they are written there, in an empty folder, and
# compares the statuses that are answered with those that stand beside the commands.
#
#     .ci/readme.sh [--sabotage] try | minute | chapter
#
# With `--sabotage` it expects one wrong status and must fail.
set -euo pipefail
checkout="$(cd "$(dirname "$0")/.." && pwd)"

sabotage=
if [ "${1:-}" = --sabotage ]; then
    sabotage=yes
    shift
fi

work="$(mktemp -d)"
started=()
stop() {
    for process in "${started[@]}"; do
        kill -- "-$process" 2>/dev/null || true
    done
    wait
    rm -rf "$work"
}
trap stop EXIT

fail() {
    printf 'failed: %s\n' "$*" >&2
    exit 1
}

# block FILE HEADING N: prints the nth fenced block below a heading.
block() {
    awk -v heading="$2" -v n="$3" '
        /^```/ { fenced = !fenced; if (fenced && here) count++; next }
        !fenced && /^#+ / { here = $0 == heading }
        fenced && here && count == n { print; found = 1 }
        END { exit !found }' "$checkout/$1" || fail "$1 has no block $3 below \"$2\""
}

# start NAME COMMANDS: runs commands in the background until this script ends.
start() {
    echo "\$ $2"
    setsid bash -ec "$2" >"$work/$1.out" 2>"$work/$1.err" &
    started+=($!)
}

# await NAME CHECK…: waits until the check succeeds.
await() {
    local name="$1" process="${started[-1]}"
    shift
    until "$@" >/dev/null 2>&1; do
        if ! kill -0 "$process" 2>/dev/null; then
            cat "$work/$name.out" "$work/$name.err" >&2
            fail "$name has ended"
        fi
        sleep 0.2
    done
}

# Runs commands and compares the statuses of their answers with those beside them, such as `# 401`.
answers() {
    local promised answered
    promised="$(grep -oE '# [0-9]{3}\b' <<<"$1")"
    [ -z "$sabotage" ] || promised="${promised/401/200}"
    # A body may end without a line break.
    answered="$(bash -c "$1" 2>/dev/null | grep -aoE 'HTTP/1\.1 [0-9]{3}' | sed 's/.* /# /')"
    if [ "$promised" != "$answered" ]; then
        diff <(echo "$promised") <(echo "$answered") >&2 || true
        fail "other statuses than promised (<) were answered (>)"
    fi
    printf '%s passed\n' "$(wc -l <<<"$answered")"
}

vacant() {
    for port in "$@"; do
        ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || fail "port $port is in use"
    done
}

# An empty folder that contains the checkout; installed programs stay in it too.
folder() {
    vacant 3000 4070
    cd "$work"
    ln -s "$checkout" kinde-perms
    export CARGO_INSTALL_ROOT="$work/installed" PATH="$work/installed/bin:$PATH"
}

issuer_is_up() { curl -fsS http://127.0.0.1:4070/.well-known/openid-configuration; }
api_is_up() { curl -fsS http://127.0.0.1:3000/health; }

try() {
    local commands
    vacant 3000
    cd "$checkout"
    commands="$(block README.md "## Try it" 1)"
    start todos "$(sed -n 1p <<<"$commands")"
    await todos grep "^listening on " "$work/todos.out"
    answers "$(grep -E '^(# [0-9]{3}|curl )' "$work/todos.out")"
    kill -- "-${started[0]}"

    # The tests run offline, with the build's downloads only.
    commands="$(sed -n 2p <<<"$commands")"
    time {
        bash -ec "${commands%%#*} --no-run"
        CARGO_NET_OFFLINE=true bash -ec "$commands"
    }
}

minute() {
    local heading="## In your own project, in 60 seconds"
    folder
    eval "$(block README.md "$heading" 1)"
    block README.md "$heading" 2 >src/main.rs
    start issuer "$(block README.md "$heading" 3)"
    await issuer issuer_is_up
    start api "$(block README.md "$heading" 4)"
    await api api_is_up
    answers "$(block README.md "$heading" 5)"
}

chapter() {
    local file=kinde-perms/docs/from-zero.md
    folder
    eval "$(block $file "# What there is to permit" 1)"
    block $file "# What there is to permit" 2 >kinde.toml
    block $file "# The API" 1 >src/main.rs
    start issuer "$(block $file "# Somebody who signs in" 1)"
    await issuer issuer_is_up
    start api "$(block $file "# Somebody who signs in" 2)"
    await api api_is_up
    answers "$(block $file "# By hand" 1)"

    # Without a terminal npm cannot ask for permission to download `create-vite`.
    export npm_config_yes=true
    eval "$(block $file "# The page" 1)"
    block $file "# The page" 2 >.env.development
    block $file "# The page" 3 >vite.config.ts
    block $file "# The page" 4 >src/main.tsx
    block $file "# The page" 5 >src/App.tsx
    npm run build
}

case "${1:-}" in
    try | minute | chapter) "$1" ;;
    *) fail "one of: try, minute, chapter" ;;
esac
