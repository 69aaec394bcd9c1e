//! Attacks of our own on the request around the token.

use kinde_perms::TokenError;

use crate::attack::{Answer, Attack, Case, accepted, refused};
use crate::stage::Stage;
use crate::wire::{Request, Response};

pub(crate) fn attacks() -> Vec<Attack> {
    [values(), messages()].into_iter().flatten().collect()
}

/// A request with this `Authorization` header, in which `@` is replaced by the token.
fn value(stage: &Stage, pattern: &str, answer: Answer) -> Case {
    let token = stage.token().sign();
    let request = Request::get("/me").authorization(pattern.replace('@', &token));
    Case::request(format!("{pattern:?}"), request, answer)
}

fn values() -> Vec<Attack> {
    vec![
        refused("own-two-tokens").own("two tokens in one header").tokens(|stage| {
            [
                "Bearer @ @",
                "Bearer @,@",
                "Bearer @, Bearer @",
                "Bearer @;@",
                "Bearer @ Bearer @",
                "Bearer x, @",
                "Bearer @, Basic dTpw",
                "Bearer Bearer @",
            ]
            .map(|pattern| value(stage, pattern, Answer::InvalidRequest))
            .into()
        }),
        accepted("own-scheme-case").own("the scheme in any case, and blanks before the token").tokens(
            |stage| {
                [
                    "Bearer @",
                    "bearer @",
                    "BEARER @",
                    "bEaReR @",
                    "Bearer  @",
                    "Bearer     @",
                    "  Bearer @",
                    "Bearer @  ",
                    "\tBearer @\t",
                ]
                .map(|pattern| value(stage, pattern, Answer::Accepted))
                .into()
            },
        ),
        refused("own-white-space").own("other white space than blanks in the header").tokens(|stage| {
            [
                "Bearer\t@",
                "Bearer \t@",
                "Bearer\u{a0}@",
                "Bearer\u{3000}@",
                "Bearer\u{b}@",
                "Bearer @\t.",
                "Bearer\u{c}@",
            ]
            .map(|pattern| {
                let answer = if pattern.contains(['\u{b}', '\u{c}']) {
                    Answer::NotHttp
                } else {
                    Answer::InvalidRequest
                };
                value(stage, pattern, answer)
            })
            .into()
        }),
        refused("own-schemes").own("other schemes, and none").tokens(|stage| {
            let unknown = [
                "Basic @",
                "Token @",
                "JWT @",
                "DPoP @",
                "Bearerx @",
                "xBearer @",
                "Bearer-@",
                "@",
                "Negotiate @",
            ]
            .map(|pattern| value(stage, pattern, Answer::NoCredentials));
            let broken = [
                "Bearer:@",
                "Bearer=@",
                "\"Bearer\" @",
                "Bearer,@",
                "Bearer/@",
                "Bearer token=@",
                "Bearer \"@\"",
                "Bearer <@>",
                "Bea rer @",
            ]
            .map(|pattern| {
                value(
                    stage,
                    pattern,
                    if pattern == "Bea rer @" { Answer::NoCredentials } else { Answer::InvalidRequest },
                )
            });
            unknown.into_iter().chain(broken).collect()
        }),
        refused("own-long-header").own("a header of a hundred kilobytes, and of a megabyte").tokens(|_| {
            let bearer = |length: usize| Request::get("/me").bearer(&"A".repeat(length));
            vec![
                Case::request("100 kB", bearer(100_000), Answer::Refused(TokenError::TooLarge)),
                Case::request("1 MB", bearer(1_000_000), Answer::NotHttp),
                Case::request(
                    "blanks",
                    Request::get("/me").authorization(format!("Bearer {}x", " ".repeat(100_000))),
                    Answer::Refused(TokenError::Malformed),
                ),
            ]
        }),
    ]
}

