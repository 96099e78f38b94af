// URL and URLSearchParams after the WHATWG standard. The host parses; what is here keeps the two in step.

class URLSearchParams {
  // Name, value, name, value, …
  #list = [];
  #changed;

  constructor(init = "") {
    if (typeof init === "object" && init !== null) {
      if (typeof init[Symbol.iterator] === "function") {
        for (const pair of init) this.append(pair[0], pair[1]);
      } else {
        const names = keys(init);
        for (let index = 0; index < names.length; index++) this.append(names[index], init[names[index]]);
      }
    } else {
      const query = text(init);
      this.#list = host.formParse(query[0] === "?" ? slice(query, 1) : query);
    }
  }

  // The parameters of a URL, which learns of each change.
  static [ofUrl](query, changed) {
    const parameters = new URLSearchParams(query);
    parameters.#changed = changed;
    return parameters;
  }

  // The URL changed: read it again, and do not tell it.
  static [reread](parameters, query) {
    parameters.#list = new URLSearchParams(query).#list;
  }

  #push(list, name, value) {
    append(list, name);
    append(list, value);
  }

  #replace(list) {
    this.#list = list;
    if (this.#changed !== undefined) this.#changed(this.toString());
  }

  #filter(keep) {
    const kept = [];
    const list = this.#list;
    for (let index = 0; index < list.length; index += 2) {
      if (keep(list[index], list[index + 1])) this.#push(kept, list[index], list[index + 1]);
    }
    return kept;
  }

  get size() {
    return this.#list.length / 2;
  }

  append(name, value) {
    this.#push(this.#list, text(name), text(value));
    this.#replace(this.#list);
  }

  delete(name, value) {
    this.#replace(this.#filter((key, item) => key !== `${name}` || (value !== undefined && item !== `${value}`)));
  }

  get(name) {
    const found = this.#filter((key) => key === `${name}`);
    return found.length === 0 ? null : found[1];
  }

  getAll(name) {
    const found = this.#filter((key) => key === `${name}`);
    const values = [];
    for (let index = 1; index < found.length; index += 2) append(values, found[index]);
    return values;
  }

  has(name, value) {
    return this.#filter((key, item) => key === `${name}` && (value === undefined || item === `${value}`)).length > 0;
  }

  set(name, value) {
    let placed = false;
    const list = [];
    const old = this.#list;
    for (let index = 0; index < old.length; index += 2) {
      if (old[index] !== `${name}`) this.#push(list, old[index], old[index + 1]);
      else if (!placed) {
        placed = true;
        this.#push(list, old[index], text(value));
      }
    }
    if (!placed) this.#push(list, text(name), text(value));
    this.#replace(list);
  }

  sort() {
    const pairs = [];
    const list = this.#list;
    for (let index = 0; index < list.length; index += 2) append(pairs, [list[index], list[index + 1]]);
    apply(sortArray, pairs, [(one, other) => (one[0] < other[0] ? -1 : one[0] > other[0] ? 1 : 0)]);
    const sorted = [];
    for (let index = 0; index < pairs.length; index++) this.#push(sorted, pairs[index][0], pairs[index][1]);
    this.#replace(sorted);
  }

  forEach(callback, receiver) {
    for (let index = 0; index < this.#list.length; index += 2) {
      apply(callback, receiver, [this.#list[index + 1], this.#list[index], this]);
    }
  }

  *entries() {
    for (let index = 0; index < this.#list.length; index += 2) yield [this.#list[index], this.#list[index + 1]];
  }

  *keys() {
    for (let index = 0; index < this.#list.length; index += 2) yield this.#list[index];
  }

  *values() {
    for (let index = 0; index < this.#list.length; index += 2) yield this.#list[index + 1];
  }

  toString() {
    return host.formSerialize(this.#list);
  }

  [Symbol.iterator]() {
    return this.entries();
  }
}
const searchParamsOf = URLSearchParams[ofUrl];
const rereadSearchParams = URLSearchParams[reread];
delete URLSearchParams[ofUrl];
delete URLSearchParams[reread];

class URL {
  #parts;
  #parameters;

  constructor(url, base) {
    const parts = host.url(text(url), base === undefined ? undefined : text(base));
    if (parts === undefined) throw new NativeTypeError(`Invalid URL: ${cut(`${url}`)}`);
    this.#parts = parts;
    this.#parameters = searchParamsOf(parts.search, (query) => {
      this.#parts = host.urlSet(this.#parts.href, "search", query) ?? this.#parts;
    });
  }

  static canParse(url, base) {
    return host.url(text(url), base === undefined ? undefined : text(base)) !== undefined;
  }

  static parse(url, base) {
    return URL.canParse(url, base) ? new URL(url, base) : null;
  }

  static [partOf](url, name) {
    return url.#parts[name];
  }

  static [setPart](url, name, value) {
    const parts = host.urlSet(url.#parts.href, name, text(value));
    if (parts === undefined) {
      if (name === "href") throw new NativeTypeError(`Invalid URL: ${cut(`${value}`)}`);
      return;
    }
    url.#parts = parts;
    rereadSearchParams(url.#parameters, parts.search);
  }

  get searchParams() {
    return this.#parameters;
  }

  toString() {
    return this.#parts.href;
  }

  toJSON() {
    return this.#parts.href;
  }
}
const part = URL[partOf];
const changePart = URL[setPart];
delete URL[partOf];
delete URL[setPart];

const partNames = ["href", "protocol", "username", "password", "host", "hostname", "port", "pathname", "search", "hash"];
for (let index = 0; index < partNames.length; index++) {
  const name = partNames[index];
  defineProperty(URL.prototype, name, {
    get() { return part(this, name); },
    set(value) { changePart(this, name, value); },
    enumerable: true,
    configurable: true,
  });
}
defineProperty(URL.prototype, "origin", { get() { return part(this, "origin"); }, enumerable: true, configurable: true });

define(globalThis, "URL", URL);
define(globalThis, "URLSearchParams", URLSearchParams);
