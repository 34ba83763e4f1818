//! What the gate lets in, what it refuses and with which figure; the library behind it is asked in `behind.rs`.

mod attacks;
mod behind;
mod corpus;

use super::*;
use Limited as L;

/// The figure and limit of a refusal, or its whole sentence where it is no limit; `Ok` admits.
fn verdict(document: &str) -> Result<(), String> {
    admit(document, &Limits::default()).map(|_| ()).map_err(|refusal| refusal.to_string())
}

fn refused_by(document: &str) -> Option<Limited> {
    match admit(document, &Limits::default()) {
        Err(Refusal::Limit { what, .. }) => Some(what),
        _ => None,
    }
}

/// `each` of 0, 1, 2, ..., one after the other.
fn repeat(count: usize, each: impl Fn(usize) -> String) -> String {
    (0..count).map(each).collect::<Vec<_>>().concat()
}

/// Makes a document that holds so much of what a limit counts.
type Make<'a> = Box<dyn Fn(usize) -> String + 'a>;

#[test]
fn a_limit_admits_its_own_figure_and_refuses_one_more() {
    let limits = Limits::default();
    let nested = |levels: usize| format!("{}a{}", "{a".repeat(levels - 1) + "{", "}".repeat(levels));
    let list = |levels: usize| format!("{{a(b:{}{})}}", "[".repeat(levels), "]".repeat(levels));
    let cases: Vec<(Limited, usize, Make<'_>)> = vec![
        (L::Depth, limits.depth, Box::new(nested)),
        // A field's braces and its argument's parenthesis are open around the list.
        (L::Nesting, limits.nesting, Box::new(|n| list(n - 2))),
        (L::NameBytes, limits.name_bytes, Box::new(|n| format!("{{{}}}", "a".repeat(n)))),
        (L::Tokens, limits.tokens, Box::new(|n| format!("{{a(b:[{}])}}", "1 ".repeat(n - 10) + "1"))),
        (L::Aliases, limits.aliases, Box::new(|n| format!("{{{}}}", repeat(n, |i| format!("a{i}:b "))))),
        (L::Directives, limits.directives, Box::new(|n| format!("{{a{}}}", "@d".repeat(n)))),
        (L::Operations, limits.operations, Box::new(|n| repeat(n, |i| format!("query Q{i}{{a}}")))),
        (
            L::Fragments,
            limits.fragments,
            Box::new(|n| repeat(n, |i| format!("fragment F{i} on T{{a}}")) + "{a}"),
        ),
        (L::Spreads, limits.spreads, Box::new(|n| format!("{{{}}}", "...F ".repeat(n)))),
        (
            L::Variables,
            limits.variables,
            Box::new(|n| format!("query({}){{a}}", repeat(n, |i| format!("$v{i}:Int ")))),
        ),
        (L::DocumentBytes, limits.document_bytes, Box::new(|n| format!("{{a}}{}", " ".repeat(n - 3)))),
        (
            L::IntrospectionDepth,
            limits.introspection_depth,
            Box::new(|n| format!("{{__schema{}{}}}", "{ofType".repeat(n - 1), "}".repeat(n - 1))),
        ),
        (
            L::IntrospectionLists,
            limits.introspection_lists,
            Box::new(|n| format!("{{__type{}{}}}", "{fields".repeat(n), "}".repeat(n))),
        ),
        (
            L::ExpandedFields,
            limits.expanded_fields,
            Box::new(|n| {
                // Ten times a fragment of some fields, and the rest by hand.
                let (fragment, rest) = (n / 10 - 10, 100 + n % 10);
                format!(
                    "fragment F on T{{{}}} {{{}{}}}",
                    "a ".repeat(fragment),
                    "...F ".repeat(10),
                    "b ".repeat(rest)
                )
            }),
        ),
    ];
    for (what, limit, make) in cases {
        assert_eq!(verdict(&make(limit)), Ok(()), "{what}: as much as the limit");
        let limit_and_figure = Refusal::Limit { what, figure: limit as u64 + 1, limit: limit as u64 };
        assert_eq!(
            admit(&make(limit + 1), &Limits::default()).map(|_| ()),
            Err(limit_and_figure),
            "{what}: one more"
        );
    }
}

#[test]
fn depth_counts_through_fragments_and_leaves_introspection_apart() {
    let deep = |levels: usize| format!("{}{}", "{a".repeat(levels), "}".repeat(levels));
    // Eight levels, and a fragment of eight below the seventh.
    let through = |levels: usize| {
        format!("fragment F on T {} {{{}...F{}}}", deep(8), "a{".repeat(levels), "}".repeat(levels))
    };
    for (document, expected) in [
        (through(7), None),
        (through(8), Some(L::Depth)),
        (format!("{{ __schema {} }}", deep(20)), None),
        (format!("{{ x: __type(name:\"T\") {} }}", deep(20)), None),
        (format!("{{ b {} }}", deep(20)), Some(L::Depth)),
        // A fragment read inside of introspection is introspection; the same one outside of it is not.
        (format!("fragment F on T {} {{ __schema {{ ...F }} }}", deep(10)), None),
        (format!("fragment F on T {} {{ a{{a{{a{{a{{a{{a{{ ...F }}}}}}}}}}}} }}", deep(10)), Some(L::Depth)),
        // Introspection's lists multiply through fragments too.
        (
            "fragment F on __Type {fields{type{fields{name}}}} {__schema{types{fields{type{...F}}}}}".into(),
            Some(L::IntrospectionLists),
        ),
        // Elsewhere those are names like any other.
        ("{fields{fields{fields{fields}}}}".into(), None),
    ] {
        assert_eq!(refused_by(&document), expected, "{document}");
    }
}

