#!/usr/bin/env bash
# Runs clients that others have written against the local issuer, and the backend of Kinde's guide against ours. Installs
# what they need, starts what they talk to on free ports of loopback, and ends with how many tests passed and failed.
set -euo pipefail
cd "$(dirname "$0")"

command -v node >/dev/null || { echo "Node 20.19 or later is needed" >&2; exit 1; }
if ! python3 -c "import ensurepip, venv" 2>/dev/null; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3 python3-venv >/dev/null
fi

# Two commands: built together, either would get the features of the other.
cargo build --locked -p todos
cargo build --locked -p kinde-perms-cli
target="$(cargo metadata --format-version 1 --no-deps | node -p 'JSON.parse(require("fs").readFileSync(0)).target_directory')"

npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
venv="$target/clients-venv"
python3 -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check --requirement requirements.txt

work="$(mktemp -d)"
started=()
stop() {
    [ "${#started[@]}" -eq 0 ] || kill "${started[@]}" 2>/dev/null || true
    wait
    rm -rf "$work"
}
trap stop EXIT

# start NAME PATTERN COMMAND…: runs the command until the end of this script. `said` is the first line of its output that
# matches the pattern.
start() {
    local name="$1" pattern="$2"
    shift 2
    "$@" >"$work/$name" 2>"$work/$name.log" &
    local process=$!
    started+=("$process")
    until said="$(grep -m1 -E "$pattern" "$work/$name")"; do
        kill -0 "$process" 2>/dev/null || { echo "$name has ended:" >&2; cat "$work/$name.log" >&2; exit 1; }
        sleep 0.1
    done
}

start_todos() {
    start "$1" "^listening on " env TODOS_ADDR=127.0.0.1:0 TODOS_DB=:memory: \
        KINDE_ISSUER_URL="$2" KINDE_API_AUDIENCE="$AUDIENCE" "$target/debug/todos"
    said="${said#listening on }"
}

# Nobody listens at the redirect address: the tests read where the browser would go.
export AUDIENCE=api.example.com/todos REDIRECT_URI=http://127.0.0.1:3999/callback
kinde_perms="$target/debug/kinde-perms"

start issuer '^\{' "$kinde_perms" --json dev --address 127.0.0.1:0 --audience "$AUDIENCE" \
    --redirect-uri "$REDIRECT_URI" --people people.toml
described() { node -p 'JSON.parse(process.argv[1])[process.argv[2]]' "$said" "$1"; }
ISSUER="$(described issuer)" CLIENT_ID="$(described client_id)"
SERVER_ID="$(described server_client_id)" SERVER_SECRET="$(described server_client_secret)"
export ISSUER CLIENT_ID SERVER_ID SERVER_SECRET
start_todos todos "$ISSUER"
export TODOS="$said"

# The stand-in has a key that the tests have, too.
export STAND_IN_KEY="$work/key.json" STAND_IN_KEY_SET="$work/key-set.json"
mint() { "$kinde_perms" token mint --key "$STAND_IN_KEY" --audience "$AUDIENCE" --persona viewer "$@"; }
mint --jwks "$STAND_IN_KEY_SET" --issuer https://stand-in.test >/dev/null
start stand-in ^http node stand-in.js "$STAND_IN_KEY_SET"
STAND_IN="$said" MINTED="$(mint --issuer "$said")"
export STAND_IN MINTED
start_todos todos-of-the-stand-in "$STAND_IN"
export STAND_IN_TODOS="$said"

export DIFFERENCES="$work/differences"
# What ends before it has counted has failed.
echo 0 1 >"$work/node.counts"
echo 0 1 >"$work/python.counts"
node --test --test-concurrency=1 \
    --test-reporter=spec --test-reporter-destination=stdout \
    --test-reporter=./counts.js --test-reporter-destination="$work/node.counts" ./*.test.js || true
"$venv/bin/python" authlib_client.py "$work/python.counts" || true

printf '\nWhat the backend of the guide answers, what ours answers, and to what; README.md says why:\n\n'
[ ! -e "$DIFFERENCES" ] || cat "$DIFFERENCES"

read -r node_passed node_failed <"$work/node.counts"
read -r python_passed python_failed <"$work/python.counts"
passed=$((node_passed + python_passed)) failed=$((node_failed + python_failed))
printf '\n%s passed, %s failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
