// What is between the interpreter and Python: the module `_wasm_broker`, values of both, and how a script is loaded and called.
// Evaluated last, when the module is built; `host` has the functions of host.c.
(function (host) {
  "use strict";

  // The translator draws numbers for names of its own, which may be the same in all runs.
  const { random } = globalThis.start;
  let built = false;
  let running = false;
  let drawn = 1;
  Math.random = () => (running ? random() : (drawn = (drawn * 48271) % 2147483647) / 2147483647);
  delete globalThis.start;
  const { getRandomValues } = crypto;
  crypto.getRandomValues = (array) => {
    if (built) return getRandomValues(array);
    array.fill(1); // the module random is seeded in each run
    return array;
  };

  const $B = (globalThis.$B = globalThis.__BRYTHON__);
  const python = $B.builtins;
  // Of the stack in the module's memory. As deep as each of them gets in it, the engine's own stack (engine.stack, 512 KiB)
  // suffices: it takes differently much of that for each byte.
  const TRANSLATOR_STACK = 256 << 10;
  const COMPILER_STACK = 24 << 10;
  const SCRIPT_STACK = 160 << 10;
  // As many calls within each other as there is room for.
  $B.recursion_limit = 60;

  // There are the modules of the interpreter and no others.
  $B.make_import_paths = (filename) => {
    $B.import_info[filename] = { meta_path: [$B.finders.VFS], path_hooks: [], path: [] };
  };

  const { translated } = $B;
  $B.use_VFS = true;
  $B.VFS = {};
  for (const name of Object.keys(translated)) {
    $B.VFS[name] = [".js", `__BRYTHON__.load(${JSON.stringify(name)})`, [], translated[name].isPackage];
  }
  $B.stdlib_module_names = Object.keys($B.VFS);
  $B.load = (name) => {
    const { kind, run } = translated[name];
    const names = run($B.imported[name]);
    if (kind === ".py") {
      for (const key of Object.keys(names)) $B.module_setattr($B.imported[name], key, names[key]);
    }
  };

  // --- values ----------------------------------------------------------------------------------------------------------

  /** What JSON.parse gives, as a value of Python. Whole numbers are integers. */
  function toPython(value) {
    switch (typeof value) {
      case "string":
        return $B.String(value);
      case "number":
        return Number.isSafeInteger(value) && !Object.is(value, -0) ? value : $B.fast_float(value);
      case "boolean":
        return value;
      case "object":
        if (value === null) return python.None;
        if (Array.isArray(value)) {
          for (let i = 0; i < value.length; i++) value[i] = toPython(value[i]);
          return $B.$list(value);
        }
    }
    const dict = $B.empty_dict();
    for (const name of Object.keys(value)) python.dict.$setitem(dict, $B.String(name), toPython(value[name]));
    return dict;
  }

  /** A value of Python as JSON. Not by JSON.stringify alone, since Python's integers have any size. */
  function toJson(value, depth) {
    if (depth > 200) $B.RAISE(python.ValueError, "a value that contains itself, or is nested too deeply, is not JSON");
    switch (typeof value) {
      case "string":
        return JSON.stringify(value);
      case "number":
      case "boolean":
        return String(value);
    }
    if (value === python.None) return "null";
    if (value instanceof String) return JSON.stringify(String(value));
    if ($B.is_dict(value)) {
      const members = [];
      for (const entry of python.dict.$iter_items(value)) {
        members.push(`${keyOf(entry.key)}:${toJson(entry.value, depth + 1)}`);
      }
      return `{${members.join(",")}}`;
    }
    if (Array.isArray(value)) {
      const items = new Array(value.length);
      for (let i = 0; i < items.length; i++) items[i] = toJson(value[i], depth + 1);
      return `[${items.join(",")}]`;
    }
    if ($B.$isinstance(value, python.float)) {
      const number = value.value;
      if (!Number.isFinite(number)) $B.RAISE(python.ValueError, `${number} is not JSON`);
      return Object.is(number, -0) ? "-0.0" : String(number);
    }
    if ($B.$isinstance(value, python.int)) return String($B.int_value(value));
    if ($B.$isinstance(value, python.str)) return JSON.stringify(String(python.str.$factory(value)));
    return $B.RAISE(python.TypeError, `a value of the type ${$B.class_name(value)} is not JSON`);
  }

  function keyOf(key) {
    if (typeof key === "string" || key instanceof String) return JSON.stringify(String(key));
    if (typeof key === "number" || typeof key === "boolean" || key === python.None) return `"${toJson(key, 0)}"`;
    return $B.RAISE(python.TypeError, `a key of the type ${$B.class_name(key)} is not JSON`);
  }

  // --- the module _wasm_broker -------------------------------------------------------------------------------------------

  let refusal = "";
  const bodies = new Map();

  /** The result of a call, or its error code; the document about it is kept. */
  function attempt(call) {
    try {
      return call();
    } catch (refused) {
      refusal = typeof refused === "string" ? refused : "";
      return Number(/\((-\d+)\)/.exec(refused.message)?.[1] ?? -9);
    }
  }

  $B.imported._wasm_broker = $B.module.$factory("_wasm_broker");
  $B.addToImported("_wasm_broker", {
    log: (level, message, fields) => {
      host.log(level, String(message), fields === "" ? undefined : String(fields));
      return python.None;
    },
    microseconds: (clock) => host.microseconds(clock),
    read_secret: (name) => toPython(host.readSecret(String(name))),
    out_of_memory: () => host.outOfMemory(),
    random: () => Number(crypto.getRandomValues(new BigUint64Array(1))[0] >> 11n),
    http_send: (document) => attempt(() => host.httpSend(String(document))),
    http_head: (handle) => $B.String(host.httpHead(handle)),
    /** 0, or an error code; the body is kept. */
    http_read: (handle) => attempt(() => (bodies.set(handle, host.httpBody(handle)), 0)),
    http_text: (handle) => $B.String(new TextDecoder().decode(bodies.get(handle))),
    http_bytes: (handle) => $B.fast_bytes(Array.from(bodies.get(handle))),
    http_close: (handle) => (host.httpClose(handle), python.None),
    http_error: () => $B.String(refusal),
    dumps: (value) => $B.String(toJson(value, 0)),
    loads: (text) => {
      try {
        return toPython(JSON.parse(String(text)));
      } catch (error) {
        return $B.RAISE(python.ValueError, error.message);
      }
    },
    /** Runs the top level of a script; what it has as `run`. */
    execute: (source) => execute("handler", "handler.py", String(source)).run ?? python.None,
  });

  /** Translates a module and runs it; its names. */
  function execute(name, filename, source) {
    const module = $B.module.$factory(name);
    $B.imported[name] = module;
    $B.file_cache[filename] = source;
    $B.url2name[filename] = name;
    host.boundStack(TRANSLATOR_STACK);
    let run;
    try {
      const translated = $B.py2js({ src: source, filename }, name, name).to_js().replace(/^ *frame\.positions = \[[^\\'"]*\]$/gm, "");
      host.boundStack(COMPILER_STACK);
      run = new Function(`${translated}\nreturn locals`);
    } finally {
      host.boundStack(SCRIPT_STACK);
    }
    const names = run();
    for (const key of Object.keys(names)) {
      if (!key.startsWith("$")) $B.module.tp_setattro(module, key, names[key]);
    }
    return names;
  }

  // Imported when the module is built, so that importing them takes no time.
  const failed = [];
  for (const name of Object.keys(translated)) {
    try {
      execute("__main__", "start.py", `import ${name}`);
    } catch (error) {
      failed.push(`${name}: ${$B.class_name(error)} ${error.args}`);
    }
  }
  if (failed.length > 0) throw new Error(failed.join("\n"));
  const sdk = $B.imported.wasm_broker;
  delete $B.imported.__main__;
  const call = (name, ...values) => $B.$call($B.$getattr(sdk, name), ...values);

  built = true;

  return function load(source) {
    call("_load", source);
    return function run(document) {
      running = true;
      let output;
      try {
        output = call("_run", toPython(document));
      } catch (error) { // what Python does not handle itself
        throw error instanceof Error ? error : new Error(`${$B.class_name(error)}: ${error.args}`);
      }
      return output === python.None ? null : String(output);
    };
  };
});
