//! Live rules, which ask Kinde's Account API: tested over real HTTP with the test kit's issuer and an injected clock.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::routing::get as on_get;
use http::StatusCode;
use kinde_perms::{
    Account, Claims, Reason, Rejection, Rule, Validator, account::LiveErrorKind, audit::AuditEvent,
    requirement, requires,
};
use kinde_perms_testkit::{AccountData, Endpoint, Fault, Issuer, ManualClock};
use kinde_perms_tests::{get, send};
use serde_json::json;

const MINUTE: Duration = Duration::from_secs(60);

#[requires(permissions = ["read:todos"], permissions = live(["delete:todos"]))]
async fn critical() -> &'static str {
    "deleted"
}

#[requires(any(roles = ["owner"], billing_entitlements = ["Pro plan"]))]
async fn paid() -> &'static str {
    "paid"
}

#[requires(not(feature_flags = live(["frozen"])))]
async fn unless_frozen() -> &'static str {
    "thawed"
}

async fn plans(account: Account) -> Result<String, StatusCode> {
    let held = account.entitlements().await.map_err(|_| StatusCode::BAD_GATEWAY)?;
    Ok(held.iter().filter_map(|one| one.price_name()).collect::<Vec<_>>().join(","))
}

struct Stage {
    issuer: Issuer,
    validator: Validator,
    app: Router,
    clock: ManualClock,
}

const ACCOUNT_API: [Endpoint; 4] =
    [Endpoint::Permissions, Endpoint::Roles, Endpoint::FeatureFlags, Endpoint::Entitlements];

impl Stage {
    async fn new() -> Self {
        let clock = ManualClock::new();
        let issuer = Issuer::builder().clock(clock.clone()).start().await.unwrap();
        let validator = issuer.validator().await.unwrap();
        let app = Router::new()
            .route("/critical", on_get(critical))
            .route("/paid", on_get(paid))
            .route("/unless-frozen", on_get(unless_frozen))
            .route("/plans", on_get(plans))
            .with_state(validator.clone());
        Self { issuer, validator, app, clock }
    }

    fn token(&self) -> String {
        self.issuer.token().subject("kp_1").permission("read:todos").permission("delete:todos").sign()
    }

    async fn status(&self, path: &str, token: &str) -> StatusCode {
        send(&self.app, get(path, Some(token))).await.status
    }

    fn asked(&self) -> u64 {
        ACCOUNT_API.iter().map(|endpoint| self.issuer.requests(*endpoint)).sum()
    }
}

#[tokio::test]
async fn a_live_rule_follows_the_account_not_the_token() {
    let stage = Stage::new().await;
    let token = stage.token();
    assert_eq!(
        stage.status("/critical", &token).await,
        StatusCode::OK,
        "the account says what the token says"
    );
    stage.issuer.set_account("kp_1", AccountData::new("org_1").permission("read:todos"));
    stage.clock.advance(MINUTE);
    let answer = send(&stage.app, get("/critical", Some(&token))).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(answer.json()["missing"], json!({"permissions": ["delete:todos"]}));
    let challenge = r#"Bearer error="insufficient_scope", scope="delete:todos""#;
    assert_eq!(answer.header("www-authenticate"), challenge);
}

#[tokio::test]
async fn kinde_is_not_asked_if_the_token_decides() {
    let stage = Stage::new().await;
    let owner = stage.issuer.token().role("owner").sign();
    assert_eq!(stage.status("/paid", &owner).await, StatusCode::OK);
    let nobody = stage.issuer.token().permission("delete:todos").sign();
    let refused = send(&stage.app, get("/critical", Some(&nobody))).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(
        refused.json()["missing"],
        json!({"permissions": ["read:todos"]}),
        "of the rest nothing is known"
    );
    assert_eq!(stage.asked(), 0);
}

#[tokio::test]
async fn only_verified_tokens_are_shown_to_kinde() {
    let stage = Stage::new().await;
    for bad in [stage.issuer.token().expired().sign(), stage.issuer.token().unsigned(), "x.y.z".to_owned()] {
        assert_eq!(stage.status("/unless-frozen", &bad).await, StatusCode::UNAUTHORIZED);
        assert!(stage.validator.account(&bad).await.is_err());
    }
    assert_eq!(stage.asked(), 0);
}

#[tokio::test]
async fn an_answer_is_used_for_a_minute_and_by_its_token_alone() {
    let stage = Stage::new().await;
    let (one, other) = (stage.token(), stage.token());
    for _ in 0..3 {
        assert_eq!(stage.status("/critical", &one).await, StatusCode::OK);
    }
    assert_eq!(stage.asked(), 1);
    assert_eq!(stage.status("/critical", &other).await, StatusCode::OK);
    assert_eq!(stage.asked(), 2, "another token of the same user");
    stage.clock.advance(Duration::from_millis(59_999));
    stage.status("/critical", &one).await;
    assert_eq!(stage.asked(), 2);
    stage.clock.advance(Duration::from_millis(1));
    stage.status("/critical", &one).await;
    assert_eq!(stage.asked(), 3);
}

