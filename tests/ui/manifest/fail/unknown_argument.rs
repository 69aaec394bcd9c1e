mod by_path {
    kinde_perms::manifest!("kinde.toml");
}

mod by_name {
    kinde_perms::manifest!(path = "kinde.toml");
}

fn main() {}
