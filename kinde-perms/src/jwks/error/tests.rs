use super::*;

fn all() -> Vec<KeyError> {
    let reason = || "connection refused".to_owned();
    vec![
        KeyError::Connection(reason()),
        KeyError::TimedOut,
        KeyError::Status(503),
        KeyError::Redirected,
        KeyError::TooLarge,
        KeyError::NotAKeySet,
        KeyError::TooManyKeys,
        KeyError::NoUsableKey,
        KeyError::NotADiscoveryDocument,
        KeyError::IssuerMismatch,
        KeyError::InvalidUrl,
        KeyError::InsecureUrl,
        KeyError::ForeignKeySet,
        KeyError::Tls(reason()),
        KeyError::Source(reason()),
        KeyError::Stopped,
    ]
}

#[test]
fn messages_are_distinct_and_have_no_full_stop() {
    let messages: std::collections::HashSet<String> = all().iter().map(ToString::to_string).collect();
    assert_eq!(messages.len(), all().len());
    assert!(messages.iter().all(|message| !message.ends_with('.')));
}

#[test]
fn errors_that_only_a_setting_can_correct_are_not_transient() {
    for error in
        [KeyError::IssuerMismatch, KeyError::InsecureUrl, KeyError::ForeignKeySet, KeyError::Status(404)]
    {
        assert!(!error.is_transient(), "{error}");
    }
    for error in [KeyError::TimedOut, KeyError::Status(503), KeyError::Status(429), KeyError::NoUsableKey] {
        assert!(error.is_transient(), "{error}");
    }
}
