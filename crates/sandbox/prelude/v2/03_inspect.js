// Values as the console shows them. What is shown is bounded in depth, in items and in length.
const MOST_DEPTH = 4;
const MOST_ITEMS = 100;
const MOST_NODES = 2_000;
const MOST_TEXT = 10_000;
const LINE_WIDTH = 72;
const SHORT_PART = 16;

const identifier = /^[A-Za-z_$][\w$]*$/;
const matches = uncurry(RegExp.prototype.test);
const functionText = uncurry(Function.prototype.toString);
const regExpText = uncurry(RegExp.prototype.toString);
const symbolText = uncurry(Symbol.prototype.toString);
const mapForEach = uncurry(Map.prototype.forEach);
const setForEach = uncurry(Set.prototype.forEach);

function cut(string) {
  return string.length <= MOST_TEXT ? string : `${slice(string, 0, MOST_TEXT)}… ${string.length - MOST_TEXT} more characters`;
}

function quote(string) {
  return stringify(cut(string));
}

function nameOf(value) {
  for (let object = value, hops = 0; object !== null && hops < 8; object = getPrototypeOf(object), hops++) {
    const constructor = getOwnPropertyDescriptor(object, "constructor")?.value;
    if (typeof constructor === "function" && typeof constructor.name === "string") return constructor.name;
  }
  return "[Object: null prototype]";
}

function errorText(error) {
  const { stack } = error;
  const head = errorHead(error);
  const frames = typeof stack === "string" ? host.trace(stack) : "";
  return frames === "" ? head : `${head}\n${frames}`;
}

function primitive(value) {
  switch (typeof value) {
    case "string": return quote(value);
    case "bigint": return `${value}n`;
    case "symbol": return symbolText(value);
    case "number": return value === 0 && 1 / value < 0 ? "-0" : `${value}`;
    default: return `${value}`;
  }
}

function functionName(value) {
  const kind = slice(functionText(value), 0, 5) === "class" ? "class" : "Function";
  return value.name ? `[${kind} ${value.name}]` : `[${kind} (anonymous)]`;
}

function layout(open, parts, close) {
  if (parts.length === 0) return `${open}${close}`;
  let line = "";
  let allShort = true;
  for (let index = 0; index < parts.length; index++) {
    line += index === 0 ? parts[index] : `, ${parts[index]}`;
    allShort &&= parts[index].length <= SHORT_PART;
  }
  if (line.length <= LINE_WIDTH) return `${open} ${line} ${close}`;
  // Short parts share lines; long ones have one each.
  let lines = "";
  let width = 0;
  for (let index = 0; index < parts.length; index++) {
    const part = `${indent(parts[index])}${index + 1 < parts.length ? "," : ""}`;
    const joins = allShort && index > 0 && width + part.length < LINE_WIDTH;
    lines += joins ? ` ${part}` : `\n  ${part}`;
    width = joins ? width + part.length + 1 : part.length;
  }
  return `${open}${lines}\n${close}`;
}

const replaceAll = String.prototype.replaceAll;
function indent(string) {
  return apply(replaceAll, string, ["\n", "\n  "]);
}

// The walk over one value: what it is inside of, and how much it may still show.
class Inspection {
  nodes = MOST_NODES;
  ancestors = create(null);

  show(value, depth) {
    if (typeof value === "function") return functionName(value);
    if (typeof value !== "object" || value === null) return primitive(value);
    if (this.nodes-- <= 0) return "…";
    for (let above = 0; above < depth; above++) if (this.ancestors[above] === value) return "[Circular]";
    this.ancestors[depth] = value;
    return this.object(value, depth);
  }

  object(value, depth) {
    if (value instanceof NativeError) return errorText(value);
    if (value instanceof RegExp) return regExpText(value);
    if (value instanceof Date) return isFinite(getTime(value)) ? toISOString(value) : "Invalid Date";
    if (value instanceof NativePromise) return "Promise {}";
    const name = nameOf(value);
    if (depth >= MOST_DEPTH) return isArray(value) ? "[Array]" : `[${name}]`;
    const parts = [];
    const add = (part) => append(parts, part);
    if (isArray(value) || typedArrayTag(value) !== undefined) {
      this.items(value, depth, add);
      const prefix = name === "Array" ? "" : `${name}(${value.length}) `;
      return layout(`${prefix}[`, parts, "]");
    }
    if (value instanceof NativeMap) {
      mapForEach(value, (item, key) => this.within(add, parts, () => `${this.show(key, depth + 1)} => ${this.show(item, depth + 1)}`));
    } else if (value instanceof Set) {
      setForEach(value, (item) => this.within(add, parts, () => this.show(item, depth + 1)));
    }
    this.members(value, depth, add, parts);
    return layout(name === "Object" ? "{" : `${name} {`, parts, "}");
  }

  within(add, parts, part) {
    if (parts.length < MOST_ITEMS) add(part());
    else if (parts.length === MOST_ITEMS) add("…");
  }

  items(value, depth, add) {
    const shown = value.length < MOST_ITEMS ? value.length : MOST_ITEMS;
    for (let index = 0; index < shown && this.nodes > 0; index++) {
      add(index in value ? this.show(value[index], depth + 1) : "<empty>");
    }
    if (value.length > shown) add(`… ${value.length - shown} more items`);
  }

  members(value, depth, add, parts) {
    const names = keys(value);
    for (let index = 0; index < names.length; index++) {
      const name = names[index];
      this.within(add, parts, () => {
        const { get, value: member } = getOwnPropertyDescriptor(value, name) ?? {};
        const key = matches(identifier, name) ? name : quote(name);
        return `${key}: ${get === undefined ? this.show(member, depth + 1) : "[Getter]"}`;
      });
      if (parts.length > MOST_ITEMS || this.nodes <= 0) return;
    }
  }
}

// A value at the top of a line: text as it is, everything else as code would write it.
function display(value) {
  if (typeof value === "string") return cut(value);
  try {
    return new Inspection().show(value, 0);
  } catch {
    return "[value that cannot be shown]";
  }
}
