use kinde_perms::check;

#[check]
async fn owns() -> bool {
    true
}

#[check]
async fn nothing() {}

fn main() {}
