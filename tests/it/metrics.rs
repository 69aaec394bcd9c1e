//! The metrics: a recorder keeps the last value of each series, and the tests compare them with documented, stable names.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use kinde_perms::Validator;
use kinde_perms_testkit::{Endpoint, Fault, Issuer, ManualClock, TokenParts};
use metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit,
};

/// A recorder that keeps the last value of each series.
#[derive(Clone, Debug, Default)]
struct Tape(Arc<Mutex<BTreeMap<String, f64>>>);

/// One series of a `Tape`.
struct Series {
    tape: Tape,
    name: String,
}

impl Tape {
    fn series(&self, key: &Key) -> Arc<Series> {
        let labels: Vec<String> =
            key.labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
        let name = format!("{}{{{}}}", key.name(), labels.join(","));
        Arc::new(Series { tape: self.clone(), name })
    }

    fn take(&self) -> Vec<(String, f64)> {
        std::mem::take(&mut *self.0.lock().unwrap()).into_iter().collect()
    }
}

impl Series {
    fn change(&self, change: impl FnOnce(f64) -> f64) {
        let mut values = self.tape.0.lock().unwrap();
        let value = values.entry(self.name.clone()).or_default();
        *value = change(*value);
    }
}

impl CounterFn for Series {
    fn increment(&self, value: u64) {
        self.change(|before| before + f64::from(u32::try_from(value).unwrap()));
    }

    fn absolute(&self, _: u64) {
        panic!("counters only count");
    }
}

impl GaugeFn for Series {
    fn increment(&self, _: f64) {
        panic!("gauges are set");
    }

    fn decrement(&self, _: f64) {
        panic!("gauges are set");
    }

    fn set(&self, value: f64) {
        self.change(|_| value);
    }
}

impl Recorder for Tape {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.series(key))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.series(key))
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        panic!("there are none")
    }
}

fn counted(series: &str, number: u32) -> (String, f64) {
    (series.to_owned(), f64::from(number))
}

async fn refuse(validator: &Validator, authorization: Option<&str>) {
    let mut headers = http::HeaderMap::new();
    if let Some(value) = authorization {
        headers.insert("authorization", value.parse().unwrap());
    }
    validator.authenticate(&headers, &mut http::Extensions::new()).await.unwrap_err();
}

#[tokio::test]
async fn refreshes_and_refusals_are_counted_by_their_causes() {
    let tape = Tape::default();
    let _guard = metrics::set_default_local_recorder(&tape);
    let clock = ManualClock::new();
    let issuer = Issuer::builder().clock(clock.clone()).start().await.unwrap();
    let validator = issuer.validator().await.unwrap();
    let now = clock.unix_time().as_secs_f64();
    assert_eq!(
        tape.take(),
        [
            counted("kinde_perms_key_refreshes_total{cause=demand,outcome=ok}", 1),
            ("kinde_perms_keys_fetched_timestamp_seconds{}".to_owned(), now),
            counted("kinde_perms_keys{}", 1),
        ]
    );

    let good = issuer.token().sign();
    validator.verify(&good).await.unwrap();
    assert_eq!(tape.take(), [], "accepted tokens are not counted");

    refuse(&validator, None).await;
    refuse(&validator, Some("Bearer")).await;
    refuse(&validator, Some("Bearer garbage")).await;
    refuse(&validator, Some("Bearer garbage")).await;
    refuse(&validator, Some(&format!("Bearer {}", issuer.token().expired().sign()))).await;
    let refusals = [("expired_token", 1), ("invalid_request", 1), ("invalid_token", 2), ("missing_token", 1)];
    let expected =
        refusals.map(|(code, number)| counted(&format!("kinde_perms_refusals_total{{code={code}}}"), number));
    assert_eq!(tape.take(), expected);

    issuer.set_fault(Endpoint::Keys, Fault::Status(503));
    let unknown = TokenParts::of(&good)
        .edit_header(|header| drop(header.insert("kid".into(), "new".into())))
        .to_string();
    refuse(&validator, Some(&format!("Bearer {unknown}"))).await;
    assert_eq!(
        tape.take(),
        [
            counted("kinde_perms_key_refreshes_total{cause=unknown_kid,outcome=status}", 1),
            counted("kinde_perms_refusals_total{code=keys_unavailable}", 1),
            counted("kinde_perms_unknown_keys_total{answer=unavailable}", 1),
        ]
    );
}

#[tokio::test]
async fn questions_and_pauses_are_counted() {
    let tape = Tape::default();
    let _guard = metrics::set_default_local_recorder(&tape);
    let clock = ManualClock::new();
    let issuer = Issuer::builder().clock(clock.clone()).start().await.unwrap();
    let validator = issuer.validator().await.unwrap();
    tape.take();
    let account = async |org: &str, user: &str| {
        validator.account(&issuer.token().org_code(org).subject(user).sign()).await.unwrap()
    };

    account("org_1", "kp_0").await.roles().await.unwrap();
    assert_eq!(tape.take(), [counted("kinde_perms_live_questions_total{outcome=ok}", 1)]);

    issuer.set_fault(Endpoint::Roles, Fault::Status(500));
    let askers = ["org_1", "org_1", "org_1", "org_2", "org_3", "org_4"].into_iter().zip(1..);
    for (org, user) in askers {
        account(org, &format!("kp_{user}")).await.roles().await.unwrap_err();
    }
    assert_eq!(
        tape.take(),
        [
            counted("kinde_perms_live_pauses_total{scope=all}", 1),
            counted("kinde_perms_live_pauses_total{scope=organization}", 1),
            counted("kinde_perms_live_questions_total{outcome=status}", 5),
        ]
    );
}

#[test]
fn every_name_is_documented() {
    let read = |path: &str| {
        std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path))
            .unwrap()
    };
    let (source, manual) = (read("kinde-perms/src/meter.rs"), read("kinde-perms/docs/observability.md"));
    let names: Vec<&str> =
        source.split('"').filter(|text| text.starts_with("kinde_perms_") && !text.contains(' ')).collect();
    assert_eq!(names.len(), 7);
    assert!(names.iter().all(|name| manual.contains(&format!("`{name}`"))), "{names:?}");
}
