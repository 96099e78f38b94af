// Calls: the only way out of a program.

class ToolError extends NativeError {
  #origin;

  constructor(fields) {
    super(fields.message);
    const { code, hint } = fields;
    this.#origin = {
      code: code === undefined ? undefined : text(code),
      hint: hint === undefined ? undefined : text(hint),
      __proto__: null,
    };
    this.code = fields.code;
    this.retryable = fields.retryable === true;
    this.path = fields.path;
    if (fields.status !== undefined) this.status = fields.status;
    if (fields.hint !== undefined) this.hint = fields.hint;
    if (fields.details !== undefined) this.details = fields.details;
  }

  // With its code, which is often all that a program needs, and `String(error)` often all that it keeps.
  toString() {
    return errorHead(this);
  }

  // What the error was made with, whatever the program has done to it since; nothing for other values.
  static [originOf](value) {
    return typeof value === "object" && value !== null && #origin in value ? value.#origin : { __proto__: null };
  }
}
define(ToolError.prototype, "name", "ToolError");
const toolErrorOrigin = ToolError[originOf];
delete ToolError[originOf];

// How an error begins where it is shown: a tool's with its code.
function errorHead(error) {
  const { name, message } = error;
  const { code } = toolErrorOrigin(error);
  const kind = code === undefined ? `${name}` : `${name} [${code}]`;
  return message === "" || message === undefined ? kind : `${kind}: ${message}`;
}

// Number of a call -> how to settle it.
const calls = create(null);

function issue(path, parameters, options) {
  const { stack } = new NativeError();
  const parametersText = parameters === undefined ? "{}" : json(parameters);
  const optionsText = options === undefined ? "{}" : json(options);
  if (parametersText === undefined) throw new NativeTypeError(`tools.${path}: the arguments have no JSON form`);
  if (optionsText === undefined) throw new NativeTypeError(`tools.${path}: the options have no JSON form`);
  const number = host.call(text(path), parametersText, optionsText, stack);
  return new NativePromise((resolve, reject) => {
    calls[number] = { resolve, reject, stack, __proto__: null };
  });
}

// All items of a paged tool: one call a page. A page is `{items, next}`; `next` is absent at the last.
async function* pages(path, parameters, options) {
  let pageOptions = options;
  for (;;) {
    const page = await issue(path, parameters, pageOptions);
    const { items, next } = page;
    for (let index = 0; index < items.length; index++) yield items[index];
    if (next === undefined || next === null) return;
    pageOptions = assign({}, options, { cursor: next });
  }
}

function call(path, parameters, options) {
  if (path === "") throw new NativeTypeError("`tools` is no function; name a tool: tools.<source>.<tool>(…)");
  const paged = typeof options === "object" && options !== null && options.paginate === true;
  return paged ? pages(path, parameters, options) : issue(path, parameters, options);
}

// Names that the language itself asks every object for; no tool is called so.
const unnamed = freeze({
  __proto__: null, then: true, catch: true, finally: true, constructor: true, prototype: true, toJSON: true,
});

function refuseChange() {
  throw new NativeTypeError("`tools` cannot be changed");
}

// What is behind each proxy is a function that knows its path and nothing else; they all share one handler.
const pathOf = Symbol();

const pathHandler = {
  __proto__: null,
  get(target, key) {
    if (typeof key === "symbol" || unnamed[key] || key === "__proto__") return undefined;
    const path = target[pathOf];
    if (key === "toString" || key === "valueOf") return () => (path === "" ? "tools" : `tools.${path}`);
    return toolPath(path === "" ? key : `${path}.${key}`);
  },
  apply: (target, _receiver, parameters) => call(target[pathOf], parameters[0], parameters[1]),
  getPrototypeOf: () => null,
  ownKeys: () => [],
  getOwnPropertyDescriptor: () => undefined,
  has: () => false,
  set: refuseChange,
  defineProperty: refuseChange,
  deleteProperty: refuseChange,
  setPrototypeOf: refuseChange,
};

function toolPath(path) {
  const target = () => {};
  target[pathOf] = path;
  return new NativeProxy(target, pathHandler);
}

function settleCall(number, completed, value) {
  const pending = calls[number];
  if (pending === undefined) return;
  delete calls[number];
  if (completed) return pending.resolve(value);
  const error = new ToolError(value);
  // Where the call was made tells more than where its outcome came in.
  define(error, "stack", pending.stack);
  pending.reject(error);
}

function emit(value) {
  host.emit(json(value) ?? "null");
}

defineProperty(globalThis, "tools", { value: toolPath(""), enumerable: true });
define(globalThis, "ToolError", ToolError);
define(globalThis, "emit", emit);
