use super::*;

#[test]
fn loopback_is_localhost_127_0_0_0_8_and_ipv6_1_only() {
    for host in ["localhost", "LOCALHOST", "127.0.0.1", "127.255.0.9", "[::1]", "127.1", "2130706433"] {
        assert!(issuer(&format!("http://{host}:3000")).is_ok(), "{host}");
    }
    for host in [
        "localhost.",
        "localhost.example",
        "my.localhost",
        "127.0.0.1.example",
        "128.0.0.1",
        "0.0.0.0",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::2]",
        "example.kinde.com",
        "10.0.0.1",
    ] {
        assert_eq!(issuer(&format!("http://{host}")), Err(KeyError::InsecureUrl), "{host}");
    }
}

#[test]
fn an_issuer_is_a_bare_absolute_url() {
    for text in ["https://example.kinde.com", "https://example.kinde.com/", "https://example.com:8443/tenant"]
    {
        assert!(issuer(text).is_ok(), "{text}");
    }
    for text in [
        "",
        "example.kinde.com",
        "//example.kinde.com",
        "https:example.kinde.com",
        "ftp://example.kinde.com",
        "file:///etc/keys",
        "https://",
        "https://user@example.com",
        "https://user:pass@example.com",
        "https://:pass@example.com",
        "https://example.com?",
        "https://example.com/?a=b",
        "https://example.com#",
        "https://example.com/#a",
        " https://example.com",
        "https://example.com\n",
        "https://exa\tmple.com",
        "https://example.com\\@evil.example",
        "https://exämple.com",
        "https://example.com:99999",
    ] {
        assert_eq!(issuer(text), Err(KeyError::InvalidUrl), "{text:?}");
    }
}

#[test]
fn a_discovered_key_set_must_be_on_the_issuer_s_host() {
    let base = issuer("https://example.kinde.com").unwrap();
    for text in ["https://example.kinde.com/keys", "https://EXAMPLE.kinde.com:8443/a?b=c"] {
        assert!(own_key_set(text, &base).is_ok(), "{text}");
    }
    for text in [
        "https://evil.example/keys",
        "https://example.kinde.com.evil.example/keys",
        "https://kinde.com/keys",
        "https://sub.example.kinde.com/keys",
    ] {
        assert_eq!(own_key_set(text, &base), Err(KeyError::ForeignKeySet), "{text}");
    }
    assert_eq!(own_key_set("https://example.kinde.com@evil.example/", &base), Err(KeyError::InvalidUrl));
    for text in ["http://example.kinde.com/keys", "http://localhost/keys"] {
        assert_eq!(own_key_set(text, &base), Err(KeyError::InsecureUrl), "{text}");
    }
    assert_eq!(own_key_set("/keys", &base), Err(KeyError::InvalidUrl));
}

#[test]
fn http_needs_loopback_on_both_sides() {
    let local = issuer("http://localhost:3000").unwrap();
    assert!(own_key_set("http://localhost:3000/keys", &local).is_ok());
    assert!(key_set("http://127.0.0.1:4000/keys", &local).is_ok());
    assert!(own_key_set("http://127.0.0.1:4000/keys", &local).is_ok());
    assert_eq!(own_key_set("https://example.com/keys", &local), Err(KeyError::ForeignKeySet));
    assert_eq!(key_set("http://example.com/keys", &local), Err(KeyError::InsecureUrl));
}

#[test]
fn well_known_documents_are_below_the_issuer_s_path() {
    for (text, expected) in [
        ("https://a.example", "https://a.example/.well-known/x"),
        ("https://a.example/", "https://a.example/.well-known/x"),
        ("https://a.example/tenant/", "https://a.example/tenant/.well-known/x"),
    ] {
        assert_eq!(well_known(text, "x").unwrap().as_str(), expected);
    }
}
