use super::*;

fn memory() -> Store {
    Store::open(Path::new(":memory:")).unwrap()
}

fn org(code: &str) -> Owner {
    Owner::organization(code)
}

async fn add(store: &Store, owner: Owner, by: &str, title: &str) -> Todo {
    store.create(owner, by.to_owned(), title.to_owned()).await.unwrap()
}

#[tokio::test]
async fn a_new_todo_is_not_done_and_is_listed() {
    let store = memory();
    let milk = add(&store, org("org_a"), "kp_1", "Milk").await;
    let expected = Todo { id: 1, title: "Milk".to_owned(), done: false, created_by: "kp_1".to_owned() };
    assert_eq!(milk, expected);
    assert_eq!(store.list(org("org_a")).await.unwrap(), [milk]);
}

#[tokio::test]
async fn an_owner_reaches_no_row_of_another() {
    let store = memory();
    let milk = add(&store, org("org_a"), "kp_1", "Milk").await;
    for other in [org("org_b"), Owner::user("org_a"), Owner::machine("org_a"), Owner::user("kp_1")] {
        assert!(store.list(other.clone()).await.unwrap().is_empty(), "{other:?}");
        assert!(store.creators(other.clone()).await.unwrap().is_empty(), "{other:?}");
        let change = Change { done: Some(true), ..Change::default() };
        assert_eq!(store.update(other.clone(), milk.id, change).await.unwrap(), None, "{other:?}");
        assert!(!store.delete(other.clone(), milk.id).await.unwrap(), "{other:?}");
    }
    assert_eq!(store.list(org("org_a")).await.unwrap(), [milk]);
}

#[tokio::test]
async fn a_change_sets_only_what_it_names() {
    let store = memory();
    let milk = add(&store, org("org_a"), "kp_1", "Milk").await;
    let change = Change { done: Some(true), ..Change::default() };
    let done = store.update(org("org_a"), milk.id, change).await.unwrap().unwrap();
    assert_eq!(done, Todo { done: true, ..milk });
    let change = Change { title: Some("Bread".to_owned()), ..Change::default() };
    let renamed = store.update(org("org_a"), done.id, change).await.unwrap().unwrap();
    assert_eq!(renamed, Todo { title: "Bread".to_owned(), ..done });
    let same = store.update(org("org_a"), renamed.id, Change::default()).await.unwrap();
    assert_eq!(same, Some(renamed));
}

#[tokio::test]
async fn the_id_of_a_deleted_todo_is_never_given_again() {
    let store = memory();
    let milk = add(&store, org("org_a"), "kp_1", "Milk").await;
    assert!(store.delete(org("org_a"), milk.id).await.unwrap());
    assert!(!store.delete(org("org_a"), milk.id).await.unwrap());
    assert_eq!(add(&store, org("org_b"), "kp_2", "Bread").await.id, 2);
}

#[tokio::test]
async fn creators_are_counted_within_their_organization() {
    let store = memory();
    for (owner, by) in [("org_a", "kp_2"), ("org_a", "kp_1"), ("org_a", "kp_2"), ("org_b", "kp_1")] {
        add(&store, org(owner), by, "Milk").await;
    }
    let counted = store.creators(org("org_a")).await.unwrap();
    let expected = [("kp_1", 1), ("kp_2", 2)].map(|(id, todos)| Creator { id: id.to_owned(), todos });
    assert_eq!(counted, expected);
}

#[tokio::test]
async fn text_is_stored_as_given() {
    let store = memory();
    for title in ["'); DROP TABLE todos; --", "nul \0 inside", " spaces ", "ÄÖÜ 🦀"] {
        assert_eq!(add(&store, org("org_a"), "kp_1", title).await.title, title);
    }
    assert_eq!(store.list(org("org_a")).await.unwrap().len(), 4);
}

#[tokio::test]
async fn a_query_that_panics_does_not_close_the_store() {
    let store = memory();
    let broken: Result<(), _> = store.call(|_| panic!("a bug in a query")).await;
    assert!(matches!(broken, Err(StoreError::Interrupted(_))));
    assert!(store.list(org("org_a")).await.unwrap().is_empty());
}
