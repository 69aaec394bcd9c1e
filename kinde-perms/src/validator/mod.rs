//! The validator, which verifies a token and returns its claims.
//!
//! 1. `builder` validates the settings and creates the keyring.
//! 2. `verify` has the [`Validator`]: it takes the claims from the cache, or verifies the token.
//! 3. `cache` keeps the claims of verified tokens.
//! 4. `refusal` is a token that is refused, or that waits for its key.

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
