//! The attributes of `kinde-perms`.
