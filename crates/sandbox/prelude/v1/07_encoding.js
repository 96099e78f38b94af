// Text as bytes and bytes as text.
class TextEncoder {
  get encoding() {
    return "utf-8";
  }

  encode(value = "") {
    return new NativeUint8Array(host.utf8Encode(text(value)));
  }

  encodeInto(value, target) {
    const string = text(value);
    let read = 0;
    let written = 0;
    while (read < string.length) {
      const step = charCodeAt(string, read) >= 0xd800 && charCodeAt(string, read) < 0xdc00 ? 2 : 1;
      const bytes = new NativeUint8Array(host.utf8Encode(slice(string, read, read + step)));
      if (written + bytes.length > target.length) break;
      setBytes(target, bytes, written);
      read += step;
      written += bytes.length;
    }
    return { read, written };
  }
}

const utf8Labels = freeze({ __proto__: null, "utf-8": true, utf8: true, "unicode-1-1-utf-8": true });
const toLowerCase = uncurry(String.prototype.toLowerCase);
const trim = uncurry(String.prototype.trim);

class TextDecoder {
  #fatal;
  #keepMark;

  constructor(label = "utf-8", options = {}) {
    if (!utf8Labels[toLowerCase(trim(`${label}`))]) throw new RangeError(`TextDecoder knows utf-8 only, not ${label}`);
    this.#fatal = options.fatal === true;
    this.#keepMark = options.ignoreBOM === true;
  }

  get encoding() {
    return "utf-8";
  }

  get fatal() {
    return this.#fatal;
  }

  get ignoreBOM() {
    return this.#keepMark;
  }

  decode(input) {
    if (input === undefined) return "";
    const bytes = isView(input) ? new NativeUint8Array(input.buffer, input.byteOffset, input.byteLength) : new NativeUint8Array(input);
    const decoded = host.utf8Decode(bytes, this.#fatal, this.#keepMark);
    if (decoded === undefined) throw new NativeTypeError("The bytes are not UTF-8.");
    return decoded;
  }
}

define(globalThis, "TextEncoder", TextEncoder);
define(globalThis, "TextDecoder", TextDecoder);
