//! From files to policies: parsed, validated against the vocabulary, refused whole with file and line.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use cedar_policy::{Policy, PolicyId, PolicySet, ValidationMode, Validator};
use miette::Diagnostic;

use super::entities::fixed;
use super::explain::Written;
use super::rules;

/// Those that come with the program.
const BUILT_IN: &[(&str, &str)] = &[
    ("built-in/roles.cedar", include_str!("../../policies/roles.cedar")),
    ("built-in/groups-of-sources.cedar", include_str!("../../policies/groups-of-sources.cedar")),
];

/// What an installation's own policies stand on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// The built-in policies hold too.
    Extend,
    /// Only its own hold.
    Replace,
}

/// What is wrong with a file of policies.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PolicyError {
    /// The file.
    pub file: Arc<str>,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// In a sentence.
    pub message: String,
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)
    }
}

impl std::error::Error for PolicyError {}

/// Policies that were parsed and validated.
pub(super) struct Loaded {
    pub(super) policies: Vec<Policy>,
    pub(super) written: BTreeMap<String, Written>,
    /// What Cedar finds odd, though not wrong.
    pub(super) warnings: Vec<PolicyError>,
}

/// A file's name and text.
struct File<'t> {
    name: Arc<str>,
    text: &'t str,
}

pub(super) fn load(files: &[(String, String)], base: Base) -> Result<Loaded, Vec<PolicyError>> {
    let mut loading = Loading::default();
    let built_in = BUILT_IN.iter().filter(|_| base == Base::Extend).copied();
    let own = files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    for (name, text) in built_in.chain(own) {
        let file = File { name: name.into(), text };
        match name.rsplit_once('.') {
            Some((_, "cedar")) => loading.cedar(&file),
            Some((_, "rules")) => loading.rules(&file),
            _ => loading.errors.push(file.error(0, "neither a .cedar nor a .rules file")),
        }
    }
    loading.validate();
    loading.errors.sort();
    loading.errors.dedup();
    if loading.errors.is_empty() {
        Ok(Loaded { policies: loading.policies, written: loading.written, warnings: loading.warnings })
    } else {
        Err(loading.errors)
    }
}

#[derive(Default)]
struct Loading<'t> {
    policies: Vec<Policy>,
    written: BTreeMap<String, Written>,
    /// The text that a policy's offsets are in; none for a rule, whose Cedar nobody wrote.
    texts: BTreeMap<String, &'t str>,
    errors: Vec<PolicyError>,
    warnings: Vec<PolicyError>,
}

impl<'t> Loading<'t> {
    fn cedar(&mut self, file: &File<'t>) {
        let set: PolicySet = match file.text.parse() {
            Ok(set) => set,
            Err(errors) => {
                let errors: &cedar_policy::ParseErrors = &errors;
                self.errors.extend(errors.iter().map(|error| file.error(offset(error), error)));
                return;
            }
        };
        for template in set.templates() {
            let at = template.as_ref().loc().map_or(0, |loc| loc.span.offset());
            self.errors.push(file.error(
                at,
                "a template with ?principal or ?resource: nothing here fills it in, so write the policy out",
            ));
        }
        for policy in set.policies() {
            let at = policy.as_ref().loc().map_or(0, |loc| loc.span.offset());
            let (line, column) = position(file.text, at);
            let id = format!("{}:{line}:{column}", file.name);
            self.written.insert(
                id.clone(),
                Written {
                    file: Arc::clone(&file.name),
                    line,
                    name: policy.annotation("id").map(str::to_owned),
                    text: policy.to_string(),
                },
            );
            self.texts.insert(id.clone(), file.text);
            self.policies.push(policy.new_id(PolicyId::new(id)));
        }
    }

    fn rules(&mut self, file: &File<'t>) {
        let (compiled, refused) = rules::compile(file.text);
        self.errors.extend(refused.into_iter().map(|refused| PolicyError {
            file: Arc::clone(&file.name),
            line: refused.line,
            column: refused.column,
            message: refused.message,
        }));
        for rule in compiled {
            let id = format!("{}:{}:1", file.name, rule.line);
            match Policy::parse(Some(PolicyId::new(&id)), &rule.cedar) {
                Ok(policy) => self.policies.push(policy),
                Err(error) => self.errors.push(PolicyError {
                    file: Arc::clone(&file.name),
                    line: rule.line,
                    column: 1,
                    message: error.to_string(),
                }),
            }
            let written =
                Written { file: Arc::clone(&file.name), line: rule.line, name: None, text: rule.written };
            self.written.insert(id, written);
        }
    }

    fn validate(&mut self) {
        let set = match PolicySet::from_policies(self.policies.iter().cloned()) {
            Ok(set) => set,
            Err(error) => {
                // Two files of one name: the caller's mistake, told as anything else is.
                self.errors.push(File { name: "policies".into(), text: "" }.error(0, error));
                return;
            }
        };
        let result = Validator::new(fixed().schema.clone()).validate(&set, ValidationMode::Strict);
        let errors: Vec<_> =
            result.validation_errors().map(|error| self.found(error.policy_id(), error)).collect();
        self.errors.extend(errors);
        let warnings: Vec<_> =
            result.validation_warnings().map(|warning| self.found(warning.policy_id(), warning)).collect();
        self.warnings.extend(warnings);
    }

    fn found(&self, id: &PolicyId, error: &dyn Diagnostic) -> PolicyError {
        let id = id.to_string();
        let said = error.to_string();
        let said = said.strip_prefix(&format!("for policy `{id}`, ")).unwrap_or(&said).to_owned();
        let message = match error.help() {
            Some(help) => format!("{said} ({help})"),
            None => said,
        };
        let written = self.written.get(&id);
        let file = written.map_or_else(|| "policies".into(), |written| Arc::clone(&written.file));
        let (line, column) = match (self.texts.get(&id), error.labels().and_then(|mut labels| labels.next()))
        {
            (Some(text), Some(label)) => position(text, label.offset()),
            _ => (written.map_or(1, |written| written.line), 1),
        };
        PolicyError { file, line, column, message }
    }
}

impl File<'_> {
    fn error(&self, offset: usize, message: impl fmt::Display) -> PolicyError {
        let (line, column) = position(self.text, offset);
        PolicyError { file: Arc::clone(&self.name), line, column, message: message.to_string() }
    }
}

fn offset(error: &dyn Diagnostic) -> usize {
    error.labels().and_then(|mut labels| labels.next()).map_or(0, |label| label.offset())
}

/// Line and column of an offset in bytes, from 1.
fn position(text: &str, offset: usize) -> (usize, usize) {
    let mut end = offset.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let before = &text[..end];
    let line_begins = before.rfind('\n').map_or(0, |at| at + 1);
    (before.matches('\n').count() + 1, before[line_begins..].chars().count() + 1)
}
