//! From the configuration to sources that can be collected.

use std::path::Path;
use std::sync::Arc;

use connectors::http::Pool;
use connectors::poll::Polled;
use connectors::{Build, BuildError};
use store::Database;

use crate::config::{ConfigError, Environment, Source};

/// Builds every configured source. Reads no network; the first one that cannot be built is refused with its line.
///
/// `database` is the gateway's own, where it has one already: a source that needs it and does not get it says so.
pub fn build(
    sources: &[Source],
    file: &Path,
    environment: &Environment,
    database: Option<&Database>,
) -> Result<Vec<Polled>, ConfigError> {
    let pool = Pool::default();
    let folder = file.parent().unwrap_or(Path::new("."));
    sources
        .iter()
        .map(|source| {
            let limits = source.limits(pool.share());
            let built = (source.kind.build)(Build {
                info: Arc::clone(&source.info),
                table: source.table.clone(),
                limits: limits.clone(),
                secrets: environment,
                database: database.cloned(),
                folder,
            });
            match built {
                Ok(connector) => Ok(Polled { info: Arc::clone(&source.info), connector, limits }),
                Err(error) => Err(refused(source, file, &error)),
            }
        })
        .collect()
}

fn refused(source: &Source, file: &Path, error: &BuildError) -> ConfigError {
    let key = error.key.as_ref().map(|key| format!(", `{key}`")).unwrap_or_default();
    ConfigError {
        file: file.to_path_buf(),
        place: source.place_of(error.key.as_deref()),
        message: format!("source \"{}\"{key}: {}", source.info.name, error.message),
        help: Some(format!("docs/sources/{}.md tells what this kind of source needs", source.kind.name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Place};

    /// The line is that of the key at fault, and of the source where a key is missing.
    #[test]
    fn what_cannot_be_built_is_refused_with_the_line_of_its_key() {
        const TEXT: &str = "[[source]]\nname = \"a\"\nkind = \"proxmox\"\nurl = \"https://10.0.0.11:8006\"\ntoken = { env = \"TOKEN\" }\n";
        let file = Path::new("fleetgraph.toml");
        for (from, to, line, key) in [
            ("https://10.0.0.11:8006", "ftp://10.0.0.11", 4, "`url`"),
            ("\"TOKEN\"", "\"NOTHING\"", 5, "`token`"),
            ("token = { env = \"TOKEN\" }\n", "", 1, "needs url and token"),
            ("\"https://10.0.0.11:8006\"", "[\"x\"]", 4, "`url`: must be text in quotes"),
            (
                "{ env = \"TOKEN\" }",
                "\"hunter2\"",
                5,
                "`token`: is a secret, and a secret is not written here",
            ),
            ("{ env = \"TOKEN\" }", "{ envv = \"TOKEN\" }", 5, "did you mean `env`?"),
            (
                "8006\"\n",
                "8006\"\nfallback_urls = [\n  \"https://10.0.0.12\",\n  5,\n]\n",
                7,
                "`fallback_urls[1]`: must be text in quotes",
            ),
            (
                "\"TOKEN\" }\n",
                "\"TOKEN\" }\n[source.tls]\n\nfingerprnt = \"AB\"\n",
                8,
                "`tls.fingerprnt`: is no key there; did you mean `fingerprint`?",
            ),
        ] {
            let text = TEXT.replace(from, to);
            let environment = Environment::new([("TOKEN".to_owned(), "a@pam!b=c".to_owned())].into_iter());
            let config = Config::parse(file, &text, &environment).expect("its form is right");
            let Err(error) = build(&config.sources, file, &environment, None) else { panic!("{text}") };
            assert_eq!(error.place, Place::Line(line), "{text}: {error:?}");
            assert!(error.message.contains(key), "{text}: {}", error.message);
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn what_a_variable_says_is_refused_with_its_name() {
        const TEXT: &str = "[[source]]\nname = \"a\"\nkind = \"proxmox\"\nurl = \"https://10.0.0.11:8006\"\ntoken = { env = \"TOKEN\" }\n";
        let file = Path::new("fleetgraph.toml");
        for (name, value, key) in [
            ("FLEETGRAPH__SOURCE__A__URL", "5", "`url`: must be text in quotes"),
            ("FLEETGRAPH__SOURCE__A__TOKEN", "hunter2", "`token`: is a secret"),
            ("FLEETGRAPH__SOURCE__A__TLS", "{ verify = false }", "`tls.verify`: is no key there"),
        ] {
            let variables = [("TOKEN", "a@pam!b=c"), (name, value)];
            let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
            let environment = Environment::new(variables.into_iter());
            let config = Config::parse(file, TEXT, &environment).expect("its form is right");
            let Err(error) = build(&config.sources, file, &environment, None) else { panic!("{name}") };
            let text = error.to_string();
            let expected = format!("the environment variable {name}: source \"a\", {key}");
            assert!(text.starts_with(&expected), "{text}");
            assert!(!text.contains("hunter2"), "{text}");
        }
    }
}
