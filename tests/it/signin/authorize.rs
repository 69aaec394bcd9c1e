//! `/oauth2/auth`: requests that return to the application with a code or an error, and requests that end on an error page.

use std::time::Duration;

use reqwest::Method;
use reqwest::header::{HOST, ORIGIN};

use super::*;

#[tokio::test]
async fn choosing_a_persona_returns_a_code_and_the_unchanged_state() {
    let stage = Stage::new().await;
    let browser = stage.browser();
    let back = browser.choose("viewer", &pairs(&asked(&[]))).await.back(PAGE);
    assert_eq!(back["state"], STATE);
    assert!(back["code"].len() >= 43);
    assert_eq!(back.len(), 2);
}

#[tokio::test]
async fn the_page_shows_all_personas_and_works_without_scripts() {
    let stage = Stage::new().await;
    let page = stage.browser().authorize(&pairs(&asked(&[("state", "<script>\"'&")]))).await;
    for persona in ["viewer", "editor", "admin"] {
        assert!(
            page.body.contains(&format!("name=\"persona\" value=\"{persona}\" data-persona=\"{persona}\""))
        );
    }
    assert!(page.body.contains("<h1>Sign in</h1>") && page.body.contains("Not for production"));
    assert!(!page.body.contains("<script"), "{}", page.body);
    let policy = page.header("content-security-policy");
    for part in ["default-src 'none'", "form-action 'self' http://127.0.0.1:3000;", "frame-ancestors 'none'"]
    {
        assert!(policy.contains(part), "{policy}");
    }
    assert_eq!(page.header("cache-control"), "no-store");
    let created = stage.browser().authorize(&pairs(&asked(&[("prompt", "create")]))).await;
    assert!(created.body.contains("<h1>Create account</h1>"));
}

#[tokio::test]
async fn text_of_an_application_is_escaped_on_the_page() {
    let evil = Client::public("<img src=x onerror=\"alert('1')\">").redirect_uri(PAGE);
    let stage = Stage::with(|builder| builder.client(evil)).await;
    let page = stage
        .browser()
        .authorize(&pairs(&asked(&[("client_id", "<img src=x onerror=\"alert('1')\">")])))
        .await;
    assert!(
        page.body.contains("&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;")
            && !page.body.contains("<img")
    );
}

#[tokio::test]
async fn the_browser_is_never_sent_to_an_unregistered_address() {
    let stage = Stage::new().await;
    for (difference, reason) in [
        (("client_id", ""), "`client_id` is missing"),
        (("client_id", "unknown"), "not registered"),
        (("redirect_uri", ""), "`redirect_uri` is missing"),
        (("redirect_uri", "http://127.0.0.1:3000/"), "not registered"),
        (("redirect_uri", "http://localhost:3000"), "not registered"),
        (("redirect_uri", "http://127.0.0.1:3000?next=/"), "not registered"),
        (("redirect_uri", "HTTP://127.0.0.1:3000"), "not registered"),
        (("redirect_uri", "http://127.0.0.1:4000"), "not registered"),
        (("redirect_uri", "http://127.0.0.1:3000@evil.test"), "not registered"),
    ] {
        stage.browser().authorize(&pairs(&asked(&[difference]))).await.stays(reason);
    }
    for name in ["client_id", "redirect_uri", "state"] {
        let mut asked = asked(&[]);
        asked.push((name.to_owned(), "http://evil.test".to_owned()));
        stage.browser().authorize(&pairs(&asked)).await.stays("more than once");
    }
}

