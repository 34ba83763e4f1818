//! Reads secrets from where the configuration says they are: an environment variable or a file.

use std::collections::BTreeMap;
use std::io::Read as _;

use connectors::connector::SecretAt;
use connectors::{BuildError, Secrets};
use secrecy::SecretString;

/// No secret of any source is longer; a log file named by mistake is.
const MOST_BYTES: u64 = 64 << 10;

const UNSHOWN: &str = "no environment variable has the name that is written here, which is not shown, since it looks less \
     like a name (as PVE_SECRET does) than like the secret itself: write the variable's name, and export it";

/// Whether this is told where it is not set: names of capital letters are variables' (POSIX, 8.1). Anything else may be a
/// secret that was pasted where its variable's name belongs, and errors reach logs.
fn is_shown(name: &str) -> bool {
    name.bytes().all(|byte| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'_'))
}

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
                None if is_shown(name) => {
                    return refuse(format!(
                        "the environment variable {name} is not set; export it, or name a file"
                    ));
                }
                None => return refuse(UNSHOWN.to_owned()),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, expected: &str) {
        let environment = Environment::new([("EMPTY".to_owned(), String::new())].into_iter());
        let told = environment.read(&SecretAt::Env(name.to_owned())).expect_err("refused").message;
        assert_eq!(told, expected);
    }

    #[test]
    fn a_secret_in_the_place_of_its_variables_name_is_not_repeated() {
        check("PVE_SECRET", "the environment variable PVE_SECRET is not set; export it, or name a file");
        check("EMPTY", "the environment variable EMPTY is empty");
        check("9f2c1d8e-6f3a-4a52-b1f0-0c3f4f1f2a77", UNSHOWN);
        check("rk_test_of_some_account", UNSHOWN);
    }
}
