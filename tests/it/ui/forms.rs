//! Rules on functions that are no handlers: free ones and methods, waiting or not, generic, in traits.
#![deny(warnings, clippy::all, clippy::pedantic)]
#![deny(
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    unnameable_types,
    unused_qualifications
)]
#![allow(unreachable_pub, reason = "the case is a crate, and a module of the integration tests as well")]
#![forbid(unsafe_code, nonstandard_style)]
#![allow(dead_code, reason = "what is not called here is called by the integration tests")]
#![allow(clippy::unused_async, reason = "about the bodies of the cases")]

use std::error::Error;
use std::fmt;
use std::num::ParseIntError;
use std::ops::Deref;
use std::sync::Arc;

use kinde_perms::{Claims, Denied, requirement, requires};

const ADMIN: &str = "admin";

/// What can go wrong.
#[derive(Debug)]
pub(crate) enum ServiceError {
    /// The caller may not.
    Denied(Denied),
}

impl From<Denied> for ServiceError {
    fn from(denied: Denied) -> Self {
        Self::Denied(denied)
    }
}

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Denied(denied) = self;
        denied.fmt(f)
    }
}

type Outcome<T> = Result<T, ServiceError>;

/// By reference, and the body may begin with inner attributes.
#[requires(permissions = ["delete:todos"], roles = [ADMIN], claims = claims)]
pub(crate) async fn purge(claims: &Claims, list: Vec<u32>) -> Result<usize, ServiceError> {
    #![allow(clippy::needless_pass_by_value, reason = "inner attributes come first")]
    let _ = claims;
    Ok(list.len())
}

/// By value, not waiting, generic, with an alias as its type.
#[requires(permissions = ["read:todos"], claims = claims)]
pub(crate) fn read<T: Clone>(value: &T, claims: Claims) -> Outcome<T> {
    drop(claims);
    Ok(value.clone())
}

/// Two rules are one, and a refusal may be the error itself.
#[requires(permissions = ["a"], claims = caller)]
#[requires(any(roles = ["b"], not(permissions = ["c"])))]
pub(crate) fn both(caller: &Arc<Claims>) -> Result<(), Denied> {
    Ok(())
}

/// The error of those who do not care which, `?`, and items and a nested function in the body.
#[requires(permissions = ["import"], claims = claims)]
pub(crate) fn import(claims: &Claims, text: &str) -> Result<u32, Box<dyn Error>> {
    const BASE: u32 = 10;
    fn digits(text: &str) -> Result<u32, ParseIntError> {
        u32::from_str_radix(text, BASE)
    }
    let number = digits(text)?;
    Ok(number.saturating_add(u32::from(claims.subject().is_some())))
}

/// The same, waiting, with a hidden type and a lifetime.
#[requires(any(permissions = ["export"], roles = [ADMIN]), claims = claims)]
pub(crate) async fn export<'a>(
    claims: &Claims,
    lists: impl IntoIterator<Item = &'a str>,
) -> Result<Vec<&'a str>, Box<dyn Error + Send + Sync>> {
    let lists: Vec<_> = lists.into_iter().collect();
    let first = lists.first().ok_or("nothing to export")?;
    both_ways(claims).await?;
    Ok(vec![first])
}

/// A refusal as the error, waiting, passed on by `?`, with nothing in the body.
#[requires(permissions = ["a"], claims = claims)]
pub(crate) async fn both_ways(claims: &Claims) -> Result<(), Denied> {
    both(&Arc::new(claims.clone()))?;
    Ok(())
}

/// An error of the caller's choice.
#[requires(permissions = ["a"], claims = claims)]
pub(crate) fn chosen<E, C>(claims: &C) -> Result<(), E>
where
    E: From<Denied>,
    C: Deref<Target = Claims>,
{
    Ok(())
}

/// On one line.
#[rustfmt::skip]
#[requires(permissions = ["a"], claims = claims)]
pub(crate) fn five(claims: &Claims) -> Result<u8, Denied> { Ok(5) }

macro_rules! service {
    ($name:ident, $error:ident, $output:ty) => {
        /// As a macro by example writes it.
        #[requires(permissions = ["a"], claims = claims)]
        pub(crate) fn $name(claims: &Claims) -> $output {
            Err($error::from(claims.require(&requirement!(roles = ["b"])).unwrap_err()))
        }
    };
}

service!(written, Denied, Result<(), Denied>);

macro_rules! outcome_of {
    ($name:ident, $outcome:ident) => {
        /// With the name of the type from outside.
        #[requires(permissions = ["a"], claims = claims)]
        pub(crate) fn $name(claims: &Claims) -> $outcome<()> {
            Ok(())
        }
    };
}

outcome_of!(named, Outcome);

/// Claims in a tuple.
#[derive(Debug)]
pub(crate) struct Caller(Claims, u8);

impl Caller {
    /// The first of its fields.
    #[requires(permissions = ["a"], claims = self.0)]
    pub(crate) fn number(&self) -> Result<u8, Denied> {
        Ok(self.1)
    }
}

/// Runs jobs for somebody.
#[derive(Debug)]
pub(crate) struct Job {
    claims: Claims,
}

impl Job {
    /// For somebody.
    pub(crate) fn new(claims: Claims) -> Self {
        Self { claims }
    }

    /// A method, in a block without `#[handlers]`.
    #[requires(permissions = ["read:todos"], claims = self.claims)]
    pub(crate) async fn run(&self) -> Result<Option<&str>, ServiceError> {
        Ok(self.claims.subject())
    }
}

/// What a client may ask for.
pub(crate) trait Reports {
    /// Counts.
    async fn count(&self, claims: &Claims) -> Result<u64, ServiceError>;
}

impl Reports for Job {
    #[requires(permissions = ["read:reports"], claims = claims)]
    async fn count(&self, claims: &Claims) -> Result<u64, ServiceError> {
        Ok(u64::from(claims.subject().is_some()))
    }
}

pub(crate) fn main() {}
