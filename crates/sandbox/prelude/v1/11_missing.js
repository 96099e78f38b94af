// What other places have and this one has not: each says what to use instead.

function missing(name, instead) {
  throw new NativeTypeError(`${name} is not available here: ${instead}`);
}

const OUTSIDE = "the only way out is `await tools.<source>.<tool>(…)`; find one with `tools.search(\"…\")`";
const MODULES = "there are no modules; everything outside is a tool, `await tools.<source>.<tool>(…)`";
const STORED = "return what should be kept, or store it with a tool";
const NO_PAGE = "the code runs in no browser; show something with `emit(…)`";
const NO_CODE = "code from text cannot be run";

const missingFunctions = {
  __proto__: null,
  fetch: OUTSIDE,
  XMLHttpRequest: OUTSIDE,
  WebSocket: OUTSIDE,
  EventSource: OUTSIDE,
  require: MODULES,
  importScripts: MODULES,
  eval: NO_CODE,
  Worker: "there is one thread; make calls at once with `Promise.all`",
  setImmediate: "use `setTimeout(…)` or `queueMicrotask(…)`",
  alert: NO_PAGE,
  confirm: "ask with `await tools.executor.ask(…)`",
  prompt: "ask with `await tools.executor.ask(…)`",
};
const missingObjects = {
  __proto__: null,
  process: "there is no process and no environment; secrets are added to calls outside of the code",
  Buffer: "use `TextEncoder`, `TextDecoder`, `atob`, `btoa` and `Uint8Array`",
  window: NO_PAGE,
  document: NO_PAGE,
  self: "use `globalThis`",
  global: "use `globalThis`",
  localStorage: STORED,
  sessionStorage: STORED,
  indexedDB: STORED,
  module: MODULES,
  exports: "give the result with `return`",
  __dirname: "there are no files of your own",
  __filename: "there are no files of your own",
  Deno: OUTSIDE,
  Bun: OUTSIDE,
};

function eachOf(table, makeValue) {
  const names = ownKeys(table);
  for (let index = 0; index < names.length; index++) {
    const name = names[index];
    define(globalThis, name, makeValue(name, table[name]));
  }
}

eachOf(missingFunctions, (name, instead) => {
  const stub = function () { missing(name, instead); };
  define(stub, "name", name);
  return stub;
});
eachOf(missingObjects, (name, instead) => {
  const refuse = () => missing(name, instead);
  // What the console, `await` and `String` look for must not be what throws.
  const get = (_target, key) => (typeof key === "symbol" || key === "then" || key === "constructor" ? undefined : refuse());
  const target = name === "Buffer" ? function Buffer() {} : create(null);
  return new Proxy(target, { __proto__: null, get, set: refuse, has: refuse, apply: refuse, construct: refuse, defineProperty: refuse });
});

// Functions from text, also by way of what every function inherits.
const examples = [() => {}, async () => {}, function* () {}, async function* () {}];
for (let index = 0; index < examples.length; index++) {
  const prototype = getPrototypeOf(examples[index]);
  const { name } = prototype.constructor;
  const stub = function () { missing(name, NO_CODE); };
  define(stub, "name", name);
  defineProperty(stub, "prototype", { value: prototype, writable: false });
  define(prototype, "constructor", stub);
  if (name === "Function") define(globalThis, "Function", stub);
}

// What would let a program see time, memory or another thread.
const removed = ["Atomics", "FinalizationRegistry", "SharedArrayBuffer", "WeakRef", "navigator", "performance"];
for (let index = 0; index < removed.length; index++) delete globalThis[removed[index]];
