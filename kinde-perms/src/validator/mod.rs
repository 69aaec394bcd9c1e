//! From a token string to claims.
//!
//! `builder` checks the settings and starts the keys; `verify` holds the validator and verifies a token with them; `cache` remembers verified tokens;
//! `refusal` is a token that is refused, or that waits for its key.

mod builder;
mod cache;
mod refusal;
mod settings;
mod verify;

pub use self::builder::{ConfigError, ConfigErrorKind, ValidatorBuilder};
pub use self::cache::{CacheConfig, CacheStats};
pub use self::verify::Validator;

pub(crate) use self::refusal::{Pending, Refusal};
pub(crate) use self::verify::ValidatorId;
