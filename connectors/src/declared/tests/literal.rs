//! Single words.

use super::super::literal::{Word, word};

#[test]
fn words_are_addresses_or_not() {
    let check = |text: &str, expected: &str| {
        let shown = match word(text) {
            Word::Address(address) => address.to_string(),
            Word::NoMachine => "no machine".to_owned(),
            Word::Misspelt => "misspelt".to_owned(),
            Word::Other => "other".to_owned(),
        };
        assert_eq!(shown, expected, "{text}");
    };
    check("10.0.0.5", "10.0.0.5");
    check("10.0.0.5/24", "10.0.0.5");
    check("10.0.0.5/32", "10.0.0.5");
    check("10.0.0.4/31", "10.0.0.4");
    check("10.0.0.0/24", "no machine");
    check("10.0.0.5:8080", "10.0.0.5");
    check("fd00::5/64", "fd00::5");
    check("fd00::/64", "no machine");
    check("fd00::/128", "fd00::");
    check("FD00::5", "fd00::5");
    check("[fd00::5]", "fd00::5");
    check("[fd00::5]:443", "fd00::5");
    check("[10.0.0.5]", "other");
    check("255.255.255.0", "no machine");
    check("0.0.0.0", "no machine");
    check("127.0.0.1:80", "no machine");
    check("10.0.0.300", "misspelt");
    check("10.0.0.5/33", "misspelt");
    check("10.0.0.5:99999", "misspelt");
    check("10.0.0.05", "misspelt");
    check("fd00:::5", "misspelt");
    check("fd00::5/129", "misspelt");
    check("1.2.3", "other");
    check("15.18-0+deb12u1", "other");
    check("std::fmt", "other");
    check("bc:24:11:00:00:05", "other");
    check("app.example.org", "other");
    check("", "other");
}
