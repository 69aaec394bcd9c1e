//! The sign-in endpoints of an issuer.
//!
//! `store` keeps requests, codes, sessions and tokens, and does no I/O. `authorize` and `token` decide requests with
//! it, and `pages` writes HTML. Handlers do not wait, so that `answer` can apply a fault to each reply.

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
