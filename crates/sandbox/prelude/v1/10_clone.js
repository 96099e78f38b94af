// structuredClone, for what a program can hold.
const setAdd = uncurry(Set.prototype.add);
const sliceBuffer = uncurry(ArrayBuffer.prototype.slice);
const NativeSet = Set;
const NativeArrayBuffer = ArrayBuffer;
const NativeDataView = DataView;
const NativeRegExp = RegExp;
const boxes = [Boolean, Number, String, BigInt];
const errorTypes = freeze({
  __proto__: null, Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError,
});

function uncloneable(value) {
  throw new NativeDOMException(`${display(value)} could not be cloned.`, "DataCloneError");
}

function clone(value, seen) {
  if (typeof value === "function" || typeof value === "symbol") uncloneable(value);
  if (typeof value !== "object" || value === null) return value;
  if (mapHas(seen, value)) return mapGet(seen, value);
  const remember = (copy) => (mapSet(seen, value, copy), copy);
  if (value instanceof NativeDate) return remember(new NativeDate(getTime(value)));
  if (value instanceof NativeRegExp) return remember(new NativeRegExp(value.source, value.flags));
  for (let index = 0; index < boxes.length; index++) {
    if (value instanceof boxes[index]) return remember(Object(value.valueOf()));
  }
  if (value instanceof NativeArrayBuffer) return remember(sliceBuffer(value, 0));
  if (isView(value)) {
    const buffer = clone(value.buffer, seen);
    const length = value instanceof NativeDataView ? value.byteLength : value.length;
    const View = value instanceof NativeDataView ? NativeDataView : globalThis[typedArrayTag(value)];
    return remember(new View(buffer, value.byteOffset, length));
  }
  if (value instanceof NativeMap) {
    const copy = remember(new NativeMap());
    mapForEach(value, (item, key) => mapSet(copy, clone(key, seen), clone(item, seen)));
    return copy;
  }
  if (value instanceof NativeSet) {
    const copy = remember(new NativeSet());
    setForEach(value, (item) => setAdd(copy, clone(item, seen)));
    return copy;
  }
  if (value instanceof NativeError) {
    const copy = remember(new (errorTypes[value.name] ?? NativeError)(value.message));
    if (value.cause !== undefined) define(copy, "cause", clone(value.cause, seen));
    define(copy, "stack", value.stack);
    return copy;
  }
  if (value instanceof NativePromise || value instanceof WeakMap || value instanceof WeakSet) uncloneable(value);
  const copy = remember(isArray(value) ? new Array(value.length) : {});
  const names = keys(value);
  for (let index = 0; index < names.length; index++) {
    const item = clone(value[names[index]], seen);
    defineProperty(copy, names[index], { value: item, writable: true, enumerable: true, configurable: true, __proto__: null });
  }
  return copy;
}

define(globalThis, "structuredClone", function structuredClone(value) {
  return clone(value, new NativeMap());
});
