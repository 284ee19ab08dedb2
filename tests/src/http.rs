use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::Value;

/// Plain HTTP on this machine, for tests that wait for each answer.
pub(crate) struct Http {
    client: reqwest::Client,
    runtime: tokio::runtime::Runtime,
}

/// Longer than anything takes that is asked here: a payment in the sandbox, a script in a page.
const LONGEST: Duration = Duration::from_secs(60);

impl Http {
    /// A client with connections of its own, which it keeps: WebDriver's servers answer nobody who closes them.
    pub(crate) fn new() -> Http {
        // What it speaks is plain, but it wants to know its cryptography all the same. Installed already is fine.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().timeout(LONGEST).build().expect("an HTTP client");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        Http { client, runtime }
    }

    /// One call, with its answer as JSON, null where it is none.
    pub(crate) fn call(
        &self,
        method: Method,
        url: &str,
        token: Option<&str>,
        body: Option<&Value>,
    ) -> Result<(StatusCode, Value), reqwest::Error> {
        let mut request = self.client.request(method, url);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        self.runtime.block_on(async {
            let reply = request.send().await?;
            let status = reply.status();
            Ok((status, serde_json::from_str(&reply.text().await?).unwrap_or(Value::Null)))
        })
    }
}
