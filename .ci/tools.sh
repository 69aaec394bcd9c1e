# Sourced: installs what the stages need and a fresh machine lacks, and prints the versions.
# Compiled programs are cached, as debug builds of pinned versions.

missing=()
need() { command -v "$1" >/dev/null || missing+=("${2:-$1}"); }
need cc build-essential
need c++ build-essential
need curl
need git
need valgrind
need chromium "chromium fonts-dejavu-core"
python3 -c "import ensurepip, venv" 2>/dev/null || missing+=(python3 python3-venv)
if [ "${#missing[@]}" -gt 0 ]; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq ${missing[*]} >/dev/null
fi

tools="${XDG_CACHE_HOME:-$HOME/.cache}/kinde-perms-ci"
CARGO_TARGET_DIR="$tools/target" cargo install --quiet --locked --debug --root "$tools" \
    cargo-deny@0.20.2 cargo-fuzz@0.13.2
export PATH="$tools/bin:$PATH"

cargo --version
cargo fmt --version
cargo clippy --version
cargo deny --version
cargo fuzz --version
echo "node $(node --version)"
valgrind --version
