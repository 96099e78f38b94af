//! What conditions say, where they are refused, and that nothing in them can hold a call up.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn evaluate_with(text: &str, args: &Value) -> Result<bool, String> {
    let facts = Facts {
        args,
        tool: json!({ "path": "github.issues.create", "source": "github", "sideEffect": "write" }),
        connection: json!({ "id": "con_1", "name": "work", "owner": "workspace" }),
        caller: json!({ "account": "acc_1", "roles": ["member"], "groups": ["ops"], "client": "cli", "toolkit": null }),
    };
    Condition::parse(text).map_err(|error| format!("unreadable: {error}"))?.holds(&facts)
}

fn evaluate(text: &str) -> Result<bool, String> {
    evaluate_with(
        text,
        &json!({
            "amount": 250, "title": "Fix the bug", "labels": ["bug", "urgent"], "when": null, "draft": false,
            "nested": { "deep": { "n": 1.5 } }, "X-Header": "yes", "items": [{ "price": 3 }, { "price": 40 }],
        }),
    )
}

#[test]
fn conditions_hold_as_documented() {
    let holds = [
        "args.amount > 100",
        "args.amount == 250 && args.amount == 250.0 && args.amount != 251",
        "args.amount >= 250 && args.amount <= 250 && !(args.amount < 250)",
        "args.amount + 1 == 251 && args.amount * 2 == 500.0 && args.amount / 4 == 62.5 && args.amount % 100 == 50",
        "7 / 2 == 3 && -7 / 2 == -3 && 7 % 4 == 3 && 7.0 / 2 == 3.5",
        "2 + 3 * 4 == 14 && (2 + 3) * 4 == 20 && 10 - 2 - 3 == 5 && - -3 == 3",
        "0x10 == 16 && 1e3 == 1000 && .5 == 0.5 && 5u == 5 && -9223372036854775808 < 0",
        "9007199254740993 > 9007199254740992.0 && 9007199254740992 == 9007199254740992.0",
        "args.title.startsWith('Fix') && args.title.endsWith(\"bug\") && args.title.contains('the')",
        "args.title.lowerAscii() == 'fix the bug' && args.title.size() == 11 && size('é') == 1",
        "args.title.matches('^Fix .*g$') && !args.title.matches('^x')",
        "args.title < 'Fiz' && 'a' + 'b' == 'ab' && [1] + [2.0] == [1, 2]",
        "'bug' in args.labels && !('x' in args.labels) && 'amount' in args && !('x' in args)",
        "args.labels[1] == 'urgent' && args['X-Header'] == 'yes' && args.labels[args.items[0].price - 2] == 'urgent'",
        "args.labels.exists(l, l == 'bug') && args.labels.all(l, l.size() > 2) && args.labels.exists_one(l, l == 'bug')",
        "args.items.map(i, i.price) == [3, 40] && args.items.filter(i, i.price > 10).size() == 1",
        "args.items.map(i, i.price > 10, i.price + 1) == [41]",
        "args.items.exists(i, args.labels.exists(l, l == 'bug' && i.price == 40))",
        "args.nested.deep.exists(key, key == 'n') && args.nested.deep.n > 1",
        "has(args.amount) && !has(args.other) && has(args.nested.deep.n) && args.when == null",
        "tool.path == 'github.issues.create' && tool.source == 'github' && tool.sideEffect == 'write'",
        "connection.name == 'work' && connection.owner == 'workspace' && connection != null",
        "'member' in caller.roles && caller.groups == ['ops'] && caller.client == 'cli' && caller.toolkit == null",
        "args.draft ? false : args.amount > 1",
        "{'a': 1, 'b': [true]}.b[0] && {'a': 1} == {'a': 1.0} && {1: 2}[1] == 2",
        "1 != 'a' && null != false && [] != {}",
        "string(1) == '1' && int('7') == 7 && double('1.5') == 1.5 && int(2.9) == 2",
        r#""a\n\t\"\u00e9\x41\101" == 'a' + '\n\t' + '"' + 'éAA'"#,
        r#"r'\d' == '\\d' && '''a'b''' == "a'b""#,
        "true // and so on",
        // One part settles it, whatever the other one is.
        "true || args.missing && true",
        "args.missing == 1 || true",
        "!(args.missing == 1 && false)",
        "args.labels.exists(l, l == 'urgent' || args.missing)",
        "!args.labels.all(l, l == 'urgent' && args.missing)",
    ];
    for text in holds {
        assert_eq!(evaluate(text), Ok(true), "{text}");
    }
    for text in
        ["args.amount < 100", "!true", "args.when == 1", "[].exists(x, true)", "args.title == args.labels"]
    {
        assert_eq!(evaluate(text), Ok(false), "{text}");
    }
}

