//! `FLEETGRAPH__SECTION__KEY` over what the file says.

use std::path::Path;

use super::ConfigError;

const PREFIX: &str = "FLEETGRAPH__";

/// Lays the variables of that prefix over the table. A value is read as TOML where it is TOML, else as a plain string, so
/// that `FLEETGRAPH__SERVER__LISTEN=127.0.0.1:4001` needs no quotes. Of a source the section is `SOURCE__NAME`, its name in
/// capitals with `_` for whatever is neither letter nor digit: `FLEETGRAPH__SOURCE__PVE_LAB__URL`.
pub(super) fn overlay(
    table: &mut toml::Table,
    file: &Path,
    variables: impl Iterator<Item = (String, String)>,
) -> Result<(), ConfigError> {
    let mut variables: Vec<_> = variables.filter(|(name, _)| name.starts_with(PREFIX)).collect();
    variables.sort();
    for (name, value) in variables {
        let refuse = |message: &str| ConfigError {
            file: file.to_path_buf(),
            line: None,
            message: format!("the environment variable {name} {message}"),
            help: Some(
                "its form is FLEETGRAPH__SECTION__KEY, of a source FLEETGRAPH__SOURCE__NAME__KEY".into(),
            ),
        };
        let steps: Vec<&str> = name[PREFIX.len()..].split("__").collect();
        let target = match steps.as_slice() {
            ["SOURCE", source, _] => source_table(table, source)
                .ok_or_else(|| refuse("names a source that the file does not have"))?,
            [.., _] if steps.iter().all(|step| !step.is_empty()) => {
                section_table(table, &steps[..steps.len() - 1])
                    .ok_or_else(|| refuse("goes into what is no section"))?
            }
            _ => return Err(refuse("names no key")),
        };
        if let Some(key) = steps.last() {
            target.insert(key.to_lowercase(), value_of(&value));
        }
    }
    Ok(())
}

fn source_table<'t>(table: &'t mut toml::Table, name: &str) -> Option<&'t mut toml::Table> {
    table.get_mut("source")?.as_array_mut()?.iter_mut().filter_map(toml::Value::as_table_mut).find(|source| {
        source.get("name").and_then(toml::Value::as_str).is_some_and(|own| in_capitals(own) == name)
    })
}

fn section_table<'t>(table: &'t mut toml::Table, sections: &[&str]) -> Option<&'t mut toml::Table> {
    sections.iter().try_fold(table, |table, section| {
        table.entry(section.to_lowercase()).or_insert_with(|| toml::Table::new().into()).as_table_mut()
    })
}

fn in_capitals(name: &str) -> String {
    name.chars()
        .map(|letter| if letter.is_alphanumeric() { letter.to_ascii_uppercase() } else { '_' })
        .collect()
}

fn value_of(text: &str) -> toml::Value {
    format!("value = {text}")
        .parse::<toml::Table>()
        .ok()
        .filter(|table| table.len() == 1)
        .and_then(|mut table| table.remove("value"))
        .unwrap_or_else(|| toml::Value::String(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(variables: &[(&str, &str)], expected: Result<&str, &str>) {
        let mut table: toml::Table =
            "[[source]]\nname = \"pve-lab\"\nurl = \"https://a\"\n".parse().expect("TOML");
        let pairs = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let outcome = overlay(&mut table, Path::new("f.toml"), pairs).map(|()| table.to_string());
        match expected {
            Ok(part) => assert!(outcome.as_ref().is_ok_and(|text| text.contains(part)), "{outcome:?}"),
            Err(part) => {
                assert!(outcome.as_ref().is_err_and(|error| error.to_string().contains(part)), "{outcome:?}");
            }
        }
    }

    #[test]
    fn variables_lie_over_the_file() {
        check(&[("FLEETGRAPH__SERVER__LISTEN", "127.0.0.1:1")], Ok("listen = \"127.0.0.1:1\""));
        check(&[("FLEETGRAPH__GRAPHQL__LIMITS__DEPTH", "7")], Ok("depth = 7"));
        check(&[("FLEETGRAPH__DATABASE__URL", "{ env = \"DB\" }")], Ok("env = \"DB\""));
        check(&[("FLEETGRAPH__DATA_DIR", "/tmp/x")], Ok("data_dir = \"/tmp/x\""));
        check(&[("FLEETGRAPH__SOURCE__PVE_LAB__URL", "https://b")], Ok("url = \"https://b\""));
        check(&[("OTHER", "x")], Ok("https://a"));
        check(&[("FLEETGRAPH__SOURCE__NONE__URL", "x")], Err("names a source that the file does not have"));
        check(&[("FLEETGRAPH__", "x")], Err("names no key"));
        check(&[("FLEETGRAPH__A__", "x")], Err("names no key"));
    }
}
