//! Rules on functions without HTTP: the body runs only for claims that meet the rule. `forms` is the UI case with every
//! form of such a function.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use kinde_perms::{Claims, Denied, requires};
use kinde_perms_testkit::Offline;

use crate::ui::forms;

async fn claims(kinde: &Offline, permissions: &[&'static str], roles: &[&'static str]) -> Claims {
    let token = kinde.token().subject("kp_1").permissions(permissions.iter().copied());
    kinde.validator().verify(&token.role_strings(roles.iter().copied()).sign()).await.unwrap()
}

#[derive(Default)]
struct Runs(AtomicUsize);

#[requires(permissions = ["count"], claims = claims)]
fn count(runs: &Runs, claims: &Claims) -> Result<usize, Denied> {
    let _ = claims;
    Ok(runs.0.fetch_add(1, Ordering::Relaxed))
}

#[tokio::test]
async fn the_body_does_not_run_if_the_rule_is_not_met() {
    let kinde = Offline::new();
    let runs = Runs::default();
    let denied = count(&runs, &claims(&kinde, &["other"], &[]).await).unwrap_err();
    assert_eq!(denied.to_string(), "token lacks permission `count`");
    assert_eq!(runs.0.load(Ordering::Relaxed), 0);
    assert_eq!(count(&runs, &claims(&kinde, &["count"], &[]).await), Ok(0));
}

#[tokio::test]
async fn every_form_decides() {
    let kinde = Offline::new();
    let reader = claims(&kinde, &["read:todos"], &["user"]).await;
    let admin = claims(&kinde, &["delete:todos", "a"], &["admin"]).await;

    assert_eq!(forms::purge(&admin, vec![1, 2]).await.unwrap(), 2);
    let refused = forms::purge(&reader, vec![]).await.unwrap_err();
    assert_eq!(refused.to_string(), "token lacks permission `delete:todos` and role `admin`");

    assert_eq!(forms::read(&"x", reader.clone()).unwrap(), "x");
    assert!(forms::read(&"x", admin.clone()).is_err());

    assert_eq!(forms::both(&Arc::new(admin)), Ok(()));
    assert!(forms::both(&Arc::new(reader.clone())).is_err());

    let clerk = claims(&kinde, &["import", "export", "a"], &["b"]).await;
    assert_eq!(forms::import(&clerk, "41").unwrap(), 42);
    assert_eq!(forms::import(&reader, "41").unwrap_err().to_string(), "token lacks permission `import`");
    assert_eq!(forms::export(&clerk, ["x", "y"]).await.unwrap(), ["x"]);
    assert!(forms::export(&reader, ["x"]).await.unwrap_err().is::<Denied>());
    assert_eq!(forms::both_ways(&clerk).await, Ok(()));
    assert!(forms::chosen::<Denied, _>(&&clerk).is_ok());
    assert!(forms::chosen::<forms::ServiceError, _>(&&reader).is_err());

    let job = forms::Job::new(reader.clone());
    assert_eq!(job.run().await.unwrap(), Some("kp_1"));
    let refused = forms::Reports::count(&job, &reader).await.unwrap_err();
    assert_eq!(refused.to_string(), "token lacks permission `read:reports`");
    forms::main();
}
