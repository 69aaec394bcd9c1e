use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use super::*;
use crate::jwks::Keyring;
use crate::jwks::testing::{Act, Script, manual_clock};
use crate::token::Algorithm;

/// Records the events of the keys: level, name, and fields.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "kinde_perms::keys"
    }

    fn event(&self, event: &Event<'_>) {
        let metadata = event.metadata();
        let mut line = Line(format!("{} {}", metadata.level(), metadata.name()));
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if !["message", "next"].contains(&field.name()) {
            write!(self.0, " {}={value:?}", field.name()).unwrap();
        }
    }
}

#[tokio::test]
async fn events_have_stable_names_and_a_skipped_key_is_reported_once() {
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    // The second key is one of small order.
    let source = Script::new([Act::Keys(vec![("a", 1), ("weak", 0)])]);
    let clock = manual_clock();
    let keyring = Keyring::new(source.clone(), vec![Algorithm::EdDsa], Duration::from_secs(600), clock);

    keyring.refresh_now().await.unwrap();
    let skipped = "WARN key_skipped kid=Some(\"weak\") reason=point has small order";
    assert_eq!(log.take(), [skipped, "DEBUG refreshed cause=\"demand\" keys=1"]);

    keyring.refresh_now().await.unwrap();
    assert_eq!(log.take(), ["DEBUG refreshed cause=\"demand\" keys=1"], "a skipped key is reported once");

    source.rewrite([Act::Keys(vec![("a", 2)])]);
    keyring.refresh_now().await.unwrap();
    assert_eq!(log.take(), ["WARN key_changed kid=\"a\"", "DEBUG refreshed cause=\"demand\" keys=1"]);

    source.rewrite([Act::Fail(KeyError::Status(503))]);
    keyring.refresh_now().await.unwrap_err();
    let failed =
        "WARN refresh_failed cause=\"demand\" error=the issuer answered with status 503 age=Some(0ns)";
    assert_eq!(log.take(), [failed]);
}
