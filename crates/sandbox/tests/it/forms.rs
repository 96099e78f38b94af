//! The forms in which a program may be written (`ENGINE.md` 2.1).

use executor_sandbox::Sandbox;

use crate::support::{run, sandbox};

/// What a program gave, if that is not what it should have given.
async fn difference(sandbox: &Sandbox, source: &str, expected: &str) -> Option<String> {
    let result = run(sandbox, source).await.result();
    (result != expected).then(|| format!("{source}\n  gave     {result}\n  not      {expected}"))
}

#[tokio::test]
async fn every_form_gives_its_value() {
    let sandbox = sandbox().await;
    let mut differences = Vec::new();
    for (source, result) in [
        ("return 1 + 1", "2"),
        ("1 + 1", "2"),
        ("1 + 1;", "2"),
        ("'text'", r#""text""#),
        ("`a${1}`", r#""a1""#),
        ("({ a: 1 })", r#"{"a":1}"#),
        ("{ a: 1, b: [2] }", r#"{"a":1,"b":[2]}"#),
        ("[1, 2]", "[1,2]"),
        ("await Promise.resolve(3)", "3"),
        ("Promise.resolve(3)", "3"),
        ("const a: number = 1; return a", "1"),
        ("const a = 1;", "undefined"),
        ("", "undefined"),
        ("// nothing", "undefined"),
        ("async () => { return 5 }", "5"),
        ("async () => 5;", "5"),
        ("(async () => { return 5 })", "5"),
        ("(async () => { return 5 })()", "5"),
        ("async (): Promise<number> => 5", "5"),
        ("function () { return 6 }", "6"),
        ("async function () { return await 6 }", "6"),
        ("async function main() { return 6 }", "6"),
        ("async function* pages() { yield 1 }", "{}"),
        ("export default async () => 7", "7"),
        ("export default async function main() { return 7 }", "7"),
        ("export default 7", "7"),
        ("const seven = 7;\nexport default function () { return seven + after }\nconst after = 1;", "8"),
        ("```ts\nreturn 8\n```", "8"),
        ("\n```typescript\nasync () => 8\n```\n", "8"),
        ("type A = { a: string };\nlet a: A = { a: 'x' };\nreturn a.a!", r#""x""#),
        ("enum Color { Red, Green = 5 }\nreturn Color.Green", "5"),
        ("const enum Color { Red = 'r' }\nreturn Color.Red", r#""r""#),
        ("namespace N { export const a = 1; export function b() { return a + 1 } }\nreturn N.b()", "2"),
        (
            "class A { constructor(private readonly a: number) {} get b() { return this.a } }\nreturn new A(9).b",
            "9",
        ),
        ("const f = <T,>(a: T): T => a;\nreturn f<number>(1) satisfies number", "1"),
        ("import type { A } from 'somewhere';\nconst a = 1 as A;\nreturn a", "1"),
        ("abstract class A { abstract a(): void }\nreturn typeof A", r#""function""#),
        ("let a: any = null;\nreturn a?.b ?? 'none'", r#""none""#),
        ("label: for (const a of [1, 2]) { for (;;) continue label }\nreturn 1", "1"),
        ("#!/usr/bin/env node\nreturn 1", "1"),
        ("\u{feff}return 1", "1"),
        ("return 'a\\0b'.length", "3"),
        ("return 'a\0b'.length", "3"),
        ("return undefined", "undefined"),
        ("return null", "null"),
        ("return [undefined, NaN, new Date(0)]", r#"[null,null,"1970-01-01T00:00:00.000Z"]"#),
        ("return '\\ud800'", r#""\ufffd""#),
        ("using a = null; return 1", "1"),
    ] {
        differences.extend(difference(&sandbox, source, result).await);
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[tokio::test]
async fn what_is_no_program_says_where_and_why() {
    let sandbox = sandbox().await;
    let mut differences = Vec::new();
    for (source, result) in [
        ("const a = ;", "invalid: Unexpected token (1:11)"),
        ("return 1;\nconst b = [1, 2;", "invalid: Expected `,` or `]` but found `;` (2:16)"),
        ("import fs from 'node:fs'", "invalid: `import` is not available here: there are no modules (1:1)"),
        ("import 'node:fs'\nreturn 1", "invalid: `import` is not available here: there are no modules (1:1)"),
        ("export const a = 1", "invalid: `export` is not available here: the code is no module (1:1)"),
        ("let a = 1;\nlet a = 2;", "invalid: Identifier `a` has already been declared (1:5)"),
        ("return <div/>", "invalid: Expected `>` but found `/` (1:12)"),
        ("throw new TypeError('boom')", "threw TypeError: boom (1:11)"),
        ("const f = () => {\n  throw new RangeError('deep')\n};\nf()", "threw RangeError: deep (2:13)"),
        (
            "interface A {\n  a: string\n}\n\nnull.x",
            "threw TypeError: cannot read property 'x' of null (5:1)",
        ),
        ("throw { code: 7 }", "threw -: { code: 7 }"),
        ("throw 'text'", "threw -: text"),
        ("throw undefined", "threw -: undefined"),
        ("await Promise.reject(new Error('later'))", "threw Error: later (1:26)"),
        ("class Mine extends Error { name = 'Mine' }\nthrow new Mine('m')", "threw Mine: m (2:11)"),
        ("x.y", "threw ReferenceError: x is not defined (1:1)"),
        ("return 10n", "unserializable: a BigInt at the result itself"),
        ("return { items: [{ 'a b': 1n }] }", "unserializable: a BigInt at `items[0][\"a b\"]`"),
        ("const a = { b: {} };\na.b.c = a;\nreturn a", "unserializable: a circular reference at `b.c`"),
        ("return () => 1", "unserializable: a function is the result itself"),
        ("return Symbol('s')", "unserializable: a symbol is the result itself"),
        (
            "let a = [];\nfor (let i = 0; i < 100000; i++) a = [a];\nreturn a",
            "unserializable: nested too deeply",
        ),
        (
            "let a = [];\nfor (let i = 0; i < 200; i++) a = [a];\nreturn a",
            "unserializable: nested more than 100 deep",
        ),
        ("return { toJSON() { throw new Error('no') } }", "unserializable: Error: no"),
    ] {
        differences.extend(difference(&sandbox, source, result).await);
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}
