//! The table of attacks: the requests of each, and the required answers.

mod alg;
mod claim;
mod endpoint;
mod form;
mod hdr;
mod http;
mod jwks;
mod own_claims;
mod own_form;
mod own_header;
mod own_http;
mod own_keys;
mod own_places;
mod own_rights;
mod padding;
mod pop;
mod sig;
mod time;
mod who;

use crate::attack::Attack;

/// Returns every row.
pub(crate) fn attacks() -> Vec<Attack> {
    [
        alg::attacks(),
        sig::attacks(),
        hdr::attacks(),
        form::attacks(),
        time::attacks(),
        who::attacks(),
        claim::attacks(),
        jwks::attacks(),
        endpoint::attacks(),
        http::attacks(),
        pop::attacks(),
        own_header::attacks(),
        own_form::attacks(),
        own_claims::attacks(),
        own_rights::attacks(),
        own_http::attacks(),
        own_places::attacks(),
        own_keys::attacks(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
