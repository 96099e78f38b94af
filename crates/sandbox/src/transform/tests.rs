use super::*;

fn code(source: &str) -> String {
    compile(source).unwrap_or_else(|error| panic!("{source}: {error:?}")).code
}

#[test]
fn types_enums_and_namespaces_become_javascript() {
    let source = "enum Color { Red = 1, Green }\nnamespace N { export const a = 1; }\nconst x = { a: 1 } satisfies { a: number };\nreturn [Color.Green as number, N.a, x!.a];";
    insta::assert_snapshot!(code(source), @r#"
    (async () => {
    var Color = function(Color) {
    	Color[Color["Red"] = 1] = "Red";
    	Color[Color["Green"] = 2] = "Green";
    	return Color;
    }(Color || {});
    let N;
    (function(_N) {
    	const a = _N.a = 1;
    })(N || (N = {}));
    const x = { a: 1 };
    return [
    	Color.Green,
    	N.a,
    	x.a
    ];

    })
    "#);
}

#[test]
fn places_lead_back_to_the_users_own_text() {
    let source =
        "```ts\ntype A = {\n  a: string,\n};\nlet a: A = { a: '' };\n\n\nfoo(a as unknown as string);\n```";
    let program = compile(source).unwrap();
    let mapping = Mapping::decode(&program.mapping);
    let line = program.code.lines().position(|line| line.starts_with("foo")).unwrap() + 1;
    assert_eq!(mapping.locate(line, 1), Some(Location { line: 8, column: 1 }));
    assert_eq!(mapping.locate(line, 5), Some(Location { line: 8, column: 5 }));
    assert_eq!(mapping.locate(1, 1), None);
    assert_eq!(mapping.locate(1_000, 1), None);
}

#[test]
fn errors_have_their_place() {
    let place = |source: &str| {
        let location = compile(source).unwrap_err().location.unwrap();
        (location.line, location.column)
    };
    assert_eq!(place("const a = ;"), (1, 11));
    assert_eq!(place("const a = 1;\nconst a = 2;"), (1, 7));
    assert_eq!(place("```ts\n'€𝄞' +;\n```"), (2, 8));
    assert_eq!(place("const x = 1\nimport fs from 'node:fs'"), (2, 1));
}
