//! These tests check the kit with the crypto library and plain sockets, not with `kinde-perms`.

mod clock;
mod faults;
mod issuer;
mod keys;
mod offline;
mod tamper;
mod token;

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED, ED25519, ParsedPublicKey,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
    RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, VerificationAlgorithm,
};
use serde_json::Value;

use super::{Issuer, SigningKey, TokenParts};
use kinde_perms::Algorithm;

/// Returns `true` if `token` carries a signature that `key` made with `algorithm`.
fn is_signed(token: &str, key: &SigningKey, algorithm: Algorithm) -> bool {
    let (input, _) = token.rsplit_once('.').unwrap();
    let signature = TokenParts::of(token).signature;
    verifies(key, algorithm, input.as_bytes(), &signature)
}

fn verifies(key: &SigningKey, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
    let public = ParsedPublicKey::new(verification(algorithm), key.public_key()).unwrap();
    public.verify_sig(message, signature).is_ok()
}

fn verification(algorithm: Algorithm) -> &'static dyn VerificationAlgorithm {
    match algorithm {
        Algorithm::Rs256 => &RSA_PKCS1_2048_8192_SHA256,
        Algorithm::Rs384 => &RSA_PKCS1_2048_8192_SHA384,
        Algorithm::Rs512 => &RSA_PKCS1_2048_8192_SHA512,
        Algorithm::Ps256 => &RSA_PSS_2048_8192_SHA256,
        Algorithm::Ps384 => &RSA_PSS_2048_8192_SHA384,
        Algorithm::Ps512 => &RSA_PSS_2048_8192_SHA512,
        Algorithm::Es256 => &ECDSA_P256_SHA256_FIXED,
        Algorithm::Es384 => &ECDSA_P384_SHA384_FIXED,
        Algorithm::Es512 => &ECDSA_P521_SHA512_FIXED,
        Algorithm::EdDsa => &ED25519,
        other => panic!("the kit signs no {other:?}"),
    }
}

/// An answer as read from the socket.
struct Answer {
    head: String,
    body: String,
}

impl Answer {
    fn status(&self) -> &str {
        self.head.split(' ').nth(1).unwrap_or_default()
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }
}

/// Sends one request on a connection of its own and reads until the server closes it.
async fn fetch(issuer: &Issuer, path: &str) -> io::Result<Answer> {
    let (address, path) = (issuer.url().trim_start_matches("http://").to_owned(), path.to_owned());
    tokio::task::spawn_blocking(move || fetch_blocking(&address, &path)).await.unwrap()
}

fn fetch_blocking(address: &str, path: &str) -> io::Result<Answer> {
    let mut stream = TcpStream::connect(address)?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
    Ok(Answer { head: head.to_ascii_lowercase(), body: body.to_owned() })
}
