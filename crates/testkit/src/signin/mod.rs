//! Signing in: the part of an issuer that people and applications meet.
//!
//! `store` says what is under way and is pure; `authorize` and `token` judge requests by it; `pages` is what people see.
//! An answer is made without waiting, so that a fault can be done to it like to any document.

pub(crate) mod authorize;
mod bounded;
mod cookies;
pub(crate) mod cors;
mod credentials;
mod form;
pub(crate) mod local;
pub(crate) mod management;
mod mint;
pub(crate) mod pages;
mod pkce;
mod refresh;
mod refusal;
pub(crate) mod session;
mod sign_in;
mod store;
pub(crate) mod token;

pub(crate) use self::credentials::bearer;
pub(crate) use self::sign_in::SignIn;
pub(crate) use self::store::REFRESH_LIFE;
