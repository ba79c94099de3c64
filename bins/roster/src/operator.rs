//! The operator: the operating system account that runs a command.

use nix::unistd::{Uid, User};
use roster_domain::OsUser;
use roster_service::Call;

/// The account that runs this process. Ignores `SUDO_USER` and similar variables, because anyone can set them.
pub(crate) fn of_this_process() -> Call {
    of_account(Uid::current().as_raw())
}

/// The account with this uid. Looks up its name, which may block.
pub(crate) fn of_account(uid: u32) -> Call {
    // Some accounts have no name, for example in a container.
    let named =
        User::from_uid(Uid::from_raw(uid)).ok().flatten().and_then(|user| OsUser::new(user.name).ok());
    Call::operator_named(named.unwrap_or_else(|| OsUser::nameless(uid)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_identified_by_its_name_or_its_uid() {
        let os_user = |uid| of_account(uid).origin.os_user.map(|user| user.to_string());
        assert_eq!(os_user(0).as_deref(), Some("root"));
        assert_eq!(os_user(3_999_999_999).as_deref(), Some("uid:3999999999"));
    }
}
