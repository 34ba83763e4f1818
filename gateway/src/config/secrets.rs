//! Reads secrets from where the configuration says they are: an environment variable or a file.

use std::collections::BTreeMap;
use std::io::Read as _;

use connectors::connector::SecretAt;
use connectors::{BuildError, Secrets};
use secrecy::SecretString;

/// No secret of any source is longer; a log file named by mistake is.
const MOST_BYTES: u64 = 64 << 10;

/// The process's environment, read once at start, and the file system.
pub struct Environment {
    variables: BTreeMap<String, String>,
}

impl Environment {
    /// From the variables of the process (or, in a test, any others).
    pub fn new(variables: impl Iterator<Item = (String, String)>) -> Self {
        Self { variables: variables.collect() }
    }

    /// All of them, for overrides of the configuration.
    pub fn variables(&self) -> impl Iterator<Item = (String, String)> + '_ {
        self.variables.iter().map(|(name, value)| (name.clone(), value.clone()))
    }

    /// Adds or replaces one: `demo` gives its simulated sources their simulated secrets so.
    pub fn set(&mut self, name: String, value: String) {
        self.variables.insert(name, value);
    }
}

impl Secrets for Environment {
    fn read(&self, at: &SecretAt) -> Result<SecretString, BuildError> {
        let refuse = |message: String| Err(BuildError { key: None, message });
        let text = match at {
            SecretAt::Env(name) => match self.variables.get(name) {
                Some(value) => value.clone(),
                None => {
                    return refuse(format!(
                        "the environment variable {name} is not set; export it, or name a file"
                    ));
                }
            },
            SecretAt::File(path) => {
                let mut text = String::new();
                let read = std::fs::File::open(path)
                    .and_then(|file| file.take(MOST_BYTES + 1).read_to_string(&mut text));
                match read {
                    Err(error) => {
                        return refuse(format!(
                            "the secret's file {} cannot be read: {error}",
                            path.display()
                        ));
                    }
                    Ok(bytes) if bytes as u64 > MOST_BYTES => {
                        return refuse(format!("{} is larger than any secret (64 KiB)", path.display()));
                    }
                    Ok(_) => text.trim_end_matches(['\r', '\n']).to_owned(),
                }
            }
        };
        if text.is_empty() {
            return refuse(match at {
                SecretAt::Env(name) => format!("the environment variable {name} is empty"),
                SecretAt::File(path) => format!("the secret's file {} is empty", path.display()),
            });
        }
        Ok(SecretString::from(text))
    }
}
