// Time and randomness: the only two inputs besides deliveries, both given by the host and the same in each replay.
const NativeDate = Date;

function FrozenDate(...parts) {
  if (new.target === undefined) return new NativeDate(host.now()).toString();
  return construct(NativeDate, parts.length === 0 ? [host.now()] : parts, new.target);
}
define(FrozenDate, "name", "Date");
define(FrozenDate, "length", 7);
define(FrozenDate, "now", function now() { return host.now(); });
define(FrozenDate, "parse", NativeDate.parse);
define(FrozenDate, "UTC", NativeDate.UTC);
defineProperty(FrozenDate, "prototype", { value: NativeDate.prototype, writable: false });
define(NativeDate.prototype, "constructor", FrozenDate);
define(globalThis, "Date", FrozenDate);

define(Math, "random", function random() { return host.random(); });

const MOST_RANDOM_BYTES = 65_536;
const integerArrays = freeze({
  __proto__: null, Int8Array: true, Uint8Array: true, Uint8ClampedArray: true, Int16Array: true, Uint16Array: true,
  Int32Array: true, Uint32Array: true, BigInt64Array: true, BigUint64Array: true,
});
const setBytes = uncurry(NativeUint8Array.prototype.set);

// Seeded, so that a replay sees the same: good for names and samples, not for secrets.
define(globalThis, "crypto", {
  getRandomValues(array) {
    if (!integerArrays[typedArrayTag(array)]) throw new NativeTypeError("getRandomValues wants an array of integers");
    if (array.byteLength > MOST_RANDOM_BYTES) throw new RangeError(`getRandomValues fills at most ${MOST_RANDOM_BYTES} bytes`);
    const bytes = new NativeUint8Array(array.buffer, array.byteOffset, array.byteLength);
    setBytes(bytes, new NativeUint8Array(host.randomBytes(array.byteLength)));
    return array;
  },
  randomUUID() {
    return host.randomUuid();
  },
});
