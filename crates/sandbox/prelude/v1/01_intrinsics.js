// Keys of what classes below show to the prelude and hide from programs again.
const originOf = Symbol();
const ofUrl = Symbol();
const reread = Symbol();
const partOf = Symbol();
const setPart = Symbol();
const abort = Symbol();
const makeSignal = Symbol();

// What the prelude relies on, taken before any other code can change it. A program that poisons a prototype hurts
// itself only: below, nothing is called through a prototype, and no array is spread or destructured.
const { apply, construct, defineProperty, getPrototypeOf, ownKeys } = Reflect;
const { stringify } = JSON;
const { assign, create, freeze, getOwnPropertyDescriptor, keys } = Object;
const { isArray } = Array;
const { isView } = ArrayBuffer;
const { isFinite } = Number;
const NativeDOMException = DOMException;
const NativeError = Error;
const NativeMap = Map;
const NativePromise = Promise;
const NativeProxy = Proxy;
const NativeTypeError = TypeError;
const NativeUint8Array = Uint8Array;
const resolved = Promise.resolve();

// uncurry(method)(receiver, ...parameters)
const uncurry = (method) => (receiver, first, second) => apply(method, receiver, [first, second]);
const then = uncurry(Promise.prototype.then);
const wellFormed = uncurry(String.prototype.toWellFormed);
const slice = uncurry(String.prototype.slice);
const charCodeAt = uncurry(String.prototype.charCodeAt);
const mapGet = uncurry(Map.prototype.get);
const mapHas = uncurry(Map.prototype.has);
const mapSet = uncurry(Map.prototype.set);
const sortArray = Array.prototype.sort;
const toISOString = uncurry(Date.prototype.toISOString);
const getTime = uncurry(Date.prototype.getTime);
const typedArrayTag = uncurry(getOwnPropertyDescriptor(getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag).get);

// A property of the global object like those that the language brings: not enumerable.
function define(target, name, value) {
  defineProperty(target, name, { value, writable: true, enumerable: false, configurable: true, __proto__: null });
}

// Adds to the end of an array, whatever has become of `Array.prototype`.
function append(array, value) {
  defineProperty(array, array.length, { value, writable: true, enumerable: true, configurable: true, __proto__: null });
}

// A string that the host can read as UTF-8.
function text(value) {
  return wellFormed(`${value}`);
}

// The JSON of a value; `undefined` where it has none. Throws where it is circular or holds a BigInt.
function json(value) {
  return stringify(value);
}
