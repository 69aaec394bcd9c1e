//! The arguments; their comments are the help texts.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// Looks at access matrices and tokens of APIs that are guarded by kinde-perms
#[derive(Debug, Parser)]
#[command(name = "kinde-perms", version)]
pub(super) struct Arguments {
    /// Print JSON
    #[arg(long, global = true)]
    pub(super) json: bool,
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Access matrices, as `router.access().to_json()` writes them
    #[command(subcommand)]
    Access(Access),
    /// `kinde.toml`, which declares what exists in Kinde
    #[command(subcommand)]
    Manifest(Manifest),
    /// Access tokens; nothing is verified, and nothing is sent anywhere
    #[command(subcommand)]
    Token(Token),
}

#[derive(Debug, Subcommand)]
pub(super) enum Manifest {
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
pub(super) enum Access {
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
pub(super) enum Token {
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
