//! Our own attacks on the place of a token in a request, and on verifications applied to another caller.

use kinde_perms::{TokenError, Validator};

use crate::attack::{Answer, Attack, Case, refused};
use crate::site::Site;
use crate::stage::Stage;
use crate::wire::Request;

const OTHER_API: &str = "https://other.example.test";

pub(crate) fn attacks() -> Vec<Attack> {
    vec![audiences(), elsewhere(), header_names(), lines()]
}

fn audiences() -> Attack {
    refused("own-two-audiences")
        .own("an API within another, and a token that is for one of them")
        .scene(|| Box::pin(two_audiences()))
}

/// The verdict of the outer API says nothing to the inner one.
async fn two_audiences() {
    let stage = Stage::usual().await;
    let other = Validator::builder(stage.issuer.url(), OTHER_API).clock(stage.clock.clone());
    let other = other.build_with_static_keys(&stage.issuer.jwks_json()).unwrap();
    let site = Site::nested(&stage.validator, &other).await;
    let api = stage.issuer.audience();
    let wrong = Answer::Refused(TokenError::WrongAudience);
    let cases = [
        ("/inner", vec![api], wrong),
        ("/inner", vec![OTHER_API], wrong),
        ("/inner", vec![api, OTHER_API], Answer::Accepted),
        ("/outer", vec![OTHER_API], wrong),
        ("/outer", vec![api], Answer::Accepted),
    ];
    for (path, audiences, answer) in cases {
        let what = format!("{path} with {audiences:?}");
        let token = stage.token().audiences(audiences).sign();
        answer.check(&what, &Request::get(path).bearer(&token).send(site.address).await);
    }
    assert_eq!(site.handled(), 2, "the two that are accepted");
    stage.still_well(0).await;
}

fn elsewhere() -> Attack {
    refused("own-elsewhere").own("a good token anywhere but in the Authorization header").tokens(|stage| {
        let token = stage.token().permission("create:todos").sign();
        let bearer = format!("Bearer {token}");
        let names = [
            "X-Authorization",
            "X-Forwarded-Authorization",
            "Proxy-Authorization",
            "X-Access-Token",
            "Authentication",
            "X-Auth-Token",
            "Authorization2",
            "X-Original-Authorization",
            "Sec-WebSocket-Protocol",
        ];
        let headers = names.map(|name| {
            Case::request(name, Request::get("/me").header(name, &bearer), Answer::NoCredentials)
        });
        let cookies = ["access_token", "token", "Authorization", "kinde_token"].map(|name| {
            let request = Request::get("/me").header("Cookie", format!("{name}={token}; Bearer {token}"));
            Case::request(format!("cookie {name}"), request, Answer::NoCredentials)
        });
        let post = || Request::new("POST", "/todos");
        let form = post().body("application/x-www-form-urlencoded", &format!("access_token={token}"));
        let json = post().body("application/json", &format!(r#"{{"access_token":"{token}"}}"#));
        let bodies = [("form", form), ("json", json)]
            .map(|(what, request)| Case::request(what, request, Answer::NoCredentials));
        let user = Request::get(&format!("http://{token}@localhost/me"));
        let user = Case::request("as the user of the target", user, Answer::NoCredentials);
        headers.into_iter().chain(cookies).chain(bodies).chain([user]).collect()
    })
}

fn header_names() -> Attack {
    refused("own-header-names").own("an Authorization header that is none").tokens(|stage| {
        let bearer = format!("Bearer {}", stage.token().sign());
        let line = |line: String| Request::get("/me").line(line);
        vec![
            Case::request(
                "a blank before the colon",
                line(format!("Authorization : {bearer}")),
                Answer::NotHttp,
            ),
            Case::request(
                "a blank before the name",
                line(format!(" Authorization: {bearer}")),
                Answer::NotHttp,
            ),
            Case::request(
                "a tab before the colon",
                line(format!("Authorization\t: {bearer}")),
                Answer::NotHttp,
            ),
            Case::request("a NUL in the name", line(format!("Authoriza\0tion: {bearer}")), Answer::NotHttp),
            Case::request("no colon", line(format!("Authorization {bearer}")), Answer::NotHttp),
            Case::request(
                "a letter that looks alike",
                line(format!("Authorizati\u{43e}n: {bearer}")),
                Answer::NotHttp,
            ),
            Case::request("an underscore", line(format!("Author_ization: {bearer}")), Answer::NoCredentials),
            Case::request("another case", line(format!("AUTHORIZATION: {bearer}")), Answer::Accepted),
        ]
    })
}

fn lines() -> Attack {
    refused("own-folded")
        .own("a header continued on the next line (obs-fold), and lines smuggled into one")
        .tokens(|stage| {
            let token = stage.token().sign();
            let line = |line: String| Request::get("/me").line(line);
            vec![
                Case::request("folded", line(format!("Authorization: Bearer\r\n {token}")), Answer::NotHttp),
                Case::request(
                    "folded with a tab",
                    line(format!("Authorization:\r\n\tBearer {token}")),
                    Answer::NotHttp,
                ),
                Case::request(
                    "folded in the middle",
                    line(format!("Authorization: Bearer {}\r\n {}", &token[..20], &token[20..])),
                    Answer::NotHttp,
                ),
                Case::request(
                    "behind a bare CR",
                    line(format!("X: y\rAuthorization: Bearer {token}")),
                    Answer::NotHttp,
                ),
                Case::request(
                    "a second behind a bare LF",
                    line(format!("Authorization: Bearer {token}\nAuthorization: Bearer {token}")),
                    Answer::InvalidRequest,
                ),
            ]
        })
}
