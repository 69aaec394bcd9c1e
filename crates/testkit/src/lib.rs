//! A test kit: real tokens, an issuer that can be broken on purpose, and a clock that tests move by hand.
//!
//! Permissions are worth testing through the code that enforces them. So there is no switch that turns verification
//! off, and no way to make [`Claims`](kinde_perms::Claims) up: tests sign real tokens with a key made for them, and a real
//! [`Validator`](kinde_perms::Validator) verifies them.
//!
//! | for | use |
//! |---|---|
//! | claims in a plain `#[test]`, a validator without network | [`Offline`] |
//! | a token, right or wrong | [`TokenBuilder`], from [`Issuer::token`] or [`Offline::token`] |
//! | the viewer, editor and admin of Kinde's guide | [`Persona`] |
//! | a good token that was tampered with | [`TokenParts`] |
//! | keys over HTTP, key rotation, outages | [`Issuer`], [`Fault`] |
//! | people who sign in, with a browser or without | [`Client`], [`Person`], [`Issuer`] |
//! | revoked, expired and not yet valid tokens | [`Issuer::revoke`], [`Issuer::set_token_life`], [`Issuer::set_clock_skew`] |
//! | answers of Kinde's Account API | [`Issuer::set_account`], [`AccountData`] |
//! | a clock that stands still | [`ManualClock`] |
//!
//! Add the kit to the `[dev-dependencies]`, in the version of `kinde-perms`: `cargo add --dev kinde-perms-testkit`.
#![doc = "\n\n"]
#![doc = include_str!("levels.md")]

// `Cargo.toml` requires this very version, but a patched or copied dependency can have another one, whose errors would
// show far from their cause.
const _: () = assert!(
    kinde_perms::__crates::is_version(env!("CARGO_PKG_VERSION")),
    "{}",
    concat!(
        "kinde-perms-testkit ",
        env!("CARGO_PKG_VERSION"),
        " works with kinde-perms ",
        env!("CARGO_PKG_VERSION"),
        " alone, and found another version: name the same version of both in Cargo.toml (or the same path, or the same \
         revision), or run `cargo update -p kinde-perms -p kinde-perms-testkit`",
    ),
);

mod account;
mod account_api;
mod answer;
mod body;
mod builder;
mod client;
mod clock;
mod control;
mod der;
mod faults;
mod ids;
mod issuer;
mod keys;
mod offline;
mod person;
mod persona;
mod reply;
mod routes;
mod settings;
mod signin;
mod skew;
mod snapshot;
mod state;
mod tamper;
mod token;

#[cfg(test)]
mod tests;

pub use self::account::AccountData;
pub use self::builder::IssuerBuilder;
pub use self::client::Client;
pub use self::clock::ManualClock;
pub use self::control::ControlError;
pub use self::faults::{Endpoint, Fault};
pub use self::issuer::Issuer;
pub use self::keys::SigningKey;
pub use self::offline::Offline;
pub use self::person::Person;
pub use self::persona::Persona;
#[doc(hidden)]
pub use self::snapshot::access_snapshot;
pub use self::tamper::{TokenParts, pem};
pub use self::token::{Hmac, TokenBuilder};