#[tokio::test]
async fn other_mistakes_go_back_to_the_application() {
    let stage = Stage::new().await;
    for (difference, error, part) in [
        (("response_type", "token"), "unsupported_response_type", "code"),
        (("response_type", ""), "invalid_request", "`response_type` is missing"),
        (("response_mode", "fragment"), "invalid_request", "query"),
        (("code_challenge", ""), "invalid_request", "`code_challenge` is missing"),
        (("code_challenge", VERIFIER), "invalid_request", "digest"),
        (("code_challenge_method", "plain"), "invalid_request", "S256"),
        (("code_challenge_method", ""), "invalid_request", "S256"),
        (("audience", "https://another.test"), "invalid_request", AUDIENCE),
        (("prompt", "none login"), "invalid_request", "`prompt`"),
        (("prompt", "sometimes"), "invalid_request", "`prompt`"),
        (("prompt", "none"), "login_required", "nobody"),
        (("request", "eyJ.."), "request_not_supported", "request"),
    ] {
        let back = stage.browser().authorize(&pairs(&asked(&[difference]))).await.back(PAGE);
        assert_eq!(back["error"], error, "{difference:?}");
        assert!(back["error_description"].contains(part), "{back:?}");
        assert_eq!(back["state"], STATE);
        assert!(!back.contains_key("code"));
    }
    let mut twice = asked(&[]);
    twice.push(("nonce".to_owned(), "another".to_owned()));
    assert_eq!(stage.browser().authorize(&pairs(&twice)).await.back(PAGE)["error"], "invalid_request");
    // A request without PKCE has neither a challenge nor a method.
    let bare = asked(&[("code_challenge", ""), ("code_challenge_method", "")]);
    let back = stage.browser().authorize(&pairs(&bare)).await.back(PAGE);
    assert!(back["error_description"].contains("must use PKCE"), "{back:?}");
}

#[tokio::test]
async fn a_browser_that_is_signed_in_gets_its_code_at_once() {
    let stage = Stage::new().await;
    let browser = stage.browser();
    browser.choose("editor", &pairs(&asked(&[]))).await.back(PAGE);
    for prompt in ["", "none"] {
        let back = browser.authorize(&pairs(&asked(&[("prompt", prompt)]))).await.back(PAGE);
        assert!(back.contains_key("code") && back["state"] == STATE, "{back:?}");
    }
    for prompt in ["login", "create", "login select_account"] {
        assert_eq!(browser.authorize(&pairs(&asked(&[("prompt", prompt)]))).await.status, 200, "{prompt}");
    }
    stage.clock.advance(Duration::from_secs(24 * 60 * 60));
    let back = browser.authorize(&pairs(&asked(&[("prompt", "none")]))).await.back(PAGE);
    assert_eq!(back["error"], "login_required");
    // Another browser is not signed in.
    let back = stage.browser().authorize(&pairs(&asked(&[("prompt", "none")]))).await.back(PAGE);
    assert_eq!(back["error"], "login_required");
}

#[tokio::test]
async fn a_request_may_name_an_organization() {
    use kinde_perms_testkit::{Person, Persona};
    let stage = Stage::with(|builder| {
        builder.person(Persona::Viewer).person(Person::new("guest").org("org_other", "Other & Co"))
    })
    .await;
    let browser = stage.browser();
    let page = browser.authorize(&pairs(&asked(&[("org_code", "org_other")]))).await;
    assert!(page.body.contains("data-persona=\"guest\"") && !page.body.contains("data-persona=\"viewer\""));
    assert!(page.body.contains("In Other &amp; Co"), "{}", page.body);
    let form = [("request", &*page.pending()), ("persona", "viewer")];
    browser.post("/oauth2/auth/choose", &form).await.stays("nobody of that name");
    assert!(
        stage
            .browser()
            .authorize(&pairs(&asked(&[("org_code", "org_none")])))
            .await
            .body
            .contains("Nobody here")
    );
    // A session in another organization does not count.
    browser.choose("viewer", &pairs(&asked(&[]))).await.back(PAGE);
    assert_eq!(browser.authorize(&pairs(&asked(&[("org_code", "org_other")]))).await.status, 200);
}

