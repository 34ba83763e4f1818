//! The parameters of a GraphQL request, from a JSON body or a query string: shapes only, no document is looked at here.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::gate::{self, Limits};
use crate::http::error::{Code, RequestError};

/// What was asked. `variables` is still the JSON text that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::http) struct Params {
    pub(in crate::http) query: String,
    pub(in crate::http) operation_name: Option<String>,
    pub(in crate::http) variables: Option<String>,
}

/// Members that GraphQL over HTTP does not name are ignored, as it says they must be.
#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow)]
    query: Option<&'a RawValue>,
    #[serde(borrow, rename = "operationName")]
    operation_name: Option<&'a RawValue>,
    #[serde(borrow)]
    variables: Option<&'a RawValue>,
    #[serde(borrow)]
    extensions: Option<&'a RawValue>,
    /// Names of a persisted operation: the draft's for GraphQL over HTTP, and what Relay's clients send.
    #[serde(borrow, rename = "documentId")]
    document_id: Option<&'a RawValue>,
    #[serde(borrow)]
    id: Option<&'a RawValue>,
}

impl Params {
    /// From the body of a POST.
    pub(in crate::http) fn from_body(body: &[u8], limits: &Limits) -> Result<Self, RequestError> {
        let text = std::str::from_utf8(body).map_err(|_| bad("The body is not UTF-8"))?;
        // One level more than the variables, which stand one level down.
        gate::weigh_json(text, 1, limits)?;
        match text.trim_ascii_start().bytes().next() {
            Some(b'{') => {}
            Some(b'[') => return Err(bad("Batches are not accepted: send one operation a request")),
            Some(_) => return Err(bad("The body must be a JSON object")),
            None => return Err(bad("The body is empty: a JSON object with `query` is required")),
        }
        let body: Body<'_> = serde_json::from_str(text).map_err(|error| {
            bad(&format!("The body is not a JSON object with each member once (line {})", error.line()))
        })?;
        if body.extensions.is_some_and(|extensions| !is_object(extensions.get())) {
            return Err(bad("`extensions` must be an object"));
        }
        let persisted = body.document_id.is_some()
            || body.id.is_some()
            || body.extensions.is_some_and(|it| names_persisted(it.get()));
        Ok(Self {
            query: string("query", body.query)?.ok_or_else(|| no_query(persisted))?,
            operation_name: string("operationName", body.operation_name)?,
            variables: object("variables", body.variables.map(|value| Cow::Borrowed(value.get())))?,
        })
    }

    /// From the query string of a GET.
    pub(super) fn from_query_string(query_string: &str, limits: &Limits) -> Result<Self, RequestError> {
        let (mut query, mut operation_name, mut variables, mut extensions) = (None, None, None, None);
        let mut persisted = false;
        for (name, value) in url::form_urlencoded::parse(query_string.as_bytes()) {
            let slot = match &*name {
                "query" => &mut query,
                "operationName" => &mut operation_name,
                "variables" => &mut variables,
                "extensions" => &mut extensions,
                "documentId" | "id" => {
                    persisted = true;
                    continue;
                }
                _ => continue,
            };
            if slot.replace(value).is_some() {
                return Err(bad(&format!("`{name}` is given twice")));
            }
        }
        for json in [&variables, &extensions].into_iter().flatten() {
            gate::weigh_json(json, 0, limits)?;
        }
        let extensions = object("extensions", extensions)?;
        persisted |= extensions.is_some_and(|extensions| names_persisted(&extensions));
        Ok(Self {
            query: query.ok_or_else(|| no_query(persisted))?.into_owned(),
            operation_name: operation_name.map(Cow::into_owned),
            variables: object("variables", variables)?,
        })
    }
}

fn string(name: &str, value: Option<&RawValue>) -> Result<Option<String>, RequestError> {
    value
        .map(|value| serde_json::from_str(value.get()))
        .transpose()
        .map_err(|_| bad(&format!("`{name}` must be a string")))
}

/// The text of an object; `null` and nothing are the same.
fn object(name: &str, value: Option<Cow<'_, str>>) -> Result<Option<String>, RequestError> {
    match value {
        None => Ok(None),
        Some(text) if text.trim_ascii() == "null" => Ok(None),
        Some(text) if is_object(&text) => Ok(Some(text.into_owned())),
        Some(_) => Err(bad(&format!("`{name}` must be an object"))),
    }
}

/// Whether a text is a JSON object: its first character says so, and it parses.
fn is_object(json: &str) -> bool {
    json.trim_ascii_start().starts_with('{') && serde_json::from_str::<&RawValue>(json).is_ok()
}

/// Whether extensions name an operation by its hash, as Apollo's clients do (automatic persisted queries).
fn names_persisted(extensions: &str) -> bool {
    #[derive(Deserialize)]
    struct Named<'a> {
        #[serde(borrow, rename = "persistedQuery")]
        persisted: Option<&'a RawValue>,
    }
    serde_json::from_str::<Named<'_>>(extensions).is_ok_and(|named| named.persisted.is_some())
}

/// By the code of an operation that is not known, such a client sends the whole text.
fn no_query(persisted: bool) -> RequestError {
    if persisted {
        let message = "Persisted operations are not built yet: send the text of the document as `query`";
        return RequestError::new(Code::PersistedQueryNotFound, message);
    }
    bad("`query` is required: the text of a GraphQL document")
}

fn bad(message: &str) -> RequestError {
    RequestError::new(Code::BadUserInput, message)
}
