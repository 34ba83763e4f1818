//! Tables of VMIDs.

use super::{check, parsed};

/// A table of these columns with one row, which is line 3.
fn check_row(header: &str, row: &str, expected: &[&str]) {
    let dashes = "| --- ".repeat(header.matches('|').count() - 1);
    check("a.md", &format!("{header}\n{dashes}|\n{row}\n"), expected);
}

#[test]
fn a_row_is_an_entry() {
    let header = "| VMID | Hostname | IP Address | Cluster | Role | Status |";
    check_row(
        header,
        "| 105 | app1 | 10.0.0.5 | pve-lab | HOST | active |",
        &["a.md:3 app1 10.0.0.5 pve-lab/105"],
    );
    check_row(
        header,
        "| 105 | app1 | 10.0.0.5 | - | vip | Reserved |",
        &["a.md:3 app1 10.0.0.5 105 Vip Reserved"],
    );
    check_row(header, "| 105 | | 10.0.0.5 | | Anycast | | ", &["a.md:3 ? 10.0.0.5 105 Anycast"]);
    check_row(
        header,
        "| 105 | gw | 10.0.0.1 | | Gateway | deprecated |",
        &["a.md:3 gw 10.0.0.1 105 Gateway Deprecated"],
    );
    check_row(
        header,
        "| 105 | sw | 10.0.0.2 | | infrastructure | MIGRATING |",
        &["a.md:3 sw 10.0.0.2 105 Infrastructure Migrating"],
    );
    // Words that are none of ours leave what is usual.
    check_row(header, "| 105 | app1 | 10.0.0.5 | | Web server | Running |", &["a.md:3 app1 10.0.0.5 105"]);
}

#[test]
fn titles_are_known_in_any_case_and_dress() {
    for header in
        ["| VMID | IP |", "| vmid | ip address |", "| **VMID** | `Address` |", "| _VmId_ | [IP](x.md) |"]
    {
        check_row(header, "| 105 | 10.0.0.5 |", &["a.md:3 ? 10.0.0.5 105"]);
    }
    check_row("| Name | VMID | IP | Hostname |", "| a | 105 | 10.0.0.5 | b |", &["a.md:3 a 10.0.0.5 105"]);
    for header in ["| VM | IP |", "| VMID | IPv6 |", "| VMID | Net |", "| ID | Address |", "| VMIDs | IP |"] {
        check_row(header, "| 105 | 10.0.0.5 |", &[]);
    }
}

#[test]
fn dress_is_stripped() {
    let header = "| VMID | Name | IP |";
    check_row(
        header,
        "| **105** | [`app1`](https://x/10.0.0.9) | _10.0.0.5_ |",
        &["a.md:3 app1 10.0.0.5 105"],
    );
    check_row(
        header,
        "| `105` | ***app*1** | `10.0.0.5`<br>`10.0.0.6` |",
        &["a.md:3 app1 10.0.0.5 105", "a.md:3#2 app1 10.0.0.6 105"],
    );
    check_row(header, "| 105 | a \\| b | 10.0.0.5 |", &["a.md:3 a | b 10.0.0.5 105"]);
    // What is struck out is no longer so.
    check_row(header, "| 105 | app1 | ~~10.0.0.5~~ 10.0.0.6 |", &["a.md:3 app1 10.0.0.6 105"]);
    check_row(header, "| ~~105~~ | ~~app1~~ | ~~10.0.0.5~~ |", &[]);
}