#[tokio::test]
async fn the_form_is_accepted_once_and_only_from_the_issuers_page() {
    let stage = Stage::new().await;
    let browser = stage.browser();
    let request = asked(&[]);
    let pending = browser.authorize(&pairs(&request)).await.pending();
    let form = [("request", &*pending), ("persona", "admin")];
    let choose = |headers: &[(&str, &str)]| {
        let request = browser.request(Method::POST, "/oauth2/auth/choose").form(&form);
        headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))
    };
    for foreign in [
        &[("origin", "https://evil.test")][..],
        &[("origin", PAGE)],
        &[("origin", "null")],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site"), ("origin", stage.issuer.url())],
        &[("origin", stage.issuer.url()), ("origin", "https://evil.test")],
    ] {
        browser.send(choose(foreign)).await.stays("another site");
    }
    browser
        .post("/oauth2/auth/choose", &[("request", &*pending), ("persona", "nobody")])
        .await
        .stays("nobody");
    browser
        .post("/oauth2/auth/choose", &[("request", "guessed"), ("persona", "admin")])
        .await
        .stays("expired");
    let own = [("origin", stage.issuer.url()), ("sec-fetch-site", "same-origin")];
    assert!(browser.send(choose(&own)).await.back(PAGE).contains_key("code"));
    browser.send(choose(&own)).await.stays("used before");

    let late = stage.browser().authorize(&pairs(&request)).await.pending();
    stage.clock.advance(Duration::from_secs(600));
    browser.post("/oauth2/auth/choose", &[("request", &*late), ("persona", "admin")]).await.stays("expired");
}

#[tokio::test]
async fn only_names_of_this_machine_are_answered() {
    let stage = Stage::new().await;
    let browser = stage.browser();
    let port = stage.issuer.url().rsplit_once(':').unwrap().1.to_owned();
    for path in ["/oauth2/auth", "/dev", "/dev/state", "/logout"] {
        let request = browser.request(Method::GET, path).header(HOST, format!("rebound.evil.test:{port}"));
        assert_eq!(browser.send(request).await.status, 421, "{path}");
    }
    for (method, path) in [
        (Method::POST, "/oauth2/token"),
        (Method::POST, "/oauth2/revoke"),
        (Method::POST, "/oauth2/introspect"),
        (Method::GET, "/oauth2/v2/user_profile"),
    ] {
        let request = browser.request(method, path).header(HOST, format!("rebound.evil.test:{port}"));
        assert_eq!(browser.send(request).await.status, 421, "{path}");
    }
    let request = browser.request(Method::GET, "/dev/state").header(HOST, format!("localhost:{port}"));
    assert_eq!(browser.send(request).await.status, 200);
    // A page at `localhost` with this port belongs to the issuer; a page of another port does not.
    let choose = browser.request(Method::POST, "/oauth2/auth/choose");
    let choose =
        choose.header(HOST, format!("localhost:{port}")).header(ORIGIN, format!("http://localhost:{port}"));
    browser.send(choose.form(&[("request", "guessed"), ("persona", "admin")])).await.stays("expired");
}

#[tokio::test]
async fn without_a_client_the_page_says_how_to_register_one() {
    let issuer = Issuer::start().await.unwrap();
    let stage = Stage { issuer, clock: ManualClock::new() };
    stage.browser().authorize(&pairs(&asked(&[]))).await.stays("IssuerBuilder::client");
}

#[tokio::test]
async fn invalid_clients_and_people_prevent_start_up() {
    use kinde_perms_testkit::Person;
    let refused = async |builder: IssuerBuilder| builder.start().await.unwrap_err().to_string();
    let redirect = |uri: &str| Issuer::builder().client(Client::public("page").redirect_uri(uri));
    for uri in ["", "/callback", "127.0.0.1:3000", "http://127.0.0.1:3000/#part", "http://", "not a url"] {
        assert!(refused(redirect(uri)).await.contains("absolute URL"), "{uri}");
    }
    let logout = Issuer::builder().client(Client::public("page").logout_uri("/"));
    assert!(refused(logout).await.contains("absolute URL"));
    let twice = Issuer::builder().client(Client::public("page")).client(Client::confidential("page", "x"));
    assert!(refused(twice).await.contains("registered twice"));
    for empty in [Client::public(""), Client::confidential("page", "")] {
        assert!(refused(Issuer::builder().client(empty)).await.contains("empty"));
    }
    let people = Issuer::builder().person(Person::new("a")).person(Person::new("a"));
    assert!(refused(people).await.contains("two people"));
}
