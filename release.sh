#!/usr/bin/env bash
# Publishes the crates. Only this script rewrites the documents' statements about a checkout for a published crate:
# versions, `cargo add`, `cargo install`, links.
#
#     ./release.sh VERSION      changes the files, commits, tags, publishes
#     ./release.sh --dry-run    does the same to a copy, with the version as it is, and publishes nothing
set -euo pipefail
cd "$(dirname "$0")"

published() {
    local version="$1" chapters=https://docs.rs/kinde-perms/latest/kinde_perms/manual
    sed -i "s/^version = \".*\"$/version = \"$version\"/; s/version = \"=[^\"]*\"/version = \"=$version\"/" Cargo.toml
    sed -i "s/^## \[Unreleased\]$/## [$version]/" CHANGELOG.md
    sed -i -E \
        -e '/^Nothing is published yet/,/^$/d' \
        -e 's#^(cargo add )--path [^ ]*/kinde-perms$#\1kinde-perms#' \
        -e 's#^(cargo add --dev )--path [^ ]*/crates/testkit$#\1kinde-perms-testkit#' \
        -e 's#cargo install --path [^ ]*crates/cli#cargo install kinde-perms-cli#' \
        README.md kinde-perms/docs/*.md
    sed -i -E "s#^\[([a-z_]+)\]: kinde-perms/docs/.*\.md#[\1]: $chapters/\1/#" README.md
    if grep -nE -e '--path|is published yet|^\[.*\]: kinde-perms/docs/' README.md kinde-perms/docs/*.md; then
        echo "these lines still speak of a checkout" >&2
        return 1
    fi
}

publish() {
    cargo publish -p kinde-perms-policy -p kinde-perms-macros -p kinde-perms -p kinde-perms-testkit -p kinde-perms-cli "$@"
}

case "${1:-}" in
    --dry-run)
        copy="$(mktemp -d)"
        trap 'rm -rf "$copy"' EXIT
        git ls-files -z --cached --others --exclude-standard | xargs -0 tar c | tar x -C "$copy"
        cd "$copy"
        published "$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml)"
        publish --locked --allow-dirty --dry-run --quiet
        echo "ready to publish"
        ;;
    [0-9]*.[0-9]*.[0-9]*)
        [ -z "$(git status --porcelain)" ] || { echo "commit or drop your changes first" >&2; exit 1; }
        published "$1"
        cargo update --workspace --quiet
        git commit --quiet --all --message "release: $1"
        publish --locked --dry-run
        git tag "v$1"
        publish --locked
        ;;
    *)
        sed -n '2,/^set/ s/^# \{0,1\}//p' "$0" >&2
        exit 2
        ;;
esac
