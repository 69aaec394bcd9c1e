//! Signing in to the test kit's issuer over real HTTP. `Stage` starts an issuer with three clients; `Browser` keeps cookies
//! and speaks the protocol as a browser and an application do.

mod authorize;
mod code;
mod dev;
mod refresh;
mod server;
mod session;

use std::collections::BTreeMap;
use std::sync::Mutex;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kinde_perms_testkit::{Client, Issuer, IssuerBuilder, ManualClock};
use reqwest::header::{COOKIE, HeaderMap, LOCATION, ORIGIN, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Method, RequestBuilder, Response, StatusCode, Url};
use serde_json::Value;

const AUDIENCE: &str = "api.example.com/todos";
const PAGE: &str = "http://127.0.0.1:3000";
const VERIFIER: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123";
/// A state like those of Kinde's SDK, with characters that need escaping: it must return byte for byte.
const STATE: &str = "eyJraW5kZSI6eyJldmVudCI6ImxvZ2luIn19+/ä&=";
const CALLBACK: &str = "https://server.example.test/callback?from=kinde";

struct Stage {
    issuer: Issuer,
    clock: ManualClock,
}

impl Stage {
    async fn new() -> Self {
        Self::with(|builder| builder).await
    }

    async fn with(describe: impl FnOnce(IssuerBuilder) -> IssuerBuilder) -> Self {
        let clock = ManualClock::new();
        let builder = Issuer::builder()
            .audience(AUDIENCE)
            .clock(clock.clone())
            .client(Client::public("todos-web").redirect_uri(PAGE).logout_uri(PAGE))
            .client(Client::public("other-web").redirect_uri("http://127.0.0.1:4000"))
            .client(
                Client::confidential("server", "s3cret:+ä&=")
                    .redirect_uri(CALLBACK)
                    .scope("read:permissions")
                    .scope("read:roles")
                    .scope("read:role_permissions"),
            );
        Self { issuer: describe(builder).start().await.unwrap(), clock }
    }

    fn port(&self) -> &str {
        self.issuer.url().rsplit_once(':').unwrap().1
    }

    fn browser(&self) -> Browser {
        // Another test has installed it already, or will find that it is.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let http = reqwest::Client::builder().redirect(Policy::none()).no_proxy().build().unwrap();
        Browser { url: self.issuer.url().to_owned(), http, cookies: Mutex::default() }
    }
}

/// A browser: it keeps cookies, and follows no redirection by itself.
struct Browser {
    url: String,
    http: reqwest::Client,
    cookies: Mutex<BTreeMap<String, String>>,
}

impl Browser {
    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let cookies = self.cookies.lock().unwrap();
        let cookies: Vec<_> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = self.http.request(method, format!("{}{path}", self.url));
        if cookies.is_empty() { request } else { request.header(COOKIE, cookies.join("; ")) }
    }

    async fn send(&self, request: RequestBuilder) -> Answer {
        let response = request.send().await.unwrap();
        for cookie in response.headers().get_all(SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            let mut cookies = self.cookies.lock().unwrap();
            if cookie.contains("Max-Age=0") {
                cookies.remove(name);
            } else {
                cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        Answer::read(response).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        self.send(self.request(Method::POST, path).form(form)).await
    }

    /// Posts as a page at [`PAGE`] does with `fetch`, with cookies.
    async fn fetch(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        self.send(self.request(Method::POST, path).header(ORIGIN, PAGE).form(form)).await
    }

    async fn authorize(&self, request: &[(&str, &str)]) -> Answer {
        let url = Url::parse_with_params("http://issuer.test/oauth2/auth", request).unwrap();
        self.get(&format!("{}?{}", url.path(), url.query().unwrap())).await
    }

    /// Opens the page and clicks a persona.
    async fn choose(&self, persona: &str, request: &[(&str, &str)]) -> Answer {
        let page = self.authorize(request).await;
        assert_eq!(page.status, 200, "{}", page.body);
        let pending = page.pending();
        self.post("/oauth2/auth/choose", &[("request", &pending), ("persona", persona)]).await
    }

    /// Signs in and returns the code.
    async fn code(&self, persona: &str) -> String {
        self.choose(persona, &pairs(&asked(&[]))).await.back(PAGE)["code"].clone()
    }

    /// Signs in and returns the tokens.
    async fn tokens(&self, persona: &str) -> Value {
        let code = self.code(persona).await;
        let answer = self.post("/oauth2/token", &exchange(&code)).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }

    async fn refresh(&self, token: &str) -> Answer {
        let form = [("grant_type", "refresh_token"), ("client_id", "todos-web"), ("refresh_token", token)];
        self.post("/oauth2/token", &form).await
    }
}

/// A response that was read to its end.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    async fn read(response: Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        Self { status, headers, body: response.text().await.unwrap() }
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// Returns the hidden field of the page that identifies the pending request.
    fn pending(&self) -> String {
        let (_, rest) =
            self.body.split_once("name=\"request\" value=\"").unwrap_or_else(|| panic!("{}", self.body));
        rest.split('"').next().unwrap().to_owned()
    }

    /// Asserts a redirection to `uri`, and returns its parameters.
    #[track_caller]
    fn back(&self, uri: &str) -> BTreeMap<String, String> {
        assert_eq!(self.status, 303, "{}", self.body);
        let location = self.headers[LOCATION].to_str().unwrap();
        assert!(location.starts_with(uri), "{location}");
        Url::parse(location).unwrap().query_pairs().into_owned().collect()
    }

    /// Asserts that the browser stays at the issuer, on an error page that contains `reason`.
    #[track_caller]
    fn stays(&self, reason: &str) {
        assert_eq!(self.status, 400, "{}", self.body);
        assert!(self.headers.get(LOCATION).is_none());
        assert!(
            self.header("content-type").starts_with("text/html") && self.body.contains(reason),
            "{}",
            self.body
        );
    }

    /// Asserts a JSON error with this `error`, and with `part` in its description.
    #[track_caller]
    fn refused(&self, error: &str, part: &str) {
        let body = self.json();
        let description = body["error_description"].as_str().unwrap_or_default();
        assert!(body["error"] == error && description.contains(part), "{} {}", self.status, self.body);
        assert_eq!(self.status, if error == "invalid_client" { 401 } else { 400 });
        assert_eq!(self.header("cache-control"), "no-store");
    }
}

fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()))
}

/// Returns the parameters that Kinde's SDK sends, with these differences; an empty value removes the parameter.
fn asked(differences: &[(&str, &str)]) -> Vec<(String, String)> {
    let challenge = challenge(VERIFIER);
    let usual = [
        ("client_id", "todos-web"),
        ("response_type", "code"),
        ("redirect_uri", PAGE),
        ("audience", AUDIENCE),
        ("scope", "email profile openid offline"),
        ("supports_reauth", "true"),
        ("state", STATE),
        ("nonce", "n0nce"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    let mut asked: Vec<_> =
        usual.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    for (name, value) in differences {
        asked.retain(|(known, _)| known != name);
        if !value.is_empty() {
            asked.push(((*name).to_owned(), (*value).to_owned()));
        }
    }
    asked
}

fn pairs(asked: &[(String, String)]) -> Vec<(&str, &str)> {
    asked.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

fn exchange(code: &str) -> [(&str, &str); 5] {
    [
        ("grant_type", "authorization_code"),
        ("client_id", "todos-web"),
        ("code", code),
        ("code_verifier", VERIFIER),
        ("redirect_uri", PAGE),
    ]
}

fn claims(token: &str) -> Value {
    kinde_perms_testkit::TokenParts::of(token).payload_json()
}