#[tokio::test]
async fn the_time_an_answer_is_used_can_be_set() {
    let stage = Stage::new().await;
    let validator = stage.issuer.validator_builder().live_cache(Duration::ZERO).connect().await.unwrap();
    let token = stage.token();
    for _ in 0..3 {
        validator.authorize_token(&token, &requirement!(permissions = live(["delete:todos"]))).await.unwrap();
    }
    assert_eq!(stage.asked(), 3);
    let too_long = stage.issuer.validator_builder().live_cache(Duration::from_secs(601)).connect().await;
    assert_eq!(too_long.unwrap_err().setting(), "live_cache");
}

#[tokio::test]
async fn requests_that_wait_for_the_same_answer_ask_once() {
    let stage = Stage::new().await;
    let token = stage.token();
    stage.issuer.set_fault(Endpoint::Permissions, Fault::Hang);
    let waiting: Vec<_> = (0..20)
        .map(|_| {
            let (app, token) = (stage.app.clone(), token.clone());
            tokio::spawn(async move { send(&app, get("/critical", Some(&token))).await.status })
        })
        .collect();
    stage.issuer.wait_for_requests(Endpoint::Permissions, 1).await;
    // The request that started the question is dropped; the others still get the answer.
    waiting[0].abort();
    stage.issuer.set_fault(Endpoint::Permissions, Fault::None);
    for one in waiting.into_iter().skip(1) {
        assert_eq!(one.await.unwrap(), StatusCode::OK);
    }
    assert_eq!(stage.asked(), 1);
}

