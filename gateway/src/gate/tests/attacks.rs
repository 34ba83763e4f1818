//! Documents that hurt a parser or an executor, each refused in words; what they did before is in docs/adr/0004.

use super::*;

/// Each fragment spreads the next one twice.
fn fragment_bomb(levels: usize, last: &str) -> String {
    let fragments =
        repeat(levels, |level| format!("fragment F{level} on T{{...F{n} ...F{n}}}", n = level + 1));
    format!("{{...F0}}{fragments}fragment F{levels} on T{{{last}}}")
}

#[test]
fn every_known_attack_is_refused() {
    let pair = |open: &str, close: &str, count: usize| open.repeat(count) + &close.repeat(count);
    for (name, document, expected) in [
        ("nested list literal", format!("{{a(b:{})}}", pair("[", "]", 1500)), L::Nesting),
        ("unclosed variant in a default", format!("query($a:Int={}){{a}}", pair("[", "]", 1500)), L::Nesting),
        (
            "nested object literal",
            format!("{{a(b:{}1{})}}", "{c:".repeat(1000), "}".repeat(1000)),
            L::Nesting,
        ),
        (
            "nested list type",
            format!("query($a:{}){{a}}", pair("[", "]", 2000).replace("[]", "[Int]")),
            L::Nesting,
        ),
        ("list literal in a directive", format!("{{a@d(b:{})}}", pair("[", "]", 1500)), L::Nesting),
        ("list literal on an operation", format!("query@d(b:{}){{a}}", pair("[", "]", 1500)), L::Nesting),
        (
            "list literal on a fragment",
            format!("{{a}}fragment F on T@d(b:{}){{a}}", pair("[", "]", 1500)),
            L::Nesting,
        ),
        ("parentheses", format!("{{a{}}}", pair("(", ")", 1500)), L::Nesting),
        ("nested selection sets", format!("{}a{}", "{a".repeat(1000) + "{", "}".repeat(1001)), L::Nesting),
        ("nested inline fragments", format!("{{{}a{}}}", "...{".repeat(900), "}".repeat(900)), L::Nesting),
        ("fragment bomb", fragment_bomb(25, "a"), L::ExpandedFields),
        ("fragment bomb beyond 64 bits", fragment_bomb(90, "a"), L::ExpandedFields),
        ("fragment bomb of typenames", fragment_bomb(20, "__typename"), L::ExpandedFields),
        (
            "deep chain of fragments",
            {
                let chain = repeat(99, |i| format!("fragment F{i} on T{{a{{...F{}}}}}", i + 1));
                format!("{{...F0}}{chain}")
            },
            L::Depth,
        ),
        ("alias flood", format!("{{{}}}", repeat(1000, |i| format!("a{i}:x "))), L::Aliases),
        ("directive flood", format!("{{a{}}}", "@a".repeat(4000)), L::Directives),
        ("directives on a variable", format!("query($a:Int{}){{a}}", "@a".repeat(4000)), L::Directives),
        ("operation flood", repeat(5000, |i| format!("query A{i}{{a}}")), L::Tokens),
        ("one long name", format!("{{{}}}", "a".repeat(100_000)), L::NameBytes),
        ("one long string", format!("{{a(b:\"{}\")}}", "a".repeat(200_000)), L::DocumentBytes),
        ("a field over and over", "{".to_owned() + &"a ".repeat(6_000) + "}", L::ExpandedFields),
        (
            "introspection in circles",
            "{__schema{types{fields{type{fields{type{fields{name}}}}}}}}".to_owned(),
            L::IntrospectionLists,
        ),
        ("inline fragments side by side", format!("{{{}}}", "...{a}".repeat(501)), L::Spreads),
    ] {
        assert_eq!(refused_by(&document), Some(expected), "{name}: {:?}", verdict(&document));
    }
}
