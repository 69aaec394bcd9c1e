#!/usr/bin/env bash
# Builds the front end and the server and runs the browser tests, installing what they need first.
# With the argument `screenshots` it makes the pictures of the documentation instead.
set -euo pipefail
cd "$(dirname "$0")"

command -v node >/dev/null || { echo "Node 20.19 or later is needed" >&2; exit 1; }
if [ ! -x "${CHROMIUM:-/usr/bin/chromium}" ]; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-dejavu-core >/dev/null
fi

# Otherwise Playwright would download its own browsers.
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1
npm ci --no-audit --no-fund --loglevel=error
npm run build

cargo build --locked -p todos
TODOS_BINARY="$(cargo metadata --format-version 1 --no-deps | node -p 'JSON.parse(require("fs").readFileSync(0)).target_directory')/debug/todos"
export TODOS_BINARY
exec npx playwright test --project="${1:-tests}"
