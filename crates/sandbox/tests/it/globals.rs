//! What a program finds, and what it finds instead of what it does not (`ENGINE.md` 2.2).

use crate::support::{begin, run, run_begin, sandbox};

/// Everything that can be reached from the global object, as `path: type`.
const WALK: &str = r#"
const lines = [];
const seen = new Map();
const walk = (value, path, depth) => {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return;
  if (seen.has(value)) return;
  seen.set(value, path);
  if (path.startsWith("tools")) return;
  let names;
  try {
    names = Reflect.ownKeys(value);
  } catch {
    return;
  }
  for (const name of names) {
    const key = typeof name === "symbol" ? `[${name.description}]` : name;
    const { value: member, get, set } = Object.getOwnPropertyDescriptor(value, name);
    const place = path === "" ? key : `${path}.${key}`;
    if (get || set) {
      lines.push(`${place}: accessor`);
      walk(get, `get ${place}`, depth + 1);
      walk(set, `set ${place}`, depth + 1);
    } else if (!["length", "name"].includes(name) || depth < 1) {
      if (typeof member === "function" && Object.getPrototypeOf(member) !== Function.prototype) lines.push(`${place}: function of its own kind`);
      else lines.push(`${place}: ${typeof member}`);
      walk(member, place, depth + 1);
    }
  }
  walk(Object.getPrototypeOf(value), `${path}.__proto__`, depth + 1);
};
walk(globalThis, "", 0);
for (const [name, value] of Object.entries({
  "async function": async () => {}, "generator": function* () {}, "async generator": async function* () {},
  "array iterator": [][Symbol.iterator](), "map iterator": new Map()[Symbol.iterator](),
  "string iterator": ""[Symbol.iterator](), "regexp iterator": "".matchAll(/a/g), "generator object": (function* () {})(),
})) walk(value, `<${name}>`, 1);
return lines.sort();
"#;

#[tokio::test]
async fn every_reachable_global_has_been_reviewed() {
    let sandbox = sandbox().await;
    let result = run(&sandbox, WALK).await.result();
    let lines: Vec<String> = serde_json::from_str(&result).unwrap_or_else(|_| panic!("{result}"));
    insta::assert_snapshot!(lines.join("\n"));
}

#[tokio::test]
async fn what_is_missing_says_what_to_use_instead() {
    let sandbox = sandbox().await;
    let uses = [
        "fetch('http://127.0.0.1')",
        "new XMLHttpRequest()",
        "new WebSocket('ws://a')",
        "require('fs')",
        "process.env.SECRET",
        "Buffer.from('a')",
        "new Buffer(1)",
        "window.location",
        "document.title",
        "localStorage.getItem('a')",
        "setImmediate(() => {})",
        "alert('a')",
        "prompt('a')",
        "Deno.readFile('a')",
        "Bun.file('a')",
        "__dirname + ''",
        "module.exports = 1",
        "global.x",
        "self.x",
        "eval('1')",
        "Function('return 1')",
        "new Function('return 1')",
        "(() => {}).constructor('return 1')()",
        "(async () => {}).constructor('return 1')()",
        "(function* () {}).constructor('return 1')()",
        "(async function* () {}).constructor('return 1')()",
        "Reflect.construct(Function, ['return 1'])",
        "await import('node:fs')",
        "performance.now()",
        "new SharedArrayBuffer(1)",
        "Atomics.add()",
        "new WeakRef({})",
        "new FinalizationRegistry(() => {})",
        "setTimeout('code', 1)",
    ];
    let mut answers = Vec::new();
    for expression in uses {
        let source = format!(
            "try {{ {expression}; return 'nothing thrown' }} catch (error) {{ return `${{error.name}}: ${{error.message}}` }}"
        );
        answers
            .push(format!("{expression}\n    {}", run(&sandbox, &source).await.result().trim_matches('"')));
    }
    insta::assert_snapshot!(answers.join("\n"));
}

#[tokio::test]
async fn looking_for_what_is_missing_does_not_throw() {
    let sandbox = sandbox().await;
    let source = "return [typeof fetch, typeof process, typeof Buffer, typeof window, typeof require, typeof WeakRef, typeof eval, \
                  (() => {}) instanceof Function, (async () => {}) instanceof Function, `${[typeof Deno]}`]";
    let result = run(&sandbox, source).await.result();
    let expected =
        r#"["function","object","function","object","function","undefined","function",true,true,"object"]"#;
    assert_eq!(result, expected);
    // The console shows them without throwing either.
    assert_eq!(run(&sandbox, "console.log(process, fetch, tools, tools.a.b)").await.console.len(), 1);
}