#[test]
fn what_is_no_document_is_refused_with_its_place() {
    for (document, expected) in [
        ("", "1:1 the document holds no operation"),
        ("fragment F on T {a}", "1:20 the document holds no operation"),
        ("{", "1:2 expected a field, a fragment or `}`, found the end"),
        ("{}", "1:2 expected a field, a fragment or `}`, found this"),
        ("{a{}}", "1:4 expected a field, a fragment or `}`, found this"),
        ("{a}}", "1:4 expected an operation or a fragment, found this"),
        ("{a(b:[)}", "1:7 expected another closing bracket, found this"),
        ("{a(b:1}", "1:7 expected another closing bracket, found this"),
        ("{\n  a(b: \"x\n\")}", "2:8 string that does not end"),
        ("{a(b:\"\"\"x)}", "1:6 block string that does not end"),
        ("{a(b:\"\\x\")}", "1:7 unknown escape in a string"),
        ("{a(b:\"\\u00g0\")}", "1:7 unknown escape in a string"),
        ("{a(b:01)}", "1:7 a number must not be followed by this"),
        ("{a(b:1.)}", "1:8 digit expected"),
        ("{a(b:1e)}", "1:8 digit expected"),
        ("{a(b:-)}", "1:7 digit expected"),
        ("{ü}", "1:2 unexpected character"),
        ("{a..b}", "1:3 unexpected character"),
        ("{a(b:\"\u{7}\")}", "1:7 control character"),
        ("{a #\u{0}\n}", "1:5 control character"),
        ("{...on}", "1:7 expected a type's name, found this"),
        ("{...}", "1:5 expected `{`, found this"),
        ("{a:}", "1:4 expected the name of the aliased field, found this"),
        ("{a @}", "1:5 expected a directive's name, found this"),
        ("fragment on on T {a} {a}", "1:1 expected a fragment's name and its type condition, found this"),
        ("type T { a: Int }", "1:1 expected an operation or a fragment, found this"),
        ("queryFoo {a}", "1:1 expected an operation or a fragment, found this"),
        ("{...F} fragment F on T {a} fragment F on T {b}", "1:1 there are two fragments named `F`"),
        ("# ä\r\n# ö\r{ ü }", "3:3 unexpected character"),
    ] {
        let found = match admit(document, &Limits::default()) {
            Err(Refusal::Syntax { message, line, column }) => format!("{line}:{column} {message}"),
            other => format!("{other:?}"),
        };
        assert_eq!(found, expected, "{document:?}");
    }
}

#[test]
fn a_fragment_that_contains_itself_is_refused() {
    for document in [
        "{...A} fragment A on T {...A}",
        "{...A} fragment A on T {a{...B}} fragment B on T {...on U{...A}}",
        "{b} fragment A on T {...B} fragment B on T {...C} fragment C on T {...B}",
    ] {
        let refusal = admit(document, &Limits::default()).map(|_| ());
        assert!(matches!(refusal, Err(Refusal::Cycle { .. })), "{document}: {refusal:?}");
    }
}

#[test]
fn figures_are_counted_in_any_position() {
    let document = r#"query Q($a: Int @d, $b: [Int!]! = [1, "{ [ ( @ $ #"]) @d {
        x: f(a: $a, o: {b: [$b, $a], c: """ { $no "" @no \""" """}) @d(if: $a) { ... on T @d { y: g } ...F @d }
        # z: h(a: $a) @d {
    }
    fragment F on T @d { k }"#;
    let figures = admit(document, &Limits::default()).unwrap().figures();
    let expected = Figures {
        tokens: 84,
        name_bytes: 8,
        nesting: 4,
        aliases: 2,
        directives: 6,
        spreads: 2,
        variables: 2,
        variable_uses: 4,
    };
    assert_eq!(figures, expected);
}

#[test]
fn variables_are_bounded_before_they_are_parsed() {
    let document = "query($v: JSON) { f(v: $v) g(v: $v) }";
    let limits = Limits { variable_bytes_used: 40_000, variable_values: 1_000, ..Limits::default() };
    let admitted = admit(document, &limits).unwrap();
    let nested = |levels: usize| format!("{{\"v\":{}{}}}", "[".repeat(levels - 1), "]".repeat(levels - 1));
    for (text, expected) in [
        ("{}".to_owned(), Ok(0)),
        ("null".into(), Ok(0)),
        (r#"{"v": {"a": [1, "]]]]{{{", -1e9, true, null]}}"#.into(), Ok(1)),
        (nested(32), Ok(1)),
        (nested(33), Err("33 levels in the variables; the limit is 32")),
        (nested(20_000), Err("20000 levels in the variables; the limit is 32")),
        (format!("{{\"v\":[{}1]}}", "1,".repeat(996)), Ok(1)),
        (
            format!("{{\"v\":[{}1]}}", "1,".repeat(997)),
            Err("1001 values in the variables; the limit is 1000"),
        ),
        (
            format!("{{{}\"z\":1}}", repeat(100, |i| format!("\"v{i}\":1,"))),
            Err("101 variables; the limit is 100"),
        ),
        (
            format!("{{\"v\":\"{}\"}}", "x".repeat(19_993)),
            Err("40002 bytes of variables times their uses; the limit is 40000"),
        ),
        ("[]".into(), Err("`variables` must be a JSON object")),
        ("{\"a\":".into(), Err("`variables` must be a JSON object")),
    ] {
        let found = admit_variables(&text, &admitted, &limits).map(|variables| variables.len());
        assert_eq!(
            found.map_err(|refusal| refusal.to_string()),
            expected.map_err(str::to_owned),
            "{text:.60}"
        );
    }
}