#[test]
fn a_cell_may_hold_several_addresses_or_none() {
    let header = "| VMID | IP |";
    check_row(header, "| 105 | 10.0.0.5, fd00::5/64 |", &["a.md:3 ? 10.0.0.5 105", "a.md:3#2 ? fd00::5 105"]);
    check_row(header, "| 105 | 10.0.0.5 (eth0) 10.0.0.5 |", &["a.md:3 ? 10.0.0.5 105"]);
    check_row(header, "| 105 | eth0: 10.0.0.5:8080 |", &["a.md:3 ? 10.0.0.5 105"]);
    for none in ["-", "N/A", "n/a", "TBD", "DHCP", "dhcp", "", "\u{2014}", "**TBD**", "- / -"] {
        let expected: &[&str] = match none {
            "- / -" => &["a.md:3 ? guest 105", "problem 3: \"/\" is no address of a machine"],
            _ => &["a.md:3 ? guest 105"],
        };
        check_row(header, &format!("| 105 | {none} |"), expected);
    }
    // Neither a guest nor an address is no entry; an address alone is somebody's who is no guest.
    check_row(header, "| - | - |", &[]);
    check_row(header, "| - | 10.0.0.5 |", &["a.md:3 ? 10.0.0.5 not-a-guest"]);
}

#[test]
fn a_row_that_cannot_be_read_is_a_problem_and_hides_no_other() {
    let header = "| VMID | IP |";
    check_row(header, "| abc | 10.0.0.5 |", &["problem 3: \"abc\" is no VMID"]);
    for vmid in ["99", "-105", "+105", "1e3", "105.0", "1000000000", "99999999999999999999", "105 106"] {
        let problem = format!("problem 3: \"{vmid}\" is no VMID");
        check_row(header, &format!("| {vmid} | 10.0.0.5 |"), &[&problem]);
    }
    check_row(
        header,
        "| 105 | app1 |",
        &["a.md:3 ? guest 105", "problem 3: \"app1\" is no address of a machine"],
    );
    check_row(
        header,
        "| 105 | 10.0.0.5 10.0.0.300 |",
        &["a.md:3 ? 10.0.0.5 105", "problem 3: \"10.0.0.300\" is no address of a machine"],
    );
    check_row(
        header,
        "| 105 | 127.0.0.1 |",
        &["a.md:3 ? guest 105", "problem 3: \"127.0.0.1\" is no address of a machine"],
    );
    check(
        "a.md",
        "| VMID | IP |\n|---|---|\n| x | y |\n| 105 | 10.0.0.5 |\n",
        &["a.md:4 ? 10.0.0.5 105", "problem 3: \"x\" is no VMID"],
    );
}

#[test]
fn tables_are_found_wherever_they_stand() {
    check(
        "a.md",
        "# Fleet\r\n\r\ntext | with | pipes\r\n\r\n| VMID | IP |\r\n| :-: | --: |\r\n| 105 | 10.0.0.5 |\r\n\r\n\
         > | VMID | IP |\r\n> |---|---|\r\n> | 106 | 10.0.0.6 |\r\n\r\n\
         - item\r\n\r\n  VMID | IP\r\n  ---|---\r\n  107 | 10.0.0.7\r\n",
        &["a.md:7 ? 10.0.0.5 105", "a.md:11 ? 10.0.0.6 106", "a.md:17 ? 10.0.0.7 107"],
    );
    for hidden in [
        "```\n| VMID | IP |\n|---|---|\n| 105 | 10.0.0.5 |\n```",
        "<!--\n| VMID | IP |\n|---|---|\n| 105 | 10.0.0.5 |\n-->",
    ] {
        check("a.md", hidden, &[]);
    }
}

#[test]
fn hostile_markdown_costs_a_bounded_amount() {
    for content in [
        "> ".repeat(50_000),
        "- ".repeat(50_000),
        "[".repeat(200_000),
        "*a ".repeat(100_000),
        "`".repeat(200_000),
        format!("|{}\n|{}\n|{}\n", " a |".repeat(5000), "-|".repeat(5000), " b |".repeat(5000)),
        format!("| VMID | IP |\n|---|---|\n{}", "| x | y |\n".repeat(10_000)),
        "\0".repeat(100_000),
    ] {
        let parsed = parsed("a.md", &content);
        assert!(parsed.assignments.is_empty());
        assert!(parsed.problems.len() <= 100);
    }
}
