// The console. Lines are numbered and capped by the host.
const DIRECTIVE = /%[sdifoOjc%]/g;
const replace = uncurry(String.prototype.replace);

function directive(kind, value) {
  switch (kind) {
    case "%d": return typeof value === "object" ? "NaN" : `${Number(value)}`;
    case "%i": return typeof value === "object" ? "NaN" : `${Number.parseInt(value, 10)}`;
    case "%f": return `${Number.parseFloat(value)}`;
    case "%j": return json(value) ?? "undefined";
    case "%c": return "";
    default: return display(value);
  }
}

function line(values) {
  let next = 0;
  let shown = "";
  if (typeof values[0] === "string") {
    next = 1;
    shown = values.length === 1 ? cut(values[0]) : replace(cut(values[0]), DIRECTIVE, (kind) => {
      if (kind === "%%") return "%";
      return next < values.length ? directive(kind, values[next++]) : kind;
    });
  }
  for (; next < values.length; next++) shown += next === 0 ? display(values[next]) : ` ${display(values[next])}`;
  return shown;
}

const writer = (level) => (...values) => host.console(level, text(line(values)));
const writeError = writer("error");

// An error that reached the end of a callback, where nobody can catch it.
function report(error) {
  writeError("Uncaught", error);
}

const log = writer("info");
define(globalThis, "console", {
  debug: writer("debug"),
  dir: (value) => log(value),
  error: writeError,
  info: log,
  log,
  table: (value) => log(value),
  trace: (...values) => host.console("debug", text(`${line(values)}\n${host.trace(new NativeError().stack)}`)),
  warn: writer("warn"),
  assert: (condition, ...values) => {
    if (!condition) host.console("error", text(`Assertion failed ${line(values)}`));
  },
});
