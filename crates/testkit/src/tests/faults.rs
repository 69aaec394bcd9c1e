use serde_json::{Value, json};

use super::super::{Endpoint, Fault, Issuer};
use super::*;

const KEYS: &str = "/.well-known/jwks";

async fn with_fault(fault: Fault) -> (Issuer, io::Result<Answer>) {
    let issuer = Issuer::start().await.unwrap();
    issuer.set_fault(Endpoint::Keys, fault);
    let answer = fetch(&issuer, KEYS).await;
    (issuer, answer)
}

#[tokio::test]
async fn an_endpoint_can_fail_while_the_other_works() {
    let (issuer, answer) = with_fault(Fault::Status(503)).await;
    assert_eq!(answer.unwrap().status(), "503");
    assert_eq!(fetch(&issuer, "/.well-known/openid-configuration").await.unwrap().status(), "200");
    issuer.set_fault(Endpoint::Discovery, Fault::Status(404));
    issuer.set_fault(Endpoint::Keys, Fault::None);
    assert_eq!(fetch(&issuer, "/.well-known/openid-configuration").await.unwrap().status(), "404");
    assert_eq!(fetch(&issuer, KEYS).await.unwrap().status(), "200");
}

#[tokio::test]
async fn a_hanging_request_gets_what_is_set_next() {
    let issuer = Issuer::start().await.unwrap();
    issuer.set_fault(Endpoint::Keys, Fault::Hang);
    let (answer, ()) = tokio::join!(fetch(&issuer, KEYS), async {
        issuer.wait_for_requests(Endpoint::Keys, 1).await;
        issuer.set_fault(Endpoint::Keys, Fault::Status(500));
    });
    assert_eq!(answer.unwrap().status(), "500");
}

#[tokio::test]
async fn a_stalled_body_is_completed_when_the_fault_ends() {
    let issuer = Issuer::start().await.unwrap();
    issuer.set_fault(Endpoint::Keys, Fault::Stall);
    let (answer, ()) = tokio::join!(fetch(&issuer, KEYS), async {
        issuer.wait_for_requests(Endpoint::Keys, 1).await;
        issuer.set_fault(Endpoint::Keys, Fault::None);
    });
    let answer = answer.unwrap();
    assert_eq!(answer.status(), "200");
    assert!(answer.body.contains(issuer.signing_key().kid()));
}

#[tokio::test]
async fn hanging_requests_end_with_the_issuer() {
    let issuer = Issuer::start().await.unwrap();
    issuer.set_fault(Endpoint::Keys, Fault::Hang);
    let address = issuer.url().trim_start_matches("http://").to_owned();
    let request = tokio::task::spawn_blocking(move || fetch_blocking(&address, KEYS));
    issuer.wait_for_requests(Endpoint::Keys, 1).await;
    drop(issuer);
    let _ = request.await.unwrap();
}

#[tokio::test]
async fn a_dropped_connection_carries_no_answer() {
    let (_issuer, answer) = with_fault(Fault::Drop).await;
    assert!(answer.is_err() || answer.is_ok_and(|answer| answer.head.is_empty() && answer.body.is_empty()));
}

#[tokio::test]
async fn a_cut_off_answer_announces_more_than_it_carries() {
    let (issuer, answer) = with_fault(Fault::CutOff).await;
    let answer = answer.unwrap();
    let length = issuer.jwks_json().len();
    assert!(answer.head.contains(&format!("content-length: {length}")), "{}", answer.head);
    assert_eq!(answer.body.len(), length / 2);
}

#[tokio::test]
async fn a_truncated_answer_announces_what_it_carries() {
    let (issuer, answer) = with_fault(Fault::Truncated).await;
    let (answer, length) = (answer.unwrap(), issuer.jwks_json().len() / 2);
    assert!(answer.head.contains(&format!("content-length: {length}")), "{}", answer.head);
    assert_eq!(answer.json(), Value::Null);
}

#[tokio::test]
async fn bodies_can_be_anything() {
    let (_issuer, html) = with_fault(Fault::Html).await;
    let html = html.unwrap();
    assert!(html.head.contains("text/html") && html.body.starts_with("<!doctype html>"));
    let (_issuer, other) = with_fault(Fault::Body(b"null".to_vec())).await;
    assert_eq!(other.unwrap().body, "null");
    let (_issuer, empty) = with_fault(Fault::EmptySet).await;
    assert_eq!(empty.unwrap().json(), json!({ "keys": [] }));
}

#[tokio::test]
async fn a_huge_answer_is_still_the_right_document() {
    let (issuer, answer) = with_fault(Fault::Huge(1_000_000)).await;
    let answer = answer.unwrap();
    assert_eq!(answer.body.len(), 1_000_000);
    assert_eq!(answer.json().to_string(), issuer.jwks_json());
}

#[tokio::test]
async fn an_endless_answer_announces_no_length() {
    let issuer = Issuer::start().await.unwrap();
    issuer.set_fault(Endpoint::Keys, Fault::Endless);
    let address = issuer.url().trim_start_matches("http://").to_owned();
    let read = move || {
        let mut stream = TcpStream::connect(&address).unwrap();
        write!(stream, "GET {KEYS} HTTP/1.1\r\nHost: {address}\r\n\r\n").unwrap();
        let mut begin = vec![0; 100_000];
        stream.read_exact(&mut begin).unwrap();
        String::from_utf8(begin).unwrap().to_ascii_lowercase()
    };
    let begin = tokio::task::spawn_blocking(read).await.unwrap();
    assert!(begin.contains("transfer-encoding: chunked") && !begin.contains("content-length"));
}

#[tokio::test]
async fn many_keys_come_before_the_real_one() {
    let (issuer, answer) = with_fault(Fault::ManyKeys(200)).await;
    let keys = answer.unwrap().json()["keys"].as_array().unwrap().clone();
    assert_eq!(keys.len(), 201);
    assert_eq!(keys[200]["kid"], issuer.signing_key().kid());
}

#[tokio::test]
async fn a_redirect_names_where_to_go() {
    let (_issuer, answer) = with_fault(Fault::Redirect("http://127.0.0.1:1/keys".into())).await;
    let answer = answer.unwrap();
    assert_eq!(answer.status(), "302");
    assert!(answer.head.contains("location: http://127.0.0.1:1/keys"), "{}", answer.head);
}

#[tokio::test]
async fn paths_that_do_not_exist_can_fail_too() {
    let issuer = Issuer::start().await.unwrap();
    issuer.set_fault(Endpoint::Elsewhere, Fault::Redirect("/.well-known/jwks".into()));
    assert_eq!(fetch(&issuer, "/elsewhere").await.unwrap().status(), "302");
}
