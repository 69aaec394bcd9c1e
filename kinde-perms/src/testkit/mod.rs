//! A test kit: real tokens, a local issuer that can be broken on purpose, and a clock that tests move by hand.

pub mod clock;
pub mod faults;
pub mod issuer;
pub mod keys;
pub mod persona;
pub mod tamper;
pub mod token;

mod body;
mod der;
mod ids;
mod routes;
mod state;

#[cfg(test)]
mod tests;

pub use clock::ManualClock;
pub use faults::{Endpoint, Fault};
pub use issuer::{Issuer, IssuerBuilder};
pub use keys::SigningKey;
pub use persona::Persona;
pub use tamper::TokenParts;
pub use token::{Hmac, TokenBuilder};