#[tokio::test]
async fn what_is_there_works() {
    let sandbox = sandbox().await;
    let mut differences = Vec::new();
    for (expression, expected) in [
        ("Date.now()", "1700000000000"),
        ("new Date().toISOString()", r#""2023-11-14T22:13:20.000Z""#),
        ("Date()", r#""Tue Nov 14 2023 22:13:20 GMT+0000""#),
        ("new Date(2020, 0, 1).toISOString()", r#""2020-01-01T00:00:00.000Z""#),
        ("new Date().getTimezoneOffset()", "0"),
        ("new Date('2020-01-01') instanceof Date", "true"),
        ("new Date(0).constructor === Date", "true"),
        ("class D extends Date {}; return new D(5).getTime()", "5"),
        ("Date.UTC(2020, 1)", "1580515200000"),
        ("[Date.length, Date.name]", r#"[7,"Date"]"#),
        ("[Math.random(), Math.random()]", "[0.5665615751722809,0.7457817572627011]"),
        ("crypto.randomUUID()", r#""910a2dec-8902-4cc1-beeb-8da1658eec67""#),
        ("[...crypto.getRandomValues(new Uint8Array(4))]", "[193,92,2,137]"),
        ("crypto.getRandomValues(new Uint8Array(65536)).length", "65536"),
        ("crypto.getRandomValues(new Uint8Array(0)).length", "0"),
        ("atob('aGVsbG8=')", r#""hello""#),
        ("btoa('hello')", r#""aGVsbG8=""#),
        ("try { btoa('€') } catch (e) { return e.name }", r#""InvalidCharacterError""#),
        ("[...new TextEncoder().encode('a€𝄞')]", "[97,226,130,172,240,157,132,158]"),
        ("new TextEncoder().encodeInto('a€', new Uint8Array(2))", r#"{"read":1,"written":1}"#),
        ("new TextDecoder().decode(new Uint8Array([0xef, 0xbb, 0xbf, 97, 255]))", r#""a�""#),
        (
            "try { new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array([255])) } catch (e) { return e.name }",
            r#""TypeError""#,
        ),
        ("new TextDecoder().decode(new Uint8Array([97, 98, 99]).subarray(1))", r#""bc""#),
        (
            "new URL('../b?x=1#h', 'https://u:p@example.com:8080/a/c').href",
            r#""https://u:p@example.com:8080/b?x=1#h""#,
        ),
        ("new URL('https://exämple.com').hostname", r#""xn--exmple-cua.com""#),
        (
            "const u = new URL('https://a.b/'); u.pathname = '/ü x'; u.searchParams.append('q', 'a b&'); u.port = '99'; return u",
            r#""https://a.b:99/%C3%BC%20x?q=a+b%26""#,
        ),
        (
            "const u = new URL('https://a.b/?a=1'); u.search = '?b=2'; return [u.searchParams.get('a'), u.searchParams.get('b')]",
            r#"[null,"2"]"#,
        ),
        (
            "try { new URL('no') } catch (e) { return `${e.name} ${e.message}` }",
            r#""TypeError Invalid URL: no""#,
        ),
        ("[URL.canParse('a:b'), URL.parse('no')]", "[true,null]"),
        ("`${new URLSearchParams({ a: 1, b: 'ü &' })}`", r#""a=1&b=%C3%BC+%26""#),
        ("[...new URLSearchParams('?a=1&a=2&b=3')]", r#"[["a","1"],["a","2"],["b","3"]]"#),
        (
            "const p = new URLSearchParams([['b', '1'], ['a', '2']]); p.sort(); p.set('b', 3); p.delete('a'); return [`${p}`, p.size, p.has('a'), p.getAll('b')]",
            r#"["b=3",1,false,["3"]]"#,
        ),
        ("structuredClone({ a: [1, new Date(5)], m: new Map([[1, new Set([2])]]) }).m.get(1).has(2)", "true"),
        ("const a = { b: null }; a.b = a; const c = structuredClone(a); return c !== a && c.b === c", "true"),
        ("try { structuredClone(() => {}) } catch (e) { return e.name }", r#""DataCloneError""#),
        ("[...structuredClone(new Uint8Array([1, 2, 3]).subarray(1))]", "[2,3]"),
        ("structuredClone(new TypeError('x')) instanceof TypeError", "true"),
        (
            "const c = new AbortController(); let n = 0; c.signal.addEventListener('abort', () => n++); c.abort(); c.abort(); return [n, c.signal.aborted, c.signal.reason.name]",
            r#"[1,true,"AbortError"]"#,
        ),
        (
            "try { AbortSignal.abort(new Error('why')).throwIfAborted() } catch (e) { return e.message }",
            r#""why""#,
        ),
        ("AbortSignal.any([AbortSignal.abort(1)]).reason", "1"),
        ("try { new AbortSignal() } catch (e) { return e.message }", r#""Illegal constructor""#),
        ("await new Promise((done) => queueMicrotask(() => done(1)))", "1"),
        ("[typeof Intl, typeof BigInt, typeof Iterator]", r#"["undefined","function","function"]"#),
        ("new Date(0).toLocaleDateString()", r#""01/01/1970""#),
        ("globalThis === this || this === undefined", "true"),
    ] {
        let source = if expression.contains("return") {
            expression.to_owned()
        } else {
            format!("return {expression}")
        };
        let result = run(&sandbox, &source).await.result();
        if result != expected {
            differences.push(format!("{expression}\n  gave {result}\n  not  {expected}"));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[tokio::test]
async fn the_console_shows_values() {
    let sandbox = sandbox().await;
    let source = r#"
console.log("plain", 1, -0, 10n, true, null, undefined, Symbol("s"));
console.log({ a: "x", "b c": [1, , 2], d: { e: { f: { g: { h: 1 } } } } });
console.log([new Map([["k", { v: 1 }]]), new Set([1]), new Date(0), /a/g, () => {}, class A {}, Promise.resolve(1)]);
console.log("%s is %d years, %j%%", "Ann", "42", { a: 1 }, "rest");
const circle = { name: "c" }; circle.self = circle;
console.warn(circle);
console.error(new TypeError("bad"));
class Point { x = 1; get y() { return 2 } }
console.info(new Point(), new Uint8Array([1, 2]), Object.create(null));
console.debug("a".repeat(20000).length, Array.from({ length: 200 }, (_, i) => i));
console.log({ get danger() { throw new Error("no") } }, new Proxy({}, { ownKeys() { throw new Error("no") } }));
console.assert(1 === 2, "assertion");
console.log();
console.log(new ToolError({ code: "x", message: "m", path: "p" }).name);
"#;
    let run = run(&sandbox, source).await;
    insta::assert_snapshot!(format!("{}\n{}", run.console.join("\n"), run.result()));
}

#[tokio::test]
async fn a_console_that_is_too_long_is_cut_once() {
    let sandbox = sandbox().await;
    let run = run(&sandbox, "for (let i = 0; i < 200000; i++) console.log(i); return 1").await;
    assert_eq!((run.console.len(), run.result().as_str()), (10_001, "1"));
    assert!(run.console.last().unwrap().contains("too long"));
    let run = crate::support::run(
        &sandbox,
        "for (let i = 0; i < 2000; i++) console.log('x'.repeat(9000)); return 1",
    )
    .await;
    let length: usize = run.console.iter().map(String::len).sum();
    assert!(length < (1 << 20) + 100 && run.console.last().unwrap().contains("too long"), "{length}");
}

#[tokio::test]
async fn a_program_that_poisons_what_it_can_reach_hurts_itself_only() {
    let sandbox = sandbox().await;
    let poison = r#"
const bad = () => { throw new Error("poisoned") };
for (const [object, names] of [
  [Array.prototype, ["push", "map", "join", "forEach"]], [Object.prototype, ["toString", "hasOwnProperty"]],
  [Promise.prototype, ["then", "catch"]], [Function.prototype, ["call", "apply", "bind"]], [Map.prototype, ["get", "set"]],
  [JSON, ["parse", "stringify"]], [String.prototype, ["slice", "replace", "toWellFormed"]], [Reflect, ["apply", "construct"]],
  [Object, ["keys", "assign", "create"]],
]) for (const name of names) object[name] = bad;
Object.defineProperty(Object.prototype, "get", { get: bad, set: bad, configurable: true });
Array.prototype[Symbol.iterator] = bad;
globalThis.Promise = globalThis.Error = globalThis.Array = bad;
console.log("still", 1);
emit({ a: 1 });
const result = await tools.a.b({ c: 1 });
return [result.path, Date.now(), typeof Math.random()];
"#;
    let poisoned = run(&sandbox, poison).await;
    assert_eq!(poisoned.result(), r#"["a.b",1700000000001,"number"]"#);
    assert_eq!(
        (poisoned.console, poisoned.emitted),
        (vec!["still 1".to_owned()], vec![r#"{"a":1}"#.to_owned()])
    );
    // The next program in the same process knows nothing of it.
    let clean =
        run(&sandbox, "return [[1, 2].map((a) => a + 1).join(), JSON.stringify({ a: 1 }), globalThis.left]")
            .await;
    assert_eq!(clean.result(), r#"["2,3","{\"a\":1}",null]"#);
}

#[tokio::test]
async fn the_seed_decides_what_is_random() {
    let sandbox = sandbox().await;
    let source = "return [Math.random(), crypto.randomUUID()]";
    let mut results = Vec::new();
    for seed in [1, 1, 2] {
        results.push(run_begin(&sandbox, executor_sandbox::Begin { seed, ..begin(source) }).await.result());
    }
    assert_eq!(results[0], results[1]);
    assert_ne!(results[0], results[2]);
}
