//! Floods of tokens with unknown key ids: the number of fetches stays bounded, and good tokens do not wait.

use kinde_perms_testkit::{Endpoint, Fault};

use super::{Bench, naming, secs, status, until, within};

const FLOOD: usize = 2000;
const WINDOW: u64 = 30;

/// Sends `FLOOD` tokens at once, each with its own unknown key id; returns the requests.
fn flood(bench: &Bench, name: &str) -> Vec<tokio::task::JoinHandle<u16>> {
    let good = bench.token();
    let request = |number| {
        let (app, token) = (bench.app.clone(), naming(&good, &format!("{name}-{number}")));
        tokio::spawn(async move { status(&app, &token).await })
    };
    (0..FLOOD).map(request).collect()
}

async fn answers(requests: Vec<tokio::task::JoinHandle<u16>>) -> Vec<u16> {
    let mut answers = Vec::new();
    for request in requests {
        answers.push(within("the request is answered", request).await.unwrap());
    }
    answers
}

#[tokio::test]
async fn a_flood_costs_two_fetches_in_30_s_and_good_tokens_no_wait() {
    let bench = Bench::warm().await;
    let good = bench.token();
    for window in 1..=3 {
        let before = bench.fetches();
        bench.issuer.set_fault(Endpoint::Keys, Fault::Hang);
        let requests = flood(&bench, &format!("during-{window}"));
        bench.issuer.wait_for_requests(Endpoint::Keys, before + 1).await;
        bench.serves(&good);
        bench.serves(&bench.token());
        bench.issuer.set_fault(Endpoint::Keys, Fault::None);
        let first = answers(requests).await;
        assert!(first.iter().all(|status| [401, 503].contains(status)));
        assert!(first.contains(&401), "waiting requests are answered from the fetch");

        let second = answers(flood(&bench, &format!("after-{window}"))).await;
        assert!(second.iter().all(|status| *status == 401), "the key set has just been fetched");
        bench.serves(&good);
        assert!(bench.fetches() - before <= 2, "{} fetches", bench.fetches() - before);
        bench.clock.advance(secs(WINDOW));
    }
}

#[tokio::test]
async fn a_flood_on_a_failing_issuer_costs_no_more_than_on_a_healthy_one() {
    let bench = Bench::warm().await;
    let good = bench.token();
    bench.clock.advance(secs(WINDOW + 1));
    bench.issuer.set_fault(Endpoint::Keys, Fault::Status(500));
    let before = bench.fetches();
    let answers = answers(flood(&bench, "failing")).await;
    assert!(answers.iter().all(|status| *status == 503), "no key set can be fetched");
    assert!(bench.fetches() - before <= 2, "{} fetches", bench.fetches() - before);
    bench.serves(&good);
}

#[tokio::test]
async fn a_flood_of_tokens_with_bad_claims_causes_no_fetch() {
    let bench = Bench::warm().await;
    let tokens = [
        bench.issuer.token().expired(),
        bench.issuer.token().issuer("https://evil.example"),
        bench.issuer.token().audience("other"),
        bench.issuer.token().claim("nonce", "n"),
    ];
    for (number, token) in tokens.into_iter().enumerate() {
        let token = token.sign();
        assert_eq!(status(&bench.app, &naming(&token, &format!("unknown-{number}"))).await, 401);
    }
    assert_eq!(status(&bench.app, "a.b.c").await, 401);
    assert_eq!(bench.fetches(), 1);
}

#[tokio::test]
async fn a_new_key_is_found_in_the_middle_of_a_flood() {
    let bench = Bench::warm().await;
    answers(flood(&bench, "before")).await;
    bench.issuer.rotate();
    let new = bench.token();
    bench.clock.advance(secs(WINDOW));
    let requests = flood(&bench, "meanwhile");
    bench.issuer.wait_for_requests(Endpoint::Keys, 3).await;
    until("the set is taken in", || bench.validator.health().key_count() == 2).await;
    bench.serves(&new);
    answers(requests).await;
}
