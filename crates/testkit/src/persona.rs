//! The people of Kinde's guide: what their tokens carry.

/// A person of the guide's todo application, with the roles that make up what they may do.
///
/// The roles do not imply each other: `admin` bundles only `delete:todos` and `manage:users`, so the admin of the guide
/// is an editor as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Persona {
    /// Reads todos and reports: role `viewer`.
    Viewer,
    /// Reads, creates and updates todos: role `editor`.
    Editor,
    /// Holds `editor`, and `admin`, which deletes todos and manages users.
    Admin,
}

impl Persona {
    /// Everybody, in order of rising rights.
    pub const ALL: [Self; 3] = [Self::Viewer, Self::Editor, Self::Admin];

    /// Returns the word for the person on the page of an issuer where people sign in.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Editor => "editor",
            Self::Admin => "admin",
        }
    }

    /// Returns the user's id, the `sub` of the token.
    #[must_use]
    pub const fn subject(self) -> &'static str {
        match self {
            Self::Viewer => "kp_00000000000000000000000000000001",
            Self::Editor => "kp_00000000000000000000000000000002",
            Self::Admin => "kp_00000000000000000000000000000003",
        }
    }

    /// Returns the keys of the roles that the person holds.
    #[must_use]
    pub const fn roles(self) -> &'static [&'static str] {
        match self {
            Self::Viewer => &["viewer"],
            Self::Editor => &["editor"],
            Self::Admin => &["editor", "admin"],
        }
    }

    /// Returns the keys of the permissions that those roles bundle.
    #[must_use]
    pub const fn permissions(self) -> &'static [&'static str] {
        match self {
            Self::Viewer => &["read:todos", "read:reports"],
            Self::Editor => &["read:todos", "create:todos", "update:todos"],
            Self::Admin => &["read:todos", "create:todos", "update:todos", "delete:todos", "manage:users"],
        }
    }
}
