//! The request around the token.

use crate::attack::{Answer, Attack, Case, accepted, refused};
use crate::stage::Stage;
use crate::wire::Request;

pub(crate) fn attacks() -> Vec<Attack> {
    [credentials(), targets(), answers()].into_iter().flatten().collect()
}

fn credentials() -> Vec<Attack> {
    vec![
        refused("http-01").tokens(|_| {
            ["/me", "/todos", "/admin"]
                .map(|path| Case::request(path, Request::get(path), Answer::NoCredentials))
                .into()
        }),
        refused("http-03").choice("400 `invalid_request`, as DESIGN §6 has it").tokens(|_| {
            ["Bearer", "Bearer ", "bearer", "Bearer    ", ""]
                .map(|value| {
                    let request = Request::get("/me").authorization(value);
                    Case::request(format!("{value:?}"), request, Answer::InvalidRequest)
                })
                .into()
        }),
        refused("http-05").tokens(|stage| {
            let good = format!("Bearer {}", stage.token().sign());
            let others = ["Bearer x.y.z", "Basic dTpw", "", &good];
            let both =
                |first: &str, second: &str| Request::get("/me").authorization(first).authorization(second);
            others
                .into_iter()
                .flat_map(|other| [both(&good, other), both(other, &good)])
                .map(|request| Case::request("two headers", request, Answer::InvalidRequest))
                .collect()
        }),
        refused("http-07").tokens(|stage| {
            let token = stage.token().sign();
            [
                format!("/me?access_token={token}"),
                format!("/me?bearer_token={token}&token={token}"),
                format!("/me?authorization=Bearer%20{token}"),
            ]
            .map(|target| Case::request("in the query", Request::get(&target), Answer::NoCredentials))
            .into()
        }),
    ]
}

fn targets() -> Vec<Attack> {
    vec![
        refused("http-09").tokens(|_| {
            ["/me", "/todos", "/todos/1"]
                .map(|path| Case::request(path, Request::new("HEAD", path), Answer::NoCredentials))
                .into()
        }),
        refused("http-10").choice("404: what is not the route is nothing").tokens(|stage| {
            let token = stage.token().permission("read:todos").sign();
            let targets = [
                "//todos",
                "/todos/",
                "/TODOS",
                "/todos%2f",
                "/todos;x",
                "/./todos",
                "/x/../todos",
                "/todos%00",
                "/tod%6fs/",
            ];
            let nothing = targets.iter().flat_map(|target| {
                let request = Request::get(target);
                [
                    Case::request(*target, request.clone(), Answer::NotFound),
                    Case::request(*target, request.bearer(&token), Answer::NotFound),
                ]
            });
            let guarded =
                ["/todos/..", "/todos/%2e%2e", "/todos/1?x=/me", "/todos?", "http://localhost/todos"];
            let guarded =
                guarded.map(|target| Case::request(target, Request::get(target), Answer::NoCredentials));
            nothing.chain(guarded).collect()
        }),
        refused("http-11")
            .choice("the method of the request line is the one that runs, and no header changes it")
            .tokens(|stage| {
                let token = |permission| stage.token().permission(permission).sign();
                let overridden = |method, over, permission| {
                    let request = Request::new(method, "/todos").bearer(&token(permission));
                    ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"]
                        .into_iter()
                        .fold(request, |request, name| request.header(name, over))
                };
                vec![
                    Case::request("POST is POST", overridden("POST", "GET", "read:todos"), Answer::Denied),
                    Case::request("GET is GET", overridden("GET", "POST", "create:todos"), Answer::Denied),
                    Case::request(
                        "in the query",
                        Request::new("POST", "/todos?_method=GET").bearer(&token("read:todos")),
                        Answer::Denied,
                    ),
                    Case::request("control", overridden("POST", "GET", "create:todos"), Answer::Accepted),
                ]
            }),
    ]
}

fn answers() -> Vec<Attack> {
    vec![
        accepted("http-13")
            .choice("the CORS layer outside answers; without one the router does, with 405: never a handler")
            .scene(|| Box::pin(preflight())),
        refused("http-14")
            .choice("no `error_description` at all, and the body's texts are from a fixed set")
            .scene(|| Box::pin(reflection())),
    ]
}

async fn preflight() {
    let stage = Stage::usual().await;
    let ask = |path| {
        Request::new("OPTIONS", path)
            .header("Origin", "https://app.example.test")
            .header("Access-Control-Request-Method", "POST")
            .header("Access-Control-Request-Headers", "authorization")
    };
    let answer = ask("/shared/todos").send(stage.site.address).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert_eq!(stage.site.handled(), 0, "a preflight request never reaches a handler");
    stage.check_request("no layer", &ask("/todos"), Answer::NotAllowed).await;
    let post = Request::new("POST", "/shared/todos");
    stage.check_request("the request itself", &post, Answer::NoCredentials).await;
    stage.still_well(0).await;
}

/// Text that would do harm in a header, a page, a log or a terminal, and that is easily found again.
const HOSTILE: &str = "zq\"\r\nSet-Cookie: zq=1\u{1b}[31m<script>zq</script>\\";

async fn reflection() {
    let stage = Stage::usual().await;
    let token = || stage.token();
    let tokens = [
        token().kid(HOSTILE).sign(),
        token().header("alg", HOSTILE).sign(),
        token().header("typ", HOSTILE).sign(),
        token().issuer(HOSTILE).sign(),
        token().audience(HOSTILE).sign(),
        token().claim("exp", HOSTILE).sign(),
        token().claim(HOSTILE, 1).expired().sign(),
        token().claim("permissions", vec![HOSTILE]).claim("roles", vec![HOSTILE]).sign(),
    ];
    let requests = tokens.iter().map(|token| Request::get("/admin").bearer(token));
    let others = [
        Request::get("/admin").authorization("Bearer zq<script>zq</script>"),
        Request::get("/admin?zq=<script>zq</script>"),
        Request::get("/admin").header("X-Zq", "zq"),
    ];
    for request in requests.chain(others) {
        let answer = request.send(stage.site.address).await;
        assert!((400..=403).contains(&answer.status), "{answer:?}");
        assert!(!answer.text.contains("zq"), "nothing of the request is in the answer: {answer:?}");
        assert!(!answer.text.contains("error_description"), "{answer:?}");
    }
    stage.still_well(2).await;
}
