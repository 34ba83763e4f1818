//! What a token could change, by the privileges that it holds.

use std::collections::BTreeMap;

use super::wire::Permissions;

/// Privileges that only read, besides those whose names end in `.Audit`. Before version 9 a guest agent's addresses take
/// VM.Monitor, which opens more than it reads (docs/sources/proxmox.md tells so, and how to do without).
const READING: [&str; 2] = ["Sys.Syslog", "VM.Monitor"];

/// Every privilege beyond reading, with the first path where it is held.
pub(super) fn beyond_reading(permissions: &Permissions) -> Vec<String> {
    let mut held = BTreeMap::new();
    for (path, privileges) in permissions {
        for privilege in privileges.keys() {
            if !privilege.ends_with(".Audit") && !READING.contains(&&**privilege) {
                held.entry(privilege).or_insert(path);
            }
        }
    }
    held.into_iter().map(|(privilege, path)| format!("{privilege} on {path}")).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_privilege_that_writes_is_told_once() {
        for (permissions, expected) in [
            (
                json!({ "/": { "VM.Audit": 1, "Sys.Audit": 0, "Datastore.Audit": 1, "Sys.Syslog": 1 } }),
                &[][..],
            ),
            (json!({ "/vms": { "VM.Audit": 1, "VM.Monitor": 1, "VM.GuestAgent.Audit": 1 } }), &[]),
            (
                json!({ "/vms": { "VM.PowerMgmt": 1 }, "/": { "VM.PowerMgmt": 0, "Sys.Modify": 1 } }),
                &["Sys.Modify on /", "VM.PowerMgmt on /"],
            ),
            (
                json!({ "/vms/7": { "VM.GuestAgent.Unrestricted": 1 } }),
                &["VM.GuestAgent.Unrestricted on /vms/7"],
            ),
            (json!({}), &[]),
        ] {
            let parsed: Permissions = serde_json::from_value(permissions.clone()).expect("their form");
            assert_eq!(beyond_reading(&parsed), expected, "{permissions}");
        }
    }
}
