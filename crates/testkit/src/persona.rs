//! The three people of Kinde's guide, with their roles and permissions.

/// A person of the todo application in Kinde's guide.
///
/// No role implies another. `admin` bundles only `delete:todos` and `manage:users`, so [`Persona::Admin`] holds
/// `editor`, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Persona {
    /// Reads todos and reports: role `viewer`.
    Viewer,
    /// Reads, creates and updates todos: role `editor`.
    Editor,
    /// Also deletes todos and manages users: roles `editor` and `admin`.
    Admin,
}

impl Persona {
    /// All personas: viewer, editor, admin.
    pub const ALL: [Self; 3] = [Self::Viewer, Self::Editor, Self::Admin];

    /// Returns the persona's id on the sign-in page of an issuer.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Editor => "editor",
            Self::Admin => "admin",
        }
    }

    /// Returns the `sub` of the persona's tokens.
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

    /// Returns the keys of the permissions that the persona's roles bundle.
    #[must_use]
    pub const fn permissions(self) -> &'static [&'static str] {
        match self {
            Self::Viewer => &["read:todos", "read:reports"],
            Self::Editor => &["read:todos", "create:todos", "update:todos"],
            Self::Admin => &["read:todos", "create:todos", "update:todos", "delete:todos", "manage:users"],
        }
    }
}
