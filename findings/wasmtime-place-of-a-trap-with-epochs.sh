#!/usr/bin/env bash
# Wasmtime 50.0.1 (PyPI package wasmtime): with epoch interruption, a function that begins with `unreachable` is reported
# as having trapped one byte before the instruction, at the start of its body; without it, and behind a loop, at the
# instruction. So the module offset in a backtrace depends on an engine's setting.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q wasmtime==50.0.1
"$dir/venv/bin/python" - <<'PY'
from wasmtime import Config, Engine, Instance, Module, Store, Trap, wat2wasm
def place(text, epochs):
    binary = bytes(wat2wasm(text))
    config = Config()
    config.epoch_interruption = epochs
    engine = Engine(config)
    store = Store(engine)
    if epochs:
        store.set_epoch_deadline(1_000)
    run = Instance(store, Module(engine, binary), []).exports(store)["run"]
    try:
        run(store)
    except Trap as trap:
        return trap.frames[0].module_offset - binary.rindex(b"\x00")  # unreachable is the last 0x00
first = '(module (func (export "run") unreachable))'
seen = {(name, epochs): place(text, epochs)
        for name, text in {"first": first, "after a loop": '(module (func (export "run") (loop) unreachable))'}.items()
        for epochs in (False, True)}
print("Wasmtime 50.0.1:", seen)
assert seen == {("first", False): 0, ("first", True): -1, ("after a loop", False): 0, ("after a loop", True): 0}, seen
PY
