#!/bin/bash
# Runs everything that must hold: set-up, build, grammar, types, lint, tests. Each step before the tests counts as a test.
# The last line is `N passed, N failed`; the exit code is 0 when nothing failed.
set -uo pipefail
cd "$(dirname "$0")/.."

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
passed=0
failed=0

# step NAME SECONDS COMMAND...
step() {
  local name=$1 seconds=$2
  shift 2
  echo "== $name"
  if timeout --kill-after=10 "$seconds" "$@" </dev/null; then
    passed=$((passed + 1))
  else
    echo "FAILED: $name (exit code $?)"
    failed=$((failed + 1))
  fi
}

tests() {
  timeout --kill-after=30 4200 npx vitest run --reporter=default --reporter=json --outputFile.json="$scratch/tests.json" </dev/null
  node scripts/count-tests.mjs "$scratch/tests.json" $? >"$scratch/counts"
  read -r more_passed more_failed <"$scratch/counts"
  passed=$((passed + more_passed))
  failed=$((failed + more_failed))
}

step "set-up" 600 bash scripts/setup-tests.sh
step "build" 180 npm run --silent build
step "grammar" 60 node scripts/grammar.mjs --check
step "types" 120 npx tsc --noEmit
step "lint" 60 npx oxlint
step "format" 60 npx oxfmt --check
echo "== tests"
tests

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
