//! Key rotation: new keys, withdrawn keys, and another key under the same id.

use kinde_perms_testkit::Endpoint;

use super::{Bench, secs, status};

#[tokio::test]
async fn a_new_key_costs_its_first_request_one_fetch() {
    let bench = Bench::warm().await;
    let old = bench.token();
    bench.issuer.rotate();
    let new = bench.token();
    assert_eq!(status(&bench.app, &new).await, 200);
    assert_eq!(bench.fetches(), 2);
    bench.serves(&new);
    bench.serves(&old);
}

#[tokio::test]
async fn tokens_of_a_key_replaced_under_its_id_are_refused() {
    let bench = Bench::warm().await;
    let old = bench.token();
    bench.serves(&old);
    bench.issuer.replace_key_keeping_kid();
    assert_eq!(status(&bench.app, &bench.token()).await, 200);
    assert_eq!(bench.fetches(), 2);
    assert_eq!(status(&bench.app, &old).await, 401);
    assert_eq!(bench.fetches(), 2, "a bad signature causes one fetch in five minutes");
}

#[tokio::test]
async fn a_withdrawn_key_is_gone_with_the_next_refresh() {
    let bench = Bench::warm().await;
    let (old, kid) = (bench.token(), bench.issuer.signing_key().kid().to_owned());
    bench.issuer.rotate();
    bench.issuer.withdraw(&kid);
    bench.serves(&old);
    bench.clock.advance(secs(9 * 60));
    bench.issuer.wait_for_requests(Endpoint::Keys, 2).await;
    super::until("the set is taken in", || bench.validator.health().age().is_some_and(|age| age < secs(60)))
        .await;
    assert_eq!(status(&bench.app, &old).await, 401);
    assert_eq!(status(&bench.app, &bench.token()).await, 200);
}
