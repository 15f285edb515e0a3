#!/usr/bin/env bash
# jq 1.8.2 (PyPI package jq 1.13.0): first(f) gives two outputs when f destructures with ?//. The way in which first
# leaves f counts as an error of the first pattern, so the next pattern is tried, and its output comes out as well.
# limit(1; f), label with break, and if with an early exit behave alike.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q jq==1.13.0
"$dir/venv/bin/python" - <<'PY'
import jq
def outputs(program):
    return jq.compile(program).input_value([1]).all()
seen = [outputs('[first(. as [$a] | $a)]'), outputs('[first(. as [$a] ?// $a | $a)]'), outputs('[limit(1; . as [$a] ?// $a | $a)]')]
print("jq 1.8.2:", seen)
assert seen == [[[1]], [[1, [1]]], [[1, [1]]]], seen
PY
