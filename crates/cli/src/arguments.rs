//! The arguments; their comments are the help texts.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::builder::RangedU64ValueParser;
use clap::{Args, Parser, Subcommand};

/// Looks at access matrices and tokens of APIs that are guarded by kinde-perms, and stands in for Kinde on this machine
#[derive(Debug, Parser)]
#[command(name = "kinde-perms", bin_name = "kinde-perms", version)]
pub(crate) struct Arguments {
    /// Print JSON; a failure, whose exit status is 2, is then an object on standard error:
    /// {"error": {"message": "…", "file": "…"}}, without "file" if no file is at fault
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
    /// Access tokens; those that are given are not verified, and nothing is sent anywhere
    #[command(subcommand)]
    Token(Token),
    /// Starts an issuer on this machine, where people sign in without a password; not for production
    Dev(Dev),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Manifest {
    /// Tells everything that is wrong with a manifest; the exit status is 1 if there is an error
    Check {
        /// The manifest; by default the one that the macros of the package around the current folder read
        file: Option<PathBuf>,
        /// A matrix: compares the manifest with what its routes ask for
        #[arg(long)]
        access: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Access {
    /// Prints who may call what
    Show {
        /// The matrix
        file: PathBuf,
        /// `text`, `markdown`, `json` or `html`
        #[arg(long, default_value = "text")]
        format: String,
    },
    /// Tells who gained access and who lost it; the exit status is 1 if anybody gained any
    Diff {
        /// The matrix as it was
        before: PathBuf,
        /// The matrix as it is
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
    /// An API accepts it if its issuer and audience are these, and its keys the public half of this key:
    /// `Validator::builder(issuer, audience).build_with_static_keys(key_set)`.
    Mint(Box<Mint>),
    /// Prints what a token says, without verifying it
    Inspect {
        /// The token; `-` reads it from standard input, where no shell history keeps it
        #[arg(default_value = "-")]
        token: String,
    },
    /// Tells what a route answers to a token, why, and which roles would do; the exit status is 1 if it is refused
    Explain {
        /// The matrix
        #[arg(long)]
        access: PathBuf,
        /// Method and path, such as "DELETE /todos/{id}" or "DELETE /todos/17"
        #[arg(long)]
        route: String,
        /// The token; `-` reads it from standard input, where no shell history keeps it
        #[arg(default_value = "-")]
        token: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Mint {
    /// Where the private key is kept; made on first use, and readable by its owner alone
    #[arg(long)]
    pub(crate) key: Option<PathBuf>,
    /// Where to write the public key set (RFC 7517)
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
    /// Somebody of Kinde's guide, with subject, roles and permissions
    #[arg(long, value_parser = ["viewer", "editor", "admin"])]
    pub(crate) persona: Option<String>,
    /// A permission; may be repeated
    #[arg(long = "permission")]
    pub(crate) permissions: Vec<String>,
    /// A role; may be repeated. With `--manifest` its permissions are in the token, too
    #[arg(long = "role")]
    pub(crate) roles: Vec<String>,
    /// A scope beside `openid profile email offline`; may be repeated
    #[arg(long = "scope")]
    pub(crate) scopes: Vec<String>,
    /// `name=value`, where `true`, `false` and integers are such; may be repeated
    #[arg(long = "flag")]
    pub(crate) flags: Vec<String>,
    /// `org_code`: the organization that the user signed in to
    #[arg(long)]
    pub(crate) org: Option<String>,
    /// How many seconds the token is good for
    #[arg(long, default_value_t = 3600, value_parser = RangedU64ValueParser::<u64>::new().range(1..=86_400))]
    pub(crate) expires_in: u64,
    /// A manifest: every key must be declared in it
    #[arg(long)]
    pub(crate) manifest: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Dev {
    /// Where to listen: a loopback address
    #[arg(long, default_value = "127.0.0.1:4070")]
    pub(crate) address: SocketAddr,
    /// The API that tokens are for, as it is registered in Kinde
    #[arg(long, default_value = "https://api.example.test")]
    pub(crate) audience: String,
    /// Where people go on after signing in or out; may be repeated
    #[arg(long = "redirect-uri", default_values = [
        "http://127.0.0.1:5173", "http://127.0.0.1:3000", "http://localhost:5173", "http://localhost:3000",
    ])]
    pub(crate) redirect_uris: Vec<String>,
    /// The client of a front end; that of a server has `-server` after it
    #[arg(long, default_value = "local-web")]
    pub(crate) client_id: String,
    /// A TOML file of `[[person]]` tables: `id`, and as wanted `name`, `email`, `subject`, `org = { code, name }`,
    /// `roles`, `permissions`, `feature_flags`, `plans`, `entitlements`
    #[arg(long)]
    pub(crate) people: Option<PathBuf>,
    /// A manifest: roles bring their permissions, everything that people have must be declared, and without `--people`
    /// there is somebody for each role
    #[arg(long)]
    pub(crate) manifest: Option<PathBuf>,
}
