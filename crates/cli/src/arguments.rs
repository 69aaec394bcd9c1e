//! The arguments; their comments are the help texts.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::builder::RangedU64ValueParser;
use clap::{Args, Parser, Subcommand};

/// Inspects access matrices, manifests and tokens of APIs guarded by kinde-perms, and stands in for Kinde on this
/// machine
#[derive(Debug, Parser)]
#[command(name = "kinde-perms", bin_name = "kinde-perms", version)]
pub(crate) struct Arguments {
    /// Print JSON; a failure (exit status 2) is then an object on standard error: {"error": {"message": "…", "file":
    /// "…"}}, where "file" is left out if no file is at fault
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Access matrices, as `router.access().to_json()` writes them
    #[command(subcommand)]
    Access(Access),
    /// `kinde.toml`, which declares what exists in Kinde
    #[command(subcommand)]
    Manifest(Manifest),
    /// Access tokens; `inspect` and `explain` do not verify them, and no command sends them anywhere
    #[command(subcommand)]
    Token(Token),
    /// Starts an issuer on this machine, where people sign in without a password; not for production
    Dev(Dev),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Manifest {
    /// Lists everything that is wrong with a manifest; the exit status is 1 if there is an error
    Check {
        /// The manifest; by default the one that the macros read for the package of the current folder
        file: Option<PathBuf>,
        /// An access matrix; its routes are compared with the manifest
        #[arg(long)]
        access: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Access {
    /// Prints who may call what
    Show {
        /// The access matrix
        file: PathBuf,
        /// `text`, `markdown`, `json` or `html`
        #[arg(long, default_value = "text")]
        format: String,
    },
    /// Prints who gained and who lost access; the exit status is 1 if anybody gained access
    Diff {
        /// The matrix before the change
        before: PathBuf,
        /// The matrix after the change
        after: PathBuf,
        /// `text`, `markdown` or `json`
        #[arg(long, default_value = "text")]
        format: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Token {
    /// Signs a token for development, with a key of its own that no real issuer has
    ///
    /// An API accepts it if its issuer and audience are the same, and its key set is the public half of the key:
    /// `Validator::builder(issuer, audience).build_with_static_keys(key_set)`.
    Mint(Box<Mint>),
    /// Prints what a token says, without verifying it
    Inspect {
        /// The token; `-` reads it from standard input, which keeps it out of the shell's history
        #[arg(default_value = "-")]
        token: String,
    },
    /// Explains how a route answers a token, and which roles would do; the exit status is 1 if the token is refused
    Explain {
        /// The access matrix
        #[arg(long)]
        access: PathBuf,
        /// Method and path, such as "DELETE /todos/{id}" or "DELETE /todos/17"
        #[arg(long)]
        route: String,
        /// The token; `-` reads it from standard input, which keeps it out of the shell's history
        #[arg(default_value = "-")]
        token: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Mint {
    /// The file of the private key; created on first use, readable by its owner only
    #[arg(long)]
    pub(crate) key: Option<PathBuf>,
    /// The file to write the public key set to (RFC 7517)
    #[arg(long)]
    pub(crate) jwks: Option<PathBuf>,
    /// `iss`: a URL on loopback, or below `.test`, `.example` or `.localhost`, such as <https://acme.test>
    #[arg(long)]
    pub(crate) issuer: String,
    /// `aud`: the API
    #[arg(long)]
    pub(crate) audience: String,
    /// `sub`: the user's id
    #[arg(long)]
    pub(crate) subject: Option<String>,
    /// A person of Kinde's guide: sets subject, roles and permissions
    #[arg(long, value_parser = ["viewer", "editor", "admin"])]
    pub(crate) persona: Option<String>,
    /// A permission; may be repeated
    #[arg(long = "permission")]
    pub(crate) permissions: Vec<String>,
    /// A role; may be repeated. With `--manifest`, the token has the role's permissions, too
    #[arg(long = "role")]
    pub(crate) roles: Vec<String>,
    /// A scope besides `openid profile email offline`; may be repeated
    #[arg(long = "scope")]
    pub(crate) scopes: Vec<String>,
    /// A feature flag: `name=value`, where `true`, `false` and integers keep their type; may be repeated
    #[arg(long = "flag")]
    pub(crate) flags: Vec<String>,
    /// `org_code`: the organization that the user signed in to
    #[arg(long)]
    pub(crate) org: Option<String>,
    /// The lifetime of the token in seconds
    #[arg(long, default_value_t = 3600, value_parser = RangedU64ValueParser::<u64>::new().range(1..=86_400))]
    pub(crate) expires_in: u64,
    /// A manifest: every key must be declared in it
    #[arg(long)]
    pub(crate) manifest: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Dev {
    /// The loopback address to listen on
    #[arg(long, default_value = "127.0.0.1:4070")]
    pub(crate) address: SocketAddr,
    /// `aud` of the tokens: the API, as it is registered in Kinde
    #[arg(long, default_value = "https://api.example.test")]
    pub(crate) audience: String,
    /// An address to return to after signing in or out; may be repeated
    #[arg(long = "redirect-uri", default_values = [
        "http://127.0.0.1:5173", "http://127.0.0.1:3000", "http://localhost:5173", "http://localhost:3000",
    ])]
    pub(crate) redirect_uris: Vec<String>,
    /// The client id of a front end; the client id of a server is this one with `-server` appended
    #[arg(long, default_value = "local-web")]
    pub(crate) client_id: String,
    /// A TOML file of `[[person]]` tables with `id` and, optionally, `name`, `email`, `subject`,
    /// `org = { code, name }`, `roles`, `permissions`, `feature_flags`, `plans`, `entitlements`
    #[arg(long)]
    pub(crate) people: Option<PathBuf>,
    /// A manifest: people get the permissions of their roles, all their keys must be declared, and without `--people`
    /// there is one person for each role
    #[arg(long)]
    pub(crate) manifest: Option<PathBuf>,
}
