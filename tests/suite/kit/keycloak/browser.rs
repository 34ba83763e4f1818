//! A person at a browser: cookies, the login forms, the redirection back with a code.

use std::collections::BTreeMap;

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{CALLBACK, Realm, Tokens, encoded, totp};
use crate::kit::http::Answer;

/// A secret that proves that the code is ours; a test's may be known to everybody.
const VERIFIER: &str = "what-a-test-proves-itself-with-may-be-known-to-all";

/// `itadmin`'s, as in the realm's file.
const OTP_SECRET: &[u8] = b"itadmin-otp-secret-1";

/// Pages on the way from a click to the redirection: password, code, and some that only lead on.
const MOST_PAGES: usize = 8;

/// Who signs in, where, and how firmly.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Login<'a> {
    pub(crate) client: &'a str,
    pub(crate) user: &'a str,
    /// The level of authentication to ask for: `2` asks for the code, too.
    pub(crate) level: &'a str,
    /// Asks for the password although a session is open.
    pub(crate) again: bool,
}

impl<'a> Login<'a> {
    /// By password, at the front end.
    pub(crate) fn of(user: &'a str) -> Self {
        Self { client: "fleetgraph-web", user, level: "1", again: false }
    }
}

/// One browser, with the cookies of one person.
pub(crate) struct Browser<'a> {
    realm: &'a Realm,
    cookies: BTreeMap<String, String>,
    /// The forms that were filled in at the last sign-in.
    pub(crate) asked: Vec<&'static str>,
}

impl<'a> Browser<'a> {
    /// A fresh one.
    pub(crate) fn new(realm: &'a Realm) -> Self {
        Self { realm, cookies: BTreeMap::new(), asked: Vec::new() }
    }

    /// Signs in by authorization code and PKCE, filling in the forms that Keycloak shows.
    pub(crate) async fn sign_in(&mut self, login: Login<'_>) -> Tokens {
        let code = self.code(login).await;
        self.realm
            .tokens(&[
                ("grant_type", "authorization_code"),
                ("client_id", login.client),
                ("code", &code),
                ("code_verifier", VERIFIER),
                ("redirect_uri", CALLBACK),
            ])
            .await
    }

    /// Signs out as a front end lets a person: the session ends, and whoever has a logout URL is told.
    pub(crate) async fn sign_out(&mut self, tokens: &Tokens) {
        let path = format!("{}?{}", self.realm.endpoint("logout"), encoded(&[("id_token_hint", &tokens.id)]));
        let answer = self.ask("GET", &path, String::new()).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }

    async fn code(&mut self, login: Login<'_>) -> String {
        let challenge = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, VERIFIER.as_bytes()));
        let mut query = vec![
            ("response_type", "code"),
            ("scope", "openid"),
            ("client_id", login.client),
            ("redirect_uri", CALLBACK),
            ("acr_values", login.level),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        if login.again {
            query.push(("prompt", "login"));
        }
        self.asked.clear();
        let path = format!("{}?{}", self.realm.endpoint("auth"), encoded(&query));
        let mut answer = self.ask("GET", &path, String::new()).await;
        for _ in 0..MOST_PAGES {
            let onward = answer.headers.get("location").map(|to| to.to_str().expect("ASCII").to_owned());
            answer = match onward {
                Some(back) if back.starts_with(CALLBACK) => return code_in(&back),
                Some(onward) => self.ask("GET", &self.path_of(&onward), String::new()).await,
                None => self.fill_in(login, &answer).await,
            };
        }
        panic!("no end of pages: {}", answer.text)
    }

    /// Sends the form of a page back.
    async fn fill_in(&mut self, login: Login<'_>, page: &Answer) -> Answer {
        let form = page
            .text
            .split("<form")
            .find(|part| part.contains("name=\"otp\"") || part.contains("name=\"password\""));
        let form =
            form.unwrap_or_else(|| panic!("{}: no form that a test knows: {}", page.status, page.text));
        let action = between(form, "action=\"", "\"").replace("&amp;", "&");
        let is_code = form.contains("name=\"otp\"");
        let kind = if is_code { "code" } else { "password" };
        assert!(!self.asked.contains(&kind), "Keycloak refused the {kind}: {}", page.text);
        self.asked.push(kind);
        let code = totp::code(OTP_SECRET, fleetgraph::clock::system()());
        let password = format!("pw-{}", login.user);
        let fields = if is_code {
            encoded(&[("otp", &code)])
        } else {
            encoded(&[("username", login.user), ("password", &password)])
        };
        self.ask("POST", &self.path_of(&action), fields).await
    }

    async fn ask(&mut self, method: &str, path: &str, body: String) -> Answer {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let headers =
            [("cookie", &*cookies.join("; ")), ("content-type", "application/x-www-form-urlencoded")];
        let answer = self.realm.client.ask(method, path, &headers, body).await;
        for cookie in answer.headers.get_all("set-cookie") {
            let cookie = cookie.to_str().expect("ASCII");
            let (name, value) =
                cookie.split(';').next().and_then(|pair| pair.split_once('=')).expect("a cookie");
            if cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    fn path_of(&self, url: &str) -> String {
        let base = format!("http://{}", self.realm.address);
        let path = url.strip_prefix(&base);
        path.unwrap_or_else(|| panic!("Keycloak leads elsewhere: {url}")).to_owned()
    }
}

fn code_in(callback: &str) -> String {
    let url = url::Url::parse(callback).expect("a URL");
    let code = url.query_pairs().find(|(name, _)| name == "code");
    code.unwrap_or_else(|| panic!("refused: {callback}")).1.into_owned()
}

fn between<'t>(text: &'t str, before: &str, after: &str) -> &'t str {
    let rest = text.split_once(before).unwrap_or_else(|| panic!("no {before} in {text}")).1;
    rest.split_once(after).expect("it ends").0
}
