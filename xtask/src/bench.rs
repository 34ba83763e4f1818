//! `cargo xtask bench join`: runs the benchmarks and writes what they measured to docs/benchmarks.md, the machine named.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

/// Where the figures go: everything below this mark is written anew.
const PAGE: &str = "docs/benchmarks.md";
const MARK: &str = "<!-- below this line: cargo xtask bench join -->";

/// A benchmark: its heading, its package and name, and what was promised of it.
const PARTS: &[(&str, &str, &str)] = &[
    ("The join", "schema", "join"),
    ("Its parts", "schema", "parts"),
    ("Authorization", "resolvers", "access"),
    ("Collecting", "tests", "collect"),
];

/// Runs every part, one after the other, and writes the page.
pub(crate) fn run(repository: &Path) -> Result<String, Vec<String>> {
    let path = repository.join(PAGE);
    let page = std::fs::read_to_string(&path).map_err(|error| vec![format!("{PAGE}: {error}")])?;
    let Some((kept, _)) = page.split_once(MARK) else {
        return Err(vec![format!("{PAGE} has lost its mark `{MARK}`")]);
    };
    let mut text = format!("{kept}{MARK}\n\nMeasured on {}.\n", machine());
    for (heading, package, bench) in PARTS {
        let figures = measure(repository, package, bench).map_err(|error| vec![error])?;
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "\n## {heading}\n\n`cargo bench -p {package} --bench {bench}`\n\n| what | figure |\n| --- | --- |\n"
        );
        for (name, figure) in figures {
            let _ = writeln!(text, "| {name} | {figure} |");
        }
    }
    std::fs::write(&path, text).map_err(|error| vec![format!("{PAGE} cannot be written: {error}")])?;
    Ok(format!("{PAGE} is written anew"))
}

/// The figures that a benchmark prints: a name, two blanks or a tab, and the rest of the line.
fn measure(repository: &Path, package: &str, bench: &str) -> Result<Vec<(String, String)>, String> {
    let output = Command::new("cargo")
        .args(["bench", "--quiet", "--package", package, "--bench", bench])
        .current_dir(repository)
        .output()
        .map_err(|error| format!("cargo bench cannot be run: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        return Err(format!("{bench} failed:\n{}", String::from_utf8_lossy(&output.stderr)));
    }
    let figures: Vec<_> = joined(&text).lines().filter_map(figure).collect();
    if figures.is_empty() { Err(format!("{bench} printed no figure:\n{text}")) } else { Ok(figures) }
}

/// Criterion gives a name that is long a line of its own: the two lines as one.
fn joined(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        match lines.last_mut() {
            Some(name) if line.trim_start().starts_with("time:") && line.starts_with(' ') => {
                *name = format!("{name} {}", line.trim_start());
            }
            _ => lines.push(line.to_owned()),
        }
    }
    lines.join("\n")
}

fn figure(line: &str) -> Option<(String, String)> {
    // Criterion: `name    time:   [low middle high]`.
    if let Some((name, times)) = line.split_once("time:") {
        return Some((name.trim().to_owned(), times.trim().trim_matches(['[', ']']).to_owned()));
    }
    let at = line.find("  ").or_else(|| line.find('\t'))?;
    let (name, rest) = line.split_at(at);
    let rest = rest.split_whitespace().collect::<Vec<_>>().join(" ");
    (!name.is_empty() && !rest.is_empty()).then(|| (name.to_owned(), rest))
}

/// Processor, cores and memory, as the system names them.
fn machine() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let value = |text: &str, key: &str| {
        let line = text.lines().find(|line| line.starts_with(key)).unwrap_or_default().to_owned();
        line.split_once(':').map_or_else(|| "unknown".to_owned(), |(_, value)| value.trim().to_owned())
    };
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let (processor, memory) =
        (value(&read("/proc/cpuinfo"), "model name"), value(&read("/proc/meminfo"), "MemTotal"));
    format!("{processor}, {cores} cores, {memory} of memory, Linux; other work ran beside it")
}

#[cfg(test)]
mod tests {
    use super::{figure, joined};

    #[test]
    fn figures_are_found_in_lines() {
        let pair = |name: &str, value: &str| Some((name.to_owned(), value.to_owned()));
        assert_eq!(figure("full join                   123.4 ms"), pair("full join", "123.4 ms"));
        assert_eq!(figure("guests\t15000\t"), pair("guests", "15000"));
        assert_eq!(
            figure("join/full     time:   [1.0 ms 1.1 ms 1.2 ms]"),
            pair("join/full", "1.0 ms 1.1 ms 1.2 ms")
        );
        assert_eq!(figure("Benchmarking"), None);
    }

    #[test]
    fn a_long_name_is_of_the_line_below_it() {
        let text = "a thousand paths with every hop\n                        time:   [1 µs 2 µs 3 µs]\njoin  time:   [4 ms 5 ms 6 ms]";
        let figures: Vec<_> = joined(text).lines().filter_map(figure).collect();
        let expected = [("a thousand paths with every hop", "1 µs 2 µs 3 µs"), ("join", "4 ms 5 ms 6 ms")];
        assert_eq!(figures, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
}
