//! What passes the gate against the library behind it: parsed, validated and refused or answered within a small stack.

use async_graphql::{EmptyMutation, EmptySubscription, Object, Schema};
use proptest::prelude::*;

use super::*;

struct T;

#[Object]
impl T {
    async fn a(&self, b: Option<async_graphql::Json<async_graphql::Value>>) -> &T {
        let _ = b;
        self
    }
    async fn x(&self) -> i32 {
        1
    }
}

/// Runs what passes on a worker's stack, and says whether it passed.
fn behind(document: &str) -> bool {
    let limits = Limits { depth: 24, ..Limits::default() };
    let Ok(admitted) = admit(document, &limits) else { return false };
    let text = admitted.document().to_owned();
    let worker = std::thread::Builder::new().stack_size(2 * 1024 * 1024).spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let schema = Schema::new(T, EmptyMutation, EmptySubscription);
        runtime.block_on(schema.execute(text.as_str()));
    });
    worker.unwrap().join().expect("the library must not panic");
    true
}

#[test]
fn the_deepest_admitted_documents_fit_a_workers_stack() {
    let limits = Limits::default();
    let pair = |open: &str, close: &str, count: usize| open.repeat(count) + &close.repeat(count);
    let inner = limits.nesting - 2;
    for document in [
        format!("{{a(b:{}){{x}}}}", pair("[", "]", inner)),
        format!("{{a(b:{}1{}){{x}}}}", "{c:".repeat(inner), "}".repeat(inner)),
        format!("{{{}x{}}}", "...{".repeat(limits.nesting - 1), "}".repeat(limits.nesting - 1)),
        format!(
            "query($v:{}Int{}){{a{{x}}}}",
            "[".repeat(limits.nesting - 1),
            "]".repeat(limits.nesting - 1)
        ),
        format!("query($v:Int={}){{a{{x}}}}", pair("[", "]", limits.nesting - 1)),
        format!("{{a@include(if:{}){{x}}}}", pair("[", "]", inner)),
        // As deep as `graphql.limits.depth` may be set.
        format!("{}x{}", "{a".repeat(23) + "{", "}".repeat(24)),
        format!(
            "{{__schema{}{}}}",
            "{ofType".repeat(limits.introspection_depth - 1),
            "}".repeat(limits.introspection_depth - 1)
        ),
    ] {
        assert!(behind(&document), "{document}: {:?}", verdict(&document));
    }
}

/// Pieces of which documents are made that nearly parse.
fn piece() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        "(",
        ")",
        "a",
        "b",
        "x",
        ":",
        "$v",
        "@include(if:true)",
        "...",
        " on ",
        "T",
        "F",
        "\"",
        "\"\"\"",
        "\\",
        "#",
        "\n",
        "1",
        "-0.5e3",
        "query ",
        "mutation ",
        "fragment ",
        "__schema",
        "fields",
        "{a{x}}",
        "(b:[1])",
        "...F",
        "fragment F on T{x}",
        "\u{feff}",
        ",",
        "!",
        "=",
        "|",
        "&",
        "ü",
        "\0",
        "__type",
        "null",
        "true",
    ])
}

/// Such a document; pieces touch, so that names and keywords run together.
fn near_document() -> impl Strategy<Value = String> {
    prop::collection::vec(piece(), 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn any_text_is_judged_without_panic(text in ".{0,400}") {
        behind(&text);
    }

    #[test]
    fn any_bytes_are_measured_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        measure(&bytes);
        if let Ok(text) = std::str::from_utf8(&bytes) {
            let admitted = admit("{a}", &Limits::default()).unwrap();
            let _ = admit_variables(text, &admitted, &Limits::default());
        }
    }

    #[test]
    fn near_documents_pass_or_are_refused_and_never_hurt(text in near_document()) {
        behind(&text);
    }

    /// Whatever the library parses is admitted, or refused by a limit or a cycle: the gate is no second grammar. Two
    /// differences are meant: a fragment named `on`, and a comment between `on` and its type, which the library takes
    /// for a spread of such a fragment.
    #[test]
    fn what_the_library_parses_is_admitted(pieces in prop::collection::vec(piece(), 0..40)) {
        let text = pieces.join(" ").replace('\0', "");
        prop_assume!(!text.contains("on  #") && !text.contains("fragment   on "));
        if async_graphql::parser::parse_query(&text).is_ok()
            && let Err(Refusal::Syntax { message, line, column }) = admit(&text, &Limits::default())
        {
            prop_assert!(false, "{line}:{column} {message} in {text:?}");
        }
    }
}
