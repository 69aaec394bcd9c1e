//! Joins the published list and the table into trials.

use std::collections::BTreeMap;
use std::sync::Arc;

use libtest_mimic::{Completion, Failed, Trial};
use serde::Deserialize;

use crate::attack::{Attack, Verdict};
use crate::stage::Stage;
use crate::table;
use crate::tally::Tally;

const PUBLISHED: &str = include_str!("attacks.json");

/// The category of the attacks that are not in the published list.
const OWN: &str = "own";

/// A row of the published list.
#[derive(Clone, Debug, Deserialize)]
struct Published {
    id: String,
    name: String,
    category: String,
    expected: String,
}

/// One trial for each row of either list.
pub(crate) fn trials(tally: &Arc<Tally>) -> Vec<Trial> {
    let published: Vec<Published> = serde_json::from_str(PUBLISHED).expect("a list of attacks");
    let mut table = BTreeMap::new();
    let mut trials = Vec::new();
    for attack in table::attacks() {
        if let Some(twice) = table.insert(attack.id, attack) {
            trials.push(broken(twice.id, "is in the table twice"));
        }
    }
    for row in published {
        trials.push(match table.remove(row.id.as_str()) {
            Some(attack) => trial(&row.category, &row.name, Some(row.expected), attack, tally),
            None => broken(&row.id, "is not in the table"),
        });
    }
    // The remaining attacks must be our own.
    trials.extend(table.into_values().map(|attack| match attack.name {
        Some(name) if attack.id.starts_with("own-") => trial(OWN, name, None, attack, tally),
        _ => broken(attack.id, "is not in the published list"),
    }));
    trials
}

fn broken(id: &str, fault: &'static str) -> Trial {
    Trial::test(format!("catalogue/{id} {fault}"), move || Err(Failed::from(fault)))
}

fn trial(category: &str, name: &str, expected: Option<String>, attack: Attack, tally: &Arc<Tally>) -> Trial {
    let category = category.to_owned();
    let tally = Arc::clone(tally);
    let note = attack.choice.map(|choice| format!(" [{choice}]")).unwrap_or_default();
    Trial::ignorable_test(format!("{category}/{} {name}{note}", attack.id), move || {
        if let Verdict::NotApplicable(reason) = attack.verdict {
            tally.as_expected(&category, attack.verdict);
            return Ok(Completion::ignored_with(reason));
        }
        tally.begun(&category);
        if let Some(expected) = expected {
            agree(&attack, &expected)?;
        }
        run(&attack);
        tally.as_expected(&category, attack.verdict);
        Ok(Completion::Completed)
    })
}

/// Words of an expectation that leaves something open.
const OPEN: [&str; 5] = [" or 400", " or reject", "accept only", "documented", "strict"];

/// Fails if the table differs from the published expectation, or decides an open one, without a written reason.
fn agree(attack: &Attack, expected: &str) -> Result<(), Failed> {
    let published = if expected.starts_with("reject 40") {
        Some(Verdict::Refused)
    } else if expected.starts_with("accept 200") {
        Some(Verdict::Accepted)
    } else {
        None
    };
    let open = OPEN.iter().any(|word| expected.contains(word));
    let decided = published == Some(attack.verdict) && !open;
    if decided || attack.choice.is_some() {
        return Ok(());
    }
    Err(format!("the list expects `{expected}`, and the table does not say what was chosen").into())
}

fn run(attack: &Attack) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        for batch in &attack.batches {
            Stage::of(batch.setup).await.run(batch).await;
        }
        for scene in &attack.scenes {
            scene().await;
        }
    });
    assert!(!(attack.batches.is_empty() && attack.scenes.is_empty()), "nothing was tried");
}
