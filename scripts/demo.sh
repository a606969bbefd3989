#!/bin/bash
# Builds examples/hello twice, on a base image made here, and runs it. Leaves nothing behind but that base image, which
# is kept in the cache directory of the tests. Needs no registry.
set -euo pipefail
cd "$(dirname "$0")/.."

TSBUILD_HOME=$(mktemp -d)
export TSBUILD_HOME
trap 'rm -rf "$TSBUILD_HOME"' EXIT

say() { printf '\n\033[1m== %s\033[0m\n' "$*"; }
build() {
  bin/tsbuild build --progress=plain --build-context "busybox=oci-layout://$base" --tag hello:1 \
    --iidfile "$TSBUILD_HOME/id" --metadata-file "$TSBUILD_HOME/metadata.json" examples/hello
}
metadata() { node -p "JSON.parse(fs.readFileSync('$TSBUILD_HOME/metadata.json'))['$1']"; }

say "a base image from this machine's packages"
[ -f dist/cli.cjs ] || npm run --silent build
base=$(node fixtures/base/make.mjs busybox)
echo "busybox at $base"

say "tsbuild --tag hello:1 examples/hello"
build
echo "image:  $(metadata containerimage.digest)"
echo "config: $(cat "$TSBUILD_HOME/id")"

say "tsbuild run hello:1"
bin/tsbuild run hello:1

say "the same build again: every step is cached"
build
