//! What an administrator does, through Keycloak's own interface: people, sessions, keys, a client's attributes.

use std::net::SocketAddr;

use serde_json::{Value, json};

use super::{Realm, encoded, realm_file};
use crate::kit::http::{Answer, Client};

/// The administrator of a server that lives as long as a test.
pub(super) const ADMINISTRATOR: &str = "admin";
pub(crate) const PASSWORD: &str = "a-password-for-the-tests";

const KEYS: &str = "org.keycloak.keys.KeyProvider";

/// One call, which must succeed.
async fn call(client: &Client, method: &str, path: &str, body: String) -> Answer {
    let form = encoded(&[
        ("grant_type", "password"),
        ("client_id", "admin-cli"),
        ("username", ADMINISTRATOR),
        ("password", PASSWORD),
    ]);
    let token_path = "/realms/master/protocol/openid-connect/token";
    let form_type = [("content-type", "application/x-www-form-urlencoded")];
    let granted = client.ask("POST", token_path, &form_type, form).await;
    assert_eq!(granted.status, 200, "{}", granted.text);
    let bearer = format!("Bearer {}", granted.body["access_token"].as_str().expect("a token"));
    let headers = [("authorization", &*bearer), ("content-type", "application/json")];
    let answer = client.ask(method, path, &headers, body).await;
    assert!((200..300).contains(&answer.status), "{method} {path}: {} {}", answer.status, answer.text);
    answer
}

/// Makes a realm from our file.
pub(super) async fn create_realm(address: SocketAddr, name: &str) {
    call(&Client::new(address), "POST", "/admin/realms", realm_file(name)).await;
}

impl Realm {
    async fn manage(&self, method: &str, path: &str, body: Value) -> Value {
        let path = format!("/admin/realms/{}{path}", self.name);
        let body = if body.is_null() { String::new() } else { body.to_string() };
        call(&self.client, method, &path, body).await.body
    }

    async fn user(&self, name: &str) -> Value {
        let query = encoded(&[("username", name), ("exact", "true")]);
        self.manage("GET", &format!("/users?{query}"), Value::Null).await[0].take()
    }

    /// Adds people of the realm's file, as it has them, with some of the realm's roles.
    pub(crate) async fn add_people(&self, people: &[(&str, &str)]) {
        let file: Value = serde_json::from_str(&realm_file(self.name)).expect("our file is JSON");
        let all = file["users"].as_array().expect("a list");
        for (name, role) in people {
            let person = all.iter().find(|user| user["username"] == **name).expect("in the file").clone();
            self.manage("POST", "/users", person).await;
            let role = self.manage("GET", &format!("/roles/{role}"), Value::Null).await;
            let path = format!("/users/{}/role-mappings/realm", id(&self.user(name).await));
            self.manage("POST", &path, json!([role])).await;
        }
    }

    /// Switches a person off.
    pub(crate) async fn disable(&self, user: &str) {
        let mut user = self.user(user).await;
        user["enabled"] = json!(false);
        self.manage("PUT", &format!("/users/{}", id(&user)), user.clone()).await;
    }

    /// Takes a realm's role away from a person.
    pub(crate) async fn take_role(&self, user: &str, role: &str) {
        let role = self.manage("GET", &format!("/roles/{role}"), Value::Null).await;
        let user = self.user(user).await;
        self.manage("DELETE", &format!("/users/{}/role-mappings/realm", id(&user)), json!([role])).await;
    }

    /// Ends every session of a person; clients with a logout URL are told.
    pub(crate) async fn log_out_user(&self, user: &str) {
        let user = self.user(user).await;
        self.manage("POST", &format!("/users/{}/logout", id(&user)), Value::Null).await;
    }

    /// Ends every session of the realm, and raises its not-before; nobody is told.
    pub(crate) async fn log_out_all(&self) {
        self.manage("POST", "/logout-all", Value::Null).await;
    }

    /// Tells a front end where to send logout tokens.
    pub(crate) async fn set_logout_url(&self, client: &str, url: &str) {
        let query = encoded(&[("clientId", client)]);
        let mut client = self.manage("GET", &format!("/clients?{query}"), Value::Null).await[0].take();
        client["attributes"]["backchannel.logout.url"] = json!(url);
        self.manage("PUT", &format!("/clients/{}", id(&client)), client.clone()).await;
    }

    /// Adds a key that signs from now on.
    pub(crate) async fn add_key(&self) {
        let config =
            json!({ "priority": ["200"], "enabled": ["true"], "active": ["true"], "algorithm": ["RS256"] });
        let key =
            json!({ "name": "newer", "providerType": KEYS, "providerId": "rsa-generated", "config": config });
        self.manage("POST", "/components", key).await;
    }

    /// Removes every RSA key for signatures but the added.
    pub(crate) async fn drop_old_keys(&self) {
        let query = encoded(&[("type", KEYS)]);
        let keys = self.manage("GET", &format!("/components?{query}"), Value::Null).await;
        let keys = keys.as_array().expect("a list").iter();
        for old in keys.filter(|key| key["providerId"] == "rsa-generated" && key["name"] != "newer") {
            self.manage("DELETE", &format!("/components/{}", id(old)), Value::Null).await;
        }
    }
}

fn id(object: &Value) -> &str {
    object["id"].as_str().unwrap_or_else(|| panic!("no such object: {object}"))
}