#[tokio::test]
async fn an_outage_is_503_until_kinde_answers_again() {
    let stage = Stage::new().await;
    let token = stage.token();
    let faults = [
        Fault::Status(500),
        Fault::Status(401),
        Fault::Status(204),
        Fault::Drop,
        Fault::CutOff,
        Fault::Truncated,
        Fault::Html,
        Fault::Huge(512 * 1024 + 1),
        Fault::Endless,
        Fault::Redirect(format!("{}/account_api/v1/roles", stage.issuer.url())),
        Fault::Body(b"[]".to_vec()),
        Fault::Body(br#"{"data":null}"#.to_vec()),
        Fault::Body(br#"{"data":{"permissions":"delete:todos"}}"#.to_vec()),
        Fault::Body(br#"{"data":{"permissions":["delete:todos"]}}"#.to_vec()),
        Fault::Body(
            br#"{"data":{"permissions":[{"key":"delete:todos"}]},"metadata":{"has_more":true}}"#.to_vec(),
        ),
    ];
    for fault in faults {
        stage.issuer.set_fault(Endpoint::Permissions, fault.clone());
        let answer = send(&stage.app, get("/critical", Some(&token))).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{fault:?}");
        assert_eq!(answer.header("retry-after"), "5");
        assert_eq!(answer.header("www-authenticate"), "");
        let body = answer.json();
        assert_eq!(body["error"], "Token validation failed");
        assert_eq!(body["code"], "live_check_unavailable");
        stage.clock.advance(Duration::from_secs(5));
    }
    assert_eq!(stage.issuer.requests(Endpoint::Roles), 0, "no redirection is followed");
    stage.issuer.set_fault(Endpoint::Permissions, Fault::None);
    assert_eq!(stage.status("/critical", &token).await, StatusCode::OK);
}

#[tokio::test]
async fn a_question_without_an_answer_times_out() {
    let stage = Stage::new().await;
    let token = stage.token();
    stage.issuer.set_fault(Endpoint::Permissions, Fault::Hang);
    let (validator, clock) = (stage.validator.clone(), stage.clock.clone());
    let asking = tokio::spawn(async move { validator.account(&token).await.unwrap().permissions().await });
    stage.issuer.wait_for_requests(Endpoint::Permissions, 1).await;
    clock.advance(Duration::from_secs(10));
    assert_eq!(asking.await.unwrap().unwrap_err().kind(), &LiveErrorKind::TimedOut);
}

/// The ten seconds are for all questions of the rule together, not for each.
#[tokio::test]
async fn a_rule_times_out_after_ten_seconds_in_all() {
    const RULE: &str = r#"permissions = live(["a"]), roles = live(["a"]), feature_flags = live(["a"]), billing_entitlements = ["a"]"#;
    let stage = Stage::new().await;
    let token = stage.token();
    let account =
        AccountData::new("org_1").permission("a").role("a").feature_flag("a", true).entitlement("a");
    stage.issuer.set_account("kp_1", account);
    stage.issuer.set_fault(Endpoint::Permissions, Fault::Hang);
    stage.issuer.set_fault(Endpoint::Roles, Fault::Hang);
    let (validator, shown) = (stage.validator.clone(), token.clone());
    let asking = tokio::spawn(async move {
        let rule: Rule = RULE.parse().unwrap();
        validator.account(&shown).await.unwrap().has(&rule).await
    });
    stage.issuer.wait_for_requests(Endpoint::Permissions, 1).await;
    stage.clock.advance(Duration::from_secs(6));
    stage.issuer.set_fault(Endpoint::Permissions, Fault::None);
    stage.issuer.wait_for_requests(Endpoint::Roles, 1).await;
    stage.clock.advance(Duration::from_secs(4));
    assert_eq!(asking.await.unwrap().unwrap_err().kind(), &LiveErrorKind::TimedOut);
    // The first answer is cached, the open question is not asked again, and the next attempt has its own ten seconds.
    stage.issuer.set_fault(Endpoint::Roles, Fault::None);
    let account = stage.validator.account(&token).await.unwrap();
    assert!(account.has(&RULE.parse::<Rule>().unwrap()).await.unwrap());
    assert_eq!(stage.asked(), 4, "one question of each kind");
}

#[tokio::test]
async fn lists_come_in_pages_up_to_twenty() {
    let stage = Stage::new().await;
    let token = stage.token();
    stage.issuer.set_page_limit(2);
    let keys: Vec<String> = (0..40).map(|n| format!("do:{n}")).collect();
    let account = keys.iter().fold(AccountData::new("org_1"), |account, key| account.permission(key));
    stage.issuer.set_account("kp_1", account.clone());
    let asked = stage.validator.account(&token).await.unwrap();
    let held = asked.permissions().await.unwrap();
    assert!(held.iter().eq(keys.iter().map(String::as_str)));
    assert_eq!(stage.issuer.requests(Endpoint::Permissions), 20);
    stage.issuer.set_account("kp_1", account.permission("do:40"));
    stage.clock.advance(MINUTE);
    assert_eq!(asked.permissions().await.unwrap_err().kind(), &LiveErrorKind::TooManyPages);
    assert_eq!(stage.issuer.requests(Endpoint::Permissions), 40);
}

#[tokio::test]
async fn pages_that_never_end_are_not_followed_for_ever() {
    let stage = Stage::new().await;
    let token = stage.token();
    let page =
        br#"{"data":{"permissions":[]},"metadata":{"has_more":true,"next_page_starting_after":"perm_1"}}"#;
    stage.issuer.set_fault(Endpoint::Permissions, Fault::Body(page.to_vec()));
    let account = stage.validator.account(&token).await.unwrap();
    assert_eq!(account.permissions().await.unwrap_err().kind(), &LiveErrorKind::TooManyPages);
    assert_eq!(stage.issuer.requests(Endpoint::Permissions), 20);
}

#[tokio::test]
async fn only_the_configured_issuer_is_asked() {
    let stage = Stage::new().await;
    let elsewhere = Issuer::start().await.unwrap();
    // A key set that another host serves, and a token that names it as its issuer.
    let token = stage.issuer.token().issuer(elsewhere.url()).sign();
    assert!(matches!(stage.validator.account(&token).await, Err(kinde_perms::VerifyError::Token(_))));
    let jwks = format!("{}/.well-known/jwks", elsewhere.url());
    elsewhere.publish(&stage.issuer.signing_key());
    let validator = stage.issuer.validator_builder().jwks_url(jwks).connect().await.unwrap();
    let account = validator.account(&stage.token()).await.unwrap();
    assert!(account.permissions().await.unwrap().contains("delete:todos"));
    assert_eq!(ACCOUNT_API.iter().map(|endpoint| elsewhere.requests(*endpoint)).sum::<u64>(), 0);
    assert_eq!(stage.issuer.requests(Endpoint::Permissions), 1);
}

#[tokio::test]
async fn a_live_key_under_not_is_asked() {
    let stage = Stage::new().await;
    let token = stage.token();
    assert_eq!(stage.status("/unless-frozen", &token).await, StatusCode::OK);
    stage.issuer.set_account("kp_1", AccountData::new("org_1").feature_flag("frozen", true));
    stage.clock.advance(MINUTE);
    let answer = send(&stage.app, get("/unless-frozen", Some(&token))).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(answer.json()["missing"], json!({"withheld": {"feature_flags": [{"name": "frozen"}]}}));
    for (value, expected) in [
        (json!(false), StatusCode::OK),
        (json!("no"), StatusCode::FORBIDDEN),
        (json!(0), StatusCode::FORBIDDEN),
        (json!(null), StatusCode::FORBIDDEN),
    ] {
        stage.issuer.set_account("kp_1", AccountData::new("org_1").feature_flag("frozen", value.clone()));
        stage.clock.advance(MINUTE);
        let answer = send(&stage.app, get("/unless-frozen", Some(&token))).await;
        assert_eq!(answer.status, expected, "{value}: only `false` is known to be off");
        if expected == StatusCode::FORBIDDEN {
            let missing = json!({"incomparable": {"feature_flags": [{"name": "frozen"}]}});
            assert_eq!(answer.json()["missing"], missing);
        }
    }
    stage.issuer.set_fault(Endpoint::FeatureFlags, Fault::Status(500));
    stage.clock.advance(MINUTE);
    assert_eq!(
        stage.status("/unless-frozen", &token).await,
        StatusCode::SERVICE_UNAVAILABLE,
        "unknown is not absent"
    );
}

#[tokio::test]
async fn a_machine_has_no_account() {
    let stage = Stage::new().await;
    let machine = stage.issuer.token().machine().sign();
    for path in ["/unless-frozen", "/paid"] {
        assert_eq!(stage.status(path, &machine).await, StatusCode::FORBIDDEN);
    }
    assert_eq!(stage.asked(), 0);
}

#[tokio::test]
async fn entitlements_go_by_their_price_name() {
    let stage = Stage::new().await;
    let token = stage.token();
    let account = AccountData::new("org_1").plan("pro").entitlement("Pro plan").entitlement("Exports");
    stage.issuer.set_account("kp_1", account);
    assert_eq!(stage.status("/paid", &token).await, StatusCode::OK);
    assert_eq!(send(&stage.app, get("/plans", Some(&token))).await.body, b"Pro plan,Exports");
    assert_eq!(stage.issuer.requests(Endpoint::Entitlements), 1, "guard and handler share the answer");
    let account = stage.validator.account(&token).await.unwrap();
    let one = account.entitlement("pro-plan").await.unwrap();
    assert_eq!(one.entitlement().price_name(), Some("Pro plan"));
    assert_eq!(account.entitlement("a/../b?").await.unwrap_err().kind(), &LiveErrorKind::Status(404));
    assert_eq!(account.entitlements().await.unwrap().plans()[0].key(), "pro");
    assert!(!account.has(&requirement!(billing_entitlements = ["pro-plan"])).await.unwrap());
}

#[tokio::test]
async fn rules_of_every_type_are_checked() {
    let stage = Stage::new().await;
    let token = stage.token();
    stage.issuer.set_account("kp_1", AccountData::new("org_1").role("admin"));
    let check =
        async |text: &str| stage.validator.authorize_token(&token, &text.parse::<Rule>().unwrap()).await;
    assert!(
        check(r#"roles = live(["admin"])"#)
            .await
            .is_ok_and(|claims: Claims| claims.subject() == Some("kp_1"))
    );
    let refused = check(r#"roles = live(["owner"]), permissions = ["x"]"#).await.unwrap_err();
    assert_eq!(refused.to_string(), "token lacks permission `x`");
    let refused = check(r#"any(roles = live(["owner"]), permissions = live(["x"]))"#).await.unwrap_err();
    assert_eq!(refused.to_string(), "account lacks permission `x`");
    assert!(
        stage.validator.authorize_token(&token, &requirement!(permissions = ["read:todos"])).await.is_ok()
    );
    let granted = async { Ok::<_, Rejection>(critical(stage.validator.grant(&token).await?).await) };
    assert!(matches!(granted.await.unwrap_err().reason(), Reason::Denied(_)));
}

#[tokio::test]
async fn every_check_is_observed() {
    let stage = Stage::new().await;
    let told = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&told);
    let observer = move |event: &AuditEvent<'_>| log.lock().unwrap().push(event.to_string());
    let builder = stage.issuer.validator_builder().live_cache(Duration::ZERO).observer(observer);
    let (validator, token) = (builder.connect().await.unwrap(), stage.token());
    let rule = requirement!(permissions = live(["delete:todos"]));
    validator.authorize_token(&token, &rule).await.unwrap();
    validator.authorize_token("x.y.z", &rule).await.unwrap_err();
    validator.authorize_token(&token, &r#"scopes = ["x"]"#.parse::<Rule>().unwrap()).await.unwrap_err();
    stage.issuer.set_fault(Endpoint::Permissions, Fault::Status(500));
    validator.authorize_token(&token, &rule).await.unwrap_err();
    let told = told.lock().unwrap();
    assert_eq!(told[0], r#"allowed by kp_1: permissions = live(["delete:todos"])"#);
    assert!(told[1].starts_with("refused: "), "{}", told[1]);
    assert_eq!(told[2], "refused by kp_1: token lacks scope `x`");
    assert_eq!(
        told[3],
        "undecided by kp_1: rule cannot be decided: the account api answered with status 500"
    );
    assert_eq!(told.len(), 4);
}
