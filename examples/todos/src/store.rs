//! The todos in SQLite: every query is bound to one [`Owner`].

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::Serialize;

/// `owner` stands in every query, so that no statement can reach another tenant's rows. `AUTOINCREMENT`
/// never reuses the id of a deleted todo: an old link must not lead to another owner's todo.
const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS todos (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        owner TEXT NOT NULL,
        created_by TEXT NOT NULL,
        title TEXT NOT NULL,
        done INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE INDEX IF NOT EXISTS todos_by_owner ON todos (owner, created_by);
";

const LIST: &str = "SELECT id, title, done, created_by FROM todos WHERE owner = ?1 ORDER BY id";
const INSERT: &str = "
    INSERT INTO todos (owner, created_by, title) VALUES (?1, ?2, ?3)
    RETURNING id, title, done, created_by";
const UPDATE: &str = "
    UPDATE todos SET title = COALESCE(?3, title), done = COALESCE(?4, done)
    WHERE owner = ?1 AND id = ?2
    RETURNING id, title, done, created_by";
const DELETE: &str = "DELETE FROM todos WHERE owner = ?1 AND id = ?2";
const CREATOR: &str = "SELECT created_by FROM todos WHERE owner = ?1 AND id = ?2";
const COUNT: &str =
    "SELECT created_by, COUNT(*) FROM todos WHERE owner = ?1 GROUP BY created_by ORDER BY created_by";

/// A todo as stored and as sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Todo {
    pub(crate) id: i64,
    title: String,
    done: bool,
    created_by: String,
}

/// The fields to change; a field that is `None` keeps its value.
#[derive(Debug, Default)]
pub(crate) struct Change {
    pub(crate) title: Option<String>,
    pub(crate) done: Option<bool>,
}

/// A creator of todos, and the number of these todos.
#[derive(Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub(crate) struct Creator {
    id: String,
    todos: i64,
}

/// The owner of the rows that a request may see: an organization, or the caller alone if the token names no organization.
///
/// A prefix keeps the kinds apart: an organization shares nothing with a user whose id equals its code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Owner(String);

impl Owner {
    pub(crate) fn organization(code: &str) -> Self {
        Self(format!("org:{code}"))
    }

    pub(crate) fn user(subject: &str) -> Self {
        Self(format!("user:{subject}"))
    }

    pub(crate) fn machine(client: &str) -> Self {
        Self(format!("machine:{client}"))
    }
}

/// The database. Clones share one connection, as SQLite has one writer anyway.
#[derive(Clone)]
pub struct Store {
    connection: Arc<Mutex<Connection>>,
}

impl Store {
    /// Opens the database at `path`, or creates it; `:memory:` is one that ends with the process.
    ///
    /// # Errors
    ///
    /// When the file cannot be opened, or is not a database.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let connection = Connection::open(path)?;
        connection.execute_batch(SCHEMA)?;
        Ok(Self { connection: Arc::new(Mutex::new(connection)) })
    }

    pub(crate) async fn list(&self, owner: Owner) -> Result<Vec<Todo>, StoreError> {
        self.call(move |connection| {
            let mut statement = connection.prepare_cached(LIST)?;
            statement.query_map(params![owner.0], todo)?.collect()
        })
        .await
    }

    pub(crate) async fn create(&self, owner: Owner, by: String, title: String) -> Result<Todo, StoreError> {
        self.call(move |connection| {
            connection.prepare_cached(INSERT)?.query_one(params![owner.0, by, title], todo)
        })
        .await
    }

    /// Returns the creator of a todo; `None` if this owner has no todo with the id.
    pub(crate) async fn creator_of(&self, owner: Owner, id: i64) -> Result<Option<String>, StoreError> {
        self.call(move |connection| {
            let mut statement = connection.prepare_cached(CREATOR)?;
            statement.query_one(params![owner.0, id], |row| row.get(0)).optional()
        })
        .await
    }

    /// Changes a todo; `None` if this owner has none with the id.
    pub(crate) async fn update(
        &self,
        owner: Owner,
        id: i64,
        change: Change,
    ) -> Result<Option<Todo>, StoreError> {
        self.call(move |connection| {
            let values = params![owner.0, id, change.title, change.done];
            connection.prepare_cached(UPDATE)?.query_one(values, todo).optional()
        })
        .await
    }

    /// Deletes a todo; `false` if this owner has none with the id.
    pub(crate) async fn delete(&self, owner: Owner, id: i64) -> Result<bool, StoreError> {
        self.call(move |connection| Ok(connection.prepare_cached(DELETE)?.execute(params![owner.0, id])? > 0))
            .await
    }

    pub(crate) async fn creators(&self, owner: Owner) -> Result<Vec<Creator>, StoreError> {
        self.call(move |connection| {
            let mut statement = connection.prepare_cached(COUNT)?;
            statement
                .query_map(params![owner.0], |row| Ok(Creator { id: row.get(0)?, todos: row.get(1)? }))?
                .collect()
        })
        .await
    }

    /// Runs a query where blocking is allowed: SQLite waits for the disk, and the async threads must not.
    async fn call<T, F>(&self, query: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        let connection = Arc::clone(&self.connection);
        let task = move || {
            // A statement is atomic: a panic elsewhere leaves nothing half done behind the lock.
            let connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
            query(&connection)
        };
        Ok(tokio::task::spawn_blocking(task).await??)
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}

fn todo(row: &Row<'_>) -> rusqlite::Result<Todo> {
    Ok(Todo { id: row.get(0)?, title: row.get(1)?, done: row.get(2)?, created_by: row.get(3)? })
}

/// Why the database did not answer.
#[derive(Debug)]
#[non_exhaustive]
pub enum StoreError {
    /// SQLite refused the statement, or could not read or write its file.
    Database(rusqlite::Error),
    /// The query did not run to its end.
    Interrupted(tokio::task::JoinError),
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Database(error) => error.fmt(f),
            Self::Interrupted(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for StoreError {}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

impl From<tokio::task::JoinError> for StoreError {
    fn from(error: tokio::task::JoinError) -> Self {
        Self::Interrupted(error)
    }
}

#[cfg(test)]
mod tests;
