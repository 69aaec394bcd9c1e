//! Token verification: bytes, keys and the time of day in; claims out.

mod algorithm;
pub(crate) mod keys;
mod modulus;
pub(crate) mod signature;

pub use algorithm::Algorithm;
pub(crate) use algorithm::Family;
