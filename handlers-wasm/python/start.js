// What Brython expects of its surroundings and the interpreter of JavaScript lacks: it believes to be in Node.
"use strict";
globalThis.global = globalThis.self = globalThis.window = globalThis;
globalThis.addEventListener = () => {};
globalThis.module = {};
globalThis.process = { release: { name: "node" } };
globalThis.Intl = {
  DateTimeFormat: class {
    format() { return "UTC"; }
    resolvedOptions() { return { timeZone: "UTC", locale: "en" }; }
  },
};
// What is drawn while the interpreter is built must be the same in each build; python.js goes on from here.
globalThis.start = { random: Math.random };
Math.random = () => 0.5;
// Of a browser's classes there are never objects.
for (const name of ["Event", "Node", "NodeList", "SVGElement", "Text", "MouseEvent", "WebSocket", "CustomEvent"]) {
  globalThis[name] = class {};
}
