// AbortController, and as much of events as it needs.

class Event {
  #type;
  target = null;

  constructor(type) {
    this.#type = `${type}`;
  }

  get type() {
    return this.#type;
  }
}

class EventTarget {
  #listeners = [];

  addEventListener(type, listener, options) {
    if (typeof listener !== "function" && typeof listener?.handleEvent !== "function") return;
    for (let index = 0; index < this.#listeners.length; index++) {
      const known = this.#listeners[index];
      if (known.type === type && known.listener === listener) return;
    }
    const once = typeof options === "object" && options !== null && options.once === true;
    append(this.#listeners, { type: `${type}`, listener, once });
  }

  removeEventListener(type, listener) {
    const kept = [];
    for (let index = 0; index < this.#listeners.length; index++) {
      const known = this.#listeners[index];
      if (known.type !== type || known.listener !== listener) append(kept, known);
    }
    this.#listeners = kept;
  }

  dispatchEvent(event) {
    event.target = this;
    const handler = this[`on${event.type}`];
    if (typeof handler === "function") guarded(() => apply(handler, this, [event]));
    const listeners = this.#listeners;
    for (let index = 0; index < listeners.length; index++) {
      const { type, listener, once } = listeners[index];
      if (type !== event.type) continue;
      if (once) this.removeEventListener(type, listener);
      guarded(() => (typeof listener === "function" ? apply(listener, this, [event]) : listener.handleEvent(event)));
    }
    return true;
  }
}

class AbortSignal extends EventTarget {
  #aborted = false;
  #reason;
  onabort = null;

  constructor(key) {
    super();
    if (key !== makeSignal) throw new NativeTypeError("Illegal constructor");
  }

  static abort(reason) {
    const signal = new AbortSignal(makeSignal);
    abortSignal(signal, reason);
    return signal;
  }

  static timeout(delay) {
    const signal = new AbortSignal(makeSignal);
    setTimeout(() => abortSignal(signal, new NativeDOMException("The operation timed out.", "TimeoutError")), delay);
    return signal;
  }

  static any(signals) {
    const signal = new AbortSignal(makeSignal);
    for (const source of signals) {
      if (source.aborted) {
        abortSignal(signal, source.reason);
        break;
      }
      source.addEventListener("abort", () => abortSignal(signal, source.reason), { once: true });
    }
    return signal;
  }

  static [abort](signal, reason) {
    if (signal.#aborted) return;
    signal.#aborted = true;
    signal.#reason = reason === undefined ? new NativeDOMException("This operation was aborted.", "AbortError") : reason;
    signal.dispatchEvent(new Event("abort"));
  }

  get aborted() {
    return this.#aborted;
  }

  get reason() {
    return this.#reason;
  }

  throwIfAborted() {
    if (this.#aborted) throw this.#reason;
  }
}
const abortSignal = AbortSignal[abort];
delete AbortSignal[abort];

class AbortController {
  #signal = new AbortSignal(makeSignal);

  get signal() {
    return this.#signal;
  }

  abort(reason) {
    abortSignal(this.#signal, reason);
  }
}

define(globalThis, "Event", Event);
define(globalThis, "EventTarget", EventTarget);
define(globalThis, "AbortSignal", AbortSignal);
define(globalThis, "AbortController", AbortController);
