#!/usr/bin/env bash
# jq 1.8.2 (PyPI package jq 1.13.0): after an empty match before a character beyond ASCII, the search goes on one byte
# later instead of one character later. So gsub("";"-") puts two marks after "é" and one after "e", and match("";"g")
# reports the same offset twice.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q jq==1.13.0
"$dir/venv/bin/python" - <<'PY'
import jq
seen = [
    jq.compile('gsub("";"-")').input_value("e").all(),
    jq.compile('gsub("";"-")').input_value("é").all(),
    jq.compile('[match("";"g").offset]').input_value("é").all(),
]
print("jq 1.8.2:", seen)
assert seen == [["-e-"], ["-é--"], [[0, 1, 1]]], seen
PY
