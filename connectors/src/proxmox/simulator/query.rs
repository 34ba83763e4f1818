//! Parameters: what is not in the schema is refused, with Proxmox' words for it.

use std::borrow::Cow;

use super::reply::Refusal;

/// The parameters of a request, all of them known.
pub(super) struct Parameters<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl Parameters<'_> {
    /// The value of a parameter.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_ref())
    }

    /// A boolean is given and true.
    pub(super) fn has(&self, name: &str) -> bool {
        matches!(self.get(name), Some("1" | "on" | "yes" | "true"))
    }

    /// A parameter that must be one of these words, where it is given.
    pub(super) fn one_of(&self, name: &str, words: &[&str]) -> Result<Option<&str>, Refusal> {
        match self.get(name) {
            Some(value) if !words.contains(&value) => {
                let words = words.join(", ");
                let error = format!("value '{value}' does not have a value in the enumeration '{words}'");
                Err(Refusal::parameters([(name.to_owned(), error)]))
            }
            value => Ok(value),
        }
    }
}

/// Reads a query, which may hold these parameters and no others.
pub(super) fn only<'a>(query: Option<&'a str>, known: &[&str]) -> Result<Parameters<'a>, Refusal> {
    let pairs: Vec<_> = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()).collect();
    let unknown: Vec<_> = pairs.iter().filter(|(key, _)| !known.contains(&key.as_ref())).collect();
    if unknown.is_empty() {
        return Ok(Parameters(pairs));
    }
    let error = "property is not defined in schema and the schema does not allow additional properties";
    Err(Refusal::parameters(unknown.into_iter().map(|(key, _)| (key.to_string(), error.to_owned()))))
}

/// Reads the VMID of a path.
pub(super) fn vmid(text: &str) -> Result<u32, Refusal> {
    let error = match text.parse::<u32>() {
        Ok(vmid @ 100..=999_999_999) => return Ok(vmid),
        Ok(0..100) => "value must have a minimum value of 100".to_owned(),
        Ok(_) => "value must have a maximum value of 999999999".to_owned(),
        Err(_) => format!("type check ('integer') failed - got '{text}'"),
    };
    Err(Refusal::parameters([("vmid".to_owned(), error)]))
}
