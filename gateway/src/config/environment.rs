//! `FLEETGRAPH__SECTION__KEY` over what the file says.

use std::path::Path;

use super::document::Step;
use super::{ConfigError, Place};

const PREFIX: &str = "FLEETGRAPH__";

/// Which variable said what: the ways to values that do not come from the file.
#[derive(Debug, Default)]
pub(super) struct Origins(Vec<(Vec<String>, String)>);

impl Origins {
    /// The variable that said what is at `path`, or around it.
    pub(super) fn of(&self, path: &[Step<'_>]) -> Option<&str> {
        let is = |own: &String, step: &Step<'_>| match step {
            Step::Key(key) => own == key,
            Step::Index(index) => *own == index.to_string(),
        };
        let leads =
            |own: &[String]| own.len() <= path.len() && own.iter().zip(path).all(|(own, step)| is(own, step));
        let nearest = self.0.iter().filter(|(own, _)| leads(own)).max_by_key(|(own, _)| own.len());
        nearest.map(|(_, variable)| &**variable)
    }
}

/// Lays the variables of that prefix over the table. A value is read as TOML where it is TOML, else as a plain string, so
/// that `FLEETGRAPH__SERVER__LISTEN=127.0.0.1:4001` needs no quotes. Of a source the section is `SOURCE__NAME`, its name in
/// capitals with `_` for whatever is neither letter nor digit: `FLEETGRAPH__SOURCE__PVE_LAB__URL`.
pub(super) fn overlay(
    table: &mut toml::Table,
    file: &Path,
    variables: impl Iterator<Item = (String, String)>,
) -> Result<Origins, ConfigError> {
    let mut origins = Origins::default();
    let mut variables: Vec<_> = variables.filter(|(name, _)| name.starts_with(PREFIX)).collect();
    variables.sort();
    for (name, value) in variables {
        let refuse = |message: String| ConfigError {
            file: file.to_path_buf(),
            place: Place::Variable(name.clone()),
            message,
            help: Some(
                "its form is FLEETGRAPH__SECTION__KEY, of a source FLEETGRAPH__SOURCE__NAME__KEY".into(),
            ),
        };
        let steps: Vec<&str> = name[PREFIX.len()..].split("__").collect();
        let Some((key, sections)) = steps.split_last().filter(|_| steps.iter().all(|step| !step.is_empty()))
        else {
            return Err(refuse("it names no key".to_owned()));
        };
        let mut path: Vec<String> = sections.iter().map(|section| section.to_lowercase()).collect();
        let target = match sections {
            ["SOURCE", source] => {
                let (index, target) = source_table(table, source).map_err(refuse)?;
                path[1] = index.to_string();
                target
            }
            ["SOURCE", ..] | [] if steps[0] == "SOURCE" => {
                return Err(refuse("of a source it names neither its name nor a key".to_owned()));
            }
            _ => {
                // A section that it brings along is its own fault too.
                let there = known(table, &path);
                origins.0.extend((there..path.len()).map(|end| (path[..=end].to_vec(), name.clone())));
                section_table(table, &path)
                    .ok_or_else(|| refuse("it goes into what is no section".to_owned()))?
            }
        };
        let key = key.to_lowercase();
        target.insert(key.clone(), value_of(&value));
        path.push(key);
        origins.0.push((path, name));
    }
    Ok(origins)
}

/// The one source that a variable names, and its position.
fn source_table<'t>(table: &'t mut toml::Table, name: &str) -> Result<(usize, &'t mut toml::Table), String> {
    let sources =
        table.get_mut("source").and_then(toml::Value::as_array_mut).into_iter().flatten().enumerate();
    let mut meant = sources.filter_map(|(index, source)| {
        let source = source.as_table_mut()?;
        let own = source.get("name")?.as_str()?.to_owned();
        (in_capitals(&own) == name).then_some((own, index, source))
    });
    let (first, index, target) =
        meant.next().ok_or_else(|| "it names a source that the file does not have".to_owned())?;
    match meant.next() {
        None => Ok((index, target)),
        Some((second, ..)) => Err(format!(
            "it may mean `{first}` or `{second}`: rename one of these sources, or write the key into the file"
        )),
    }
}

/// How many of these sections are there already.
fn known(table: &toml::Table, sections: &[String]) -> usize {
    let mut table = Some(table);
    let there = sections.iter().take_while(|section| {
        table = table.and_then(|table| table.get(*section)).and_then(toml::Value::as_table);
        table.is_some()
    });
    there.count()
}

fn section_table<'t>(table: &'t mut toml::Table, sections: &[String]) -> Option<&'t mut toml::Table> {
    sections.iter().try_fold(table, |table, section| {
        table.entry(section.clone()).or_insert_with(|| toml::Table::new().into()).as_table_mut()
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
        let mut table: toml::Table = "[[source]]\nname = \"pve-lab\"\nurl = \"https://a\"\n\
             [[source]]\nname = \"a-b\"\n[[source]]\nname = \"a_b\"\n"
            .parse()
            .expect("TOML");
        let pairs = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let outcome = overlay(&mut table, Path::new("f.toml"), pairs).map(|_| table.to_string());
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
        check(
            &[("FLEETGRAPH__SOURCE__A_B__URL", "x")],
            Err("the environment variable FLEETGRAPH__SOURCE__A_B__URL: it may mean `a-b` or `a_b`"),
        );
        check(&[("FLEETGRAPH__SOURCE__PVE_LAB__URL__X", "x")], Err("names neither its name nor a key"));
        check(&[("FLEETGRAPH__", "x")], Err("names no key"));
        check(&[("FLEETGRAPH__A__", "x")], Err("names no key"));
    }
}