fn messages() -> Vec<Attack> {
    vec![
        refused("own-connection")
            .own("requests that follow a good one on the same connection")
            .scene(|| Box::pin(one_connection())),
        refused("own-body-unread").own("a body that is announced and never comes").tokens(|stage| {
            let announced = |request: Request| request.header("Content-Length", "1000000000");
            let post = || Request::new("POST", "/todos");
            vec![
                Case::request("no token", announced(post()), Answer::NoCredentials),
                Case::request(
                    "a bad token",
                    announced(post().bearer("a.b.c")),
                    Answer::Refused(TokenError::Malformed),
                ),
                Case::request(
                    "no permission",
                    announced(post().bearer(&stage.token().sign())),
                    Answer::Denied,
                ),
                Case::request(
                    "expected first",
                    announced(post().header("Expect", "100-continue")),
                    Answer::NoCredentials,
                ),
            ]
        }),
        refused("own-smuggling")
            .own("a request in the body of another, by two lengths that disagree")
            .scene(|| Box::pin(smuggling())),
        refused("own-methods").own("methods in another case, and of one's own").tokens(|stage| {
            let with = |method: &str, path: &str| {
                Request::new(method, path).bearer(&stage.token().permission("read:todos").sign())
            };
            vec![
                Case::request("get", with("get", "/todos"), Answer::NotAllowed),
                Case::request("GETX", with("GETX", "/todos"), Answer::NotAllowed),
                Case::request("DELETE", with("DELETE", "/todos"), Answer::NotAllowed),
                Case::request("TRACE", with("TRACE", "/me"), Answer::NotAllowed),
                Case::request("a guarded one without the right", with("DELETE", "/todos/1"), Answer::Denied),
                Case::request("control", with("GET", "/todos"), Answer::Accepted),
            ]
        }),
        accepted("own-old-http").own("HTTP/1.0, where no header is required").tokens(|stage| {
            let token = stage.token().sign();
            vec![
                Case::request("no token", Request::raw("GET /me HTTP/1.0\r\n"), Answer::NoCredentials),
                Case::request(
                    "a good one",
                    Request::raw("GET /me HTTP/1.0\r\n").bearer(&token),
                    Answer::Accepted,
                ),
            ]
        }),
    ]
}

/// The credentials of a request do not reach the next one.
async fn one_connection() {
    let stage = Stage::usual().await;
    let token = stage.token().permission("read:todos").sign();
    let (bare, good) = (Request::get("/todos"), Request::get("/todos").bearer(&token));
    let bad = Request::get("/todos").bearer("a.b.c");
    let requests = [bare.clone(), good.clone(), bare.clone(), good.clone(), bad, bare.clone(), good, bare];
    let answers = Request::send_in_turn(&requests, stage.site.address).await;
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [401, 200, 401, 200, 401, 401, 200, 401]);
    assert_eq!(stage.site.handled(), 3);
    stage.still_well(0).await;
}

async fn smuggling() {
    let stage = Stage::usual().await;
    let token = stage.token().permission("create:todos").sign();
    let hidden = "GET /todos HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let chunked = format!("0\r\n\r\n{hidden}");
    let variants = [
        vec![format!("Content-Length: {}", chunked.len()), "Transfer-Encoding: chunked".to_owned()],
        vec!["Transfer-Encoding: chunked".to_owned(), "Transfer-Encoding: identity".to_owned()],
        vec!["Transfer-Encoding: xchunked".to_owned()],
        vec!["Content-Length: 0".to_owned(), format!("Content-Length: {}", chunked.len())],
        vec!["Content-Length: +5".to_owned()],
    ];
    for lines in variants {
        let request = Request::new("POST", "/todos").bearer(&token);
        let request = lines.iter().fold(request, Request::line);
        let request = request.line(format!("\r\n{chunked}"));
        let Response { text, .. } = request.send(stage.site.address).await;
        let granted = text.matches("HTTP/1.1 200").count();
        assert!(granted <= 1, "only the request with the token may be granted, with {lines:?}: {text}");
        assert!(stage.site.handled() <= 5, "{lines:?}");
    }
    stage.still_well(0).await;
}