#[test]
fn what_cannot_be_evaluated_says_why() {
    let table = [
        ("args.missing > 1", "there is no `missing`"),
        ("args.amount > '100'", "`>` is not between a number and a text"),
        ("args.amount", "it gives a number"),
        ("args.when.day == 1", "null has no member"),
        ("args.labels[2] == 'x'", "no such item"),
        ("args.labels[0.5] == 'x'", "no such item"),
        ("args['no'] == 1", "no such key"),
        ("1 / 0 == 1", "zero"),
        ("9223372036854775807 + 1 > 0", "too large"),
        ("args.title + 1 == 'x'", "`+` is not between a text and a number"),
        ("args.amount.contains('1')", "`contains` does not take"),
        ("args.amount.matches('1')", "`matches` is of a text"),
        ("args.amount && true", "true or false is wanted"),
        ("'a' in args.title", "`in` looks into"),
        ("args.missing || false", "there is no `missing`"),
        ("args.labels.exists(l, l == args.missing)", "there is no `missing`"),
        ("{'a': 1, 'a': 2}.a == 1", "twice"),
        ("int('x') == 1", "`int` does not take"),
        ("args.amount.exists(x, true)", "a list or an object is wanted"),
    ];
    for (text, reason) in table {
        let said = evaluate(text).expect_err(text);
        assert!(said.contains(reason), "{text}: {said}");
    }
}

#[test]
fn what_is_no_condition_is_refused_with_its_place() {
    let long = format!("'{}' == ''", "x".repeat(MAX_CONDITION_BYTES));
    let table = [
        ("", 1, 1, "expected a value, found the end"),
        ("args.amount >", 1, 14, "expected a value"),
        ("args.amount = 1", 1, 13, "equality is `==`"),
        ("args.a & args.b", 1, 8, "both is `&&`"),
        ("true &&\n  args.x ==\n  == 3", 3, 3, "expected a value, found `==`"),
        ("'é' == arg.title", 1, 8, "`arg` is not known"),
        ("tool.pth == 'x'", 1, 6, "it has path, source, sideEffect"),
        ("has(caller.name)", 1, 12, "`caller` has no `name`"),
        ("true false", 1, 6, "expected the end or an operator"),
        ("args.title.startswith('x')", 1, 12, "no function `startswith`"),
        ("startsWith(args.title)", 1, 1, "written after a value"),
        ("nothing(1)", 1, 1, "no function `nothing`"),
        ("args.title.startsWith()", 1, 12, "another number of arguments"),
        ("args.title.matches(args.x)", 1, 20, "as a quoted text"),
        ("args.title.matches('(')", 1, 20, "unclosed group"),
        ("args.title.matches('(a{1000}){1000}')", 1, 20, "the pattern cannot be used"),
        ("has(args)", 1, 5, "`has` takes a member"),
        ("args.x.exists(1, true)", 1, 15, "expected a name"),
        ("args.x.exists(args, true)", 1, 15, "`args` is taken"),
        ("args.x.all(x, y)", 1, 15, "`y` is not known"),
        ("args.x.all(x, true) && x", 1, 24, "`x` is not known"),
        ("'abc", 1, 1, "no end"),
        ("'a\nb'", 1, 1, "no end on its line"),
        (r"'\q'", 1, 2, "no such escape"),
        (r"'\ud800'", 1, 2, "no character"),
        ("b'x' == b'x'", 1, 1, "bytes are not known"),
        ("99999999999999999999 > 1", 1, 1, "too large"),
        ("1e999 > 1", 1, 1, "too large"),
        ("args.$x", 1, 6, "means nothing"),
        ("(true", 1, 6, "expected `)`"),
        ("[1, 2", 1, 6, "expected `,`"),
        ("true ? false", 1, 13, "expected `:`"),
        (&long, 1, 1, "4096 bytes at most"),
    ];
    for (text, line, column, message) in table {
        let invalid = Condition::parse(text).expect_err(text);
        assert!(invalid.message.contains(message), "{text}: {invalid}");
        assert_eq!((invalid.line, invalid.column), (line, column), "{text}: {invalid}");
    }
    let failure = Failure::from(Condition::parse("args.").unwrap_err());
    assert_eq!(failure.code, ErrorCode::InvalidCondition);
    assert!(failure.message.contains("line 1, column 6"), "{failure}");
}

