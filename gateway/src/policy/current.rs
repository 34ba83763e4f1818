//! The set that holds at a moment, and the task that replaces it when the folder changes.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use schema::policy::Policies;
use tokio::task::JoinHandle;

use super::folder::{self, Content, FolderError};

/// How often the folder is looked at. Polling notices what inotify does not: network file systems, mounted ConfigMaps.
pub const EVERY: Duration = Duration::from_secs(2);

/// The policies of this moment. Cheap to clone; every clone sees the same set. The last one to go stops the task.
#[derive(Clone, Debug)]
pub struct Current(Arc<Held>);

#[derive(Debug)]
struct Held {
    policies: Arc<ArcSwap<Policies>>,
    following: Option<JoinHandle<()>>,
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(task) = &self.following {
            task.abort();
        }
    }
}

impl Current {
    /// Those that come with the program, for good.
    pub fn built_in() -> Self {
        let policies = Arc::new(ArcSwap::from_pointee(Policies::built_in()));
        Self(Arc::new(Held { policies, following: None }))
    }

    /// Those of a folder, read now and looked at again every so often. A folder that is refused at the start is an error;
    /// one that is refused later leaves the set that held before.
    pub fn following(folder: &Path, every: Duration) -> Result<Self, FolderError> {
        let content = folder::read(folder)?;
        let first = content.policies()?;
        told(&first, folder);
        let policies = Arc::new(ArcSwap::from_pointee(first));
        let task = follow(folder.to_owned(), content, Arc::clone(&policies), every);
        Ok(Self(Arc::new(Held { policies, following: Some(tokio::spawn(task)) })))
    }

    /// The set of this moment. A request takes it once and goes by it to its end.
    pub fn now(&self) -> Policies {
        Policies::clone(&self.0.policies.load())
    }
}

/// What a look at the folder found, where it is not what was there before.
enum Found {
    Same,
    New(Content, Policies),
    Refused(Option<Content>, FolderError),
}

async fn follow(folder: PathBuf, first: Content, policies: Arc<ArcSwap<Policies>>, every: Duration) {
    let mut seen = Some(first);
    let mut refusal: Option<String> = None;
    loop {
        tokio::time::sleep(every).await;
        let (looked_at, before) = (folder.clone(), seen.clone());
        // Files are read and policies compiled off the workers that answer requests.
        let look = tokio::task::spawn_blocking(move || look(&looked_at, before.as_ref())).await;
        let Ok(found) = look else { continue };
        match found {
            // Nothing was written; what is refused stays refused, and was told.
            Found::Same => {}
            Found::New(content, set) => {
                told(&set, &folder);
                policies.store(Arc::new(set));
                (seen, refusal) = (Some(content), None);
            }
            Found::Refused(content, error) => {
                let said = error.to_string();
                // Once for each thing that is wrong, however often it is looked at.
                if refusal.as_ref() != Some(&said) {
                    tracing::error!(folder = %folder.display(), error = %said, "policies refused; the ones before still hold");
                    metrics::counter!("fleetgraph_policy_loads_total", "outcome" => "refused").increment(1);
                }
                metrics::gauge!("fleetgraph_policies_refused").set(1.0);
                (seen, refusal) = (content, Some(said));
            }
        }
    }
}

fn look(folder: &Path, before: Option<&Content>) -> Found {
    let content = match folder::read(folder) {
        Ok(content) => content,
        Err(error) => return Found::Refused(None, error),
    };
    if before == Some(&content) {
        return Found::Same;
    }
    match content.policies() {
        Ok(policies) => Found::New(content, policies),
        Err(error) => Found::Refused(Some(content), error),
    }
}

fn told(policies: &Policies, folder: &Path) {
    tracing::info!(folder = %folder.display(), version = policies.version(), "policies loaded");
    for warning in policies.warnings() {
        tracing::warn!(%warning, "a policy is odd");
    }
    metrics::counter!("fleetgraph_policy_loads_total", "outcome" => "loaded").increment(1);
    metrics::gauge!("fleetgraph_policies_refused").set(0.0);
}

#[cfg(test)]
mod tests {
    use schema::policy::{Permission, Place, Principal};

    use super::super::load;
    use super::*;

    const PROMISED: Duration = Duration::from_secs(20);

    fn may(current: &Current, role: &str) -> bool {
        let who = Principal::with_roles("somebody", [role], false);
        current.now().permits(&who, Permission::NodeLogs, &Place::default(), None)
    }

    async fn until(what: &str, holds: impl Fn() -> bool) {
        let waiting = async {
            while !holds() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        assert!(tokio::time::timeout(PROMISED, waiting).await.is_ok(), "{what}");
    }

    #[tokio::test]
    async fn a_change_of_the_folder_is_taken_whole_or_not_at_all() {
        let folder = tempfile::tempdir().expect("a folder");
        let write =
            |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("it is written");
        write("night.rules", "role night may node:logs:*:*:*\n");
        write("README", "not a policy");
        let current = Current::following(folder.path(), Duration::from_millis(5)).expect("policies");
        assert!(may(&current, "night") && !may(&current, "day"));
        assert!(may(&current, "fleetgraph-operator"), "the built-in ones hold too");

        // A good file beside a wrong one: neither is taken, and the set of before holds on.
        let version = current.now().version();
        write("wrong.rules", "role day may kubectl:*:*:*\n");
        write("day.rules", "role day may exec:*:*:*\n");
        let error = load(folder.path()).expect_err("a set that is refused").to_string();
        assert!(error.starts_with("wrong.rules:1:14: kubectl is not built"), "{error}");
        assert_eq!(current.now().version(), version);
        assert!(!may(&current, "day") && may(&current, "night"));

        std::fs::remove_file(folder.path().join("wrong.rules")).expect("it was there");
        until("the new set is taken", || may(&current, "day")).await;

        write(super::super::REPLACES, "");
        until("the built-in ones are gone", || !may(&current, "fleetgraph-operator")).await;
        assert!(may(&current, "day"));
    }

    #[tokio::test]
    async fn a_folder_that_is_refused_at_the_start_is_an_error() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(
            folder.path().join("a.cedar"),
            "permit (principal, action, resource) when { principal.age > 3 };",
        )
        .expect("it is written");
        let error = Current::following(folder.path(), EVERY).expect_err("refused").to_string();
        assert!(error.starts_with("a.cedar:1:"), "{error}");
        let gone = folder.path().join("gone");
        let error = Current::following(&gone, EVERY).expect_err("not there").to_string();
        assert!(error.contains("gone: cannot be read"), "{error}");
    }
}
