#!/usr/bin/env bash
# Wasmtime 50.0.1 (PyPI package wasmtime): with fuel, memory.fill and memory.copy cost one unit for each byte, and not one
# for the instruction as most others do. Filling one MiB takes a million units, nearly as many as a loop that stores the
# same MiB eight bytes at a time.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q wasmtime==50.0.1
"$dir/venv/bin/python" - <<'PY'
from wasmtime import Config, Engine, Instance, Module, Store
config = Config()
config.consume_fuel = True
engine = Engine(config)
module = Module(engine, """(module (memory 32)
  (func (export "fill") (param i32) (memory.fill (i32.const 0) (i32.const 7) (local.get 0)))
  (func (export "copy") (param i32) (memory.copy (i32.const 0) (i32.const 1048576) (local.get 0)))
  (func (export "store") (param $n i32) (local $i i32)
    (loop $again
      (i64.store (local.get $i) (i64.const 0x0707070707070707))
      (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 8))) (local.get $n))))))""")
def cost(name, size):
    store = Store(engine)
    store.set_fuel(100_000_000)
    function = Instance(store, module, []).exports(store)[name]
    before = store.get_fuel()
    function(store, size)
    return before - store.get_fuel()
mib = 1 << 20
seen = {(n, s): cost(n, s) for n in ("fill", "copy", "store") for s in (64, mib)}
print("Wasmtime 50.0.1:", seen)
assert mib <= seen["fill", mib] < mib + 100 and mib <= seen["copy", mib] < mib + 100, seen
assert 64 <= seen["fill", 64] < 100, seen
assert seen["store", mib] > mib, seen
PY