#[test]
fn a_saved_text_that_is_no_condition_any_more_fails_whenever_it_is_asked() {
    let facts = Facts { args: &json!({}), tool: json!({}), connection: json!({}), caller: json!({}) };
    assert!(Condition::unchecked("args.").holds(&facts).unwrap_err().contains("column 6"));
}

/// A quarter of the smallest stack that a thread of ours has, in a build whose frames are large.
fn on_a_small_stack<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    std::thread::Builder::new().stack_size(512 << 10).spawn(work).unwrap().join().unwrap()
}

#[test]
fn nesting_is_bounded_whatever_nests() {
    let pieces = [
        ("(", ")"),
        ("[", "]"),
        ("{1:", "}"),
        ("!", ""),
        ("-", ""),
        ("!(", ")"),
        ("args[", "]"),
        ("size(", ")"),
        ("true?true:", ""),
        ("true?", ":true"),
        ("1+", ""),
        ("1+(", ")"),
        ("true&&", ""),
        ("true||", ""),
        ("1==", ""),
        ("[1].map(x,", ")"),
        ("[1].exists(x,x==1&&", ")"),
        ("has(args.", ")"),
        ("'a' in ", ""),
        ("args.", ""),
        ("true&&(false||", ")"),
    ];
    for (open, close) in pieces {
        for depth in [10, 30, 40, 300, 100_000] {
            let text = format!("{}true{}", open.repeat(depth), close.repeat(depth));
            on_a_small_stack(move || {
                let parsed = Condition::parse(&text);
                assert!(depth < 1_000 || parsed.is_err());
                if let Ok(condition) = parsed {
                    let facts =
                        Facts { args: &json!({}), tool: json!({}), connection: json!({}), caller: json!({}) };
                    let _ = condition.holds(&facts);
                }
            });
        }
    }
    let member = format!("args{} == 1", ".a".repeat(100));
    assert!(Condition::parse(&member).unwrap_err().message.contains("32 deep"));
    let chain = vec!["args.amount == 250"; 150].join(" && ");
    assert_eq!(evaluate(&chain), Ok(true), "a long chain is not a deep one");
}

#[test]
fn steps_are_bounded_whatever_the_arguments_are() {
    let many: Vec<_> = (0..2_000).collect();
    let args =
        json!({ "many": many, "text": "x".repeat(4 << 20), "deep": [many, many, many, many, many, many] });
    let table = [
        "args.many.all(a, args.many.all(b, a + b >= 0))",
        "args.many.exists(a, args.text.contains('y')) || true",
        "args.many.exists(a, args.text == args.text + 'x')",
        "args.many.map(a, args.text + args.text).size() > 0",
        "args.many.all(a, args.many == args.many)",
        "args.many.map(a, args.many + args.many).size() == 0",
        "args.many.all(a, 5000 in args.many || true)",
        "args.text.matches('(x+x+)+y') || args.text.matches('x*x*x*x*y')",
        "args.deep.all(a, args.deep == args.deep)",
        "args.deep.map(a, a.map(b, args.deep)).size() == 7",
    ];
    for text in table {
        let said = evaluate_with(text, &args);
        assert!(said.as_ref().is_err_and(|reason| reason.contains("10000 steps")), "{text}: {said:?}");
    }
    assert_eq!(evaluate_with("args.many.all(a, a >= 0)", &args), Ok(true));
}

/// A program for a fuzzer: any bytes, read and evaluated.
fn attack(text: &str) {
    if let Ok(condition) = Condition::parse(text) {
        let args = json!({ "a": [1, "x", null, { "b": true }], "b": 2, "c": "text" });
        let facts =
            Facts { args: &args, tool: json!({ "path": "a.b" }), connection: Value::Null, caller: json!({}) };
        let _ = condition.holds(&facts);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,60}") {
        attack(&text);
    }

    #[test]
    fn no_text_that_nearly_is_a_condition_makes_it_panic(words in prop::collection::vec(prop::sample::select(vec![
        "args", "tool", "connection", "caller", "x", ".a", ".b", ".c", "[", "]", "(", ")", "{", "}", ",", ":", "?", "!",
        "-", "+", "*", "/", "%", "<", "<=", "==", "!=", "&&", "||", " in ", ".exists(x,", ".map(x,", ".all(x,",
        ".filter(x,", "has(args.a)", "size(", ".size()", ".contains('x')", ".matches('x')", "'x'", "\"", "'", "\\",
        "r'", "1", "0", "2.5", "1e9", "0x", "9223372036854775807", "-9223372036854775808", "true", "false", "null", "é",
        "// ", "\n", "int(", "double(", "string(", "u",
    ]), 0..24)) {
        attack(&words.concat());
    }
}
