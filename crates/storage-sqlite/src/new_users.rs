//! New users, as an import creates them. The insertions themselves find out whether an id or a name is taken, so that nothing is
//! looked up before them.

use roster_domain::User;
use roster_storage::{Change, Guard, UnitOfWork};
use roster_storage_sql::{Claim, ClaimSpace, UserRow, Value, claims, statements};
use rusqlite::{CachedStatement, Connection, params_from_iter};

use crate::changes;
use crate::effects::Effects;
use crate::failure::Failure;
use crate::rows::{Bound, execute};
use crate::{guards, users};

statements! {
    INSERT_USER = "INSERT INTO users {users:insert} ON CONFLICT DO NOTHING";
    INSERT_NAME = "INSERT INTO login_names (name, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    DELETE_USER = "DELETE FROM users WHERE n = $1";
}

/// A unit that does nothing but create a user.
#[derive(Clone, Copy)]
pub(crate) struct NewUser<'u> {
    guards: &'u [Guard],
    user: &'u User,
}

/// The statements that insert users, for one transaction.
pub(crate) struct Insertions<'c> {
    connection: &'c Connection,
    user: CachedStatement<'c>,
    name: CachedStatement<'c>,
}

/// Whether a user was inserted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Insertion {
    /// The user is there.
    Made,
    /// A guard does not hold, or a name is taken. Nothing was changed.
    Refused,
}

impl<'u> NewUser<'u> {
    /// `None` if the unit does something else.
    pub(crate) fn of(unit: &'u UnitOfWork) -> Option<Self> {
        let [Change::PutUser(user)] = unit.changes() else { return None };
        let guards = unit.guards();
        guards.contains(&Guard::UserAbsent(user.id)).then_some(Self { guards, user })
    }

    /// The guards that the insertions do not check.
    fn other_guards(self, claims: &'u [Claim]) -> impl Iterator<Item = &'u Guard> {
        let absent = Guard::UserAbsent(self.user.id);
        let is_checked =
            move |guard: &&Guard| **guard == absent || claims.iter().any(|claim| claim.guard == **guard);
        self.guards.iter().filter(move |guard| !is_checked(guard))
    }
}

impl<'c> Insertions<'c> {
    /// Prepares the statements.
    pub(crate) fn new(connection: &'c Connection) -> Result<Self, Failure> {
        let user = connection.prepare_cached(INSERT_USER.text())?;
        let name = connection.prepare_cached(INSERT_NAME.text())?;
        Ok(Self { connection, user, name })
    }

    /// Inserts the user, if the guards hold and nothing is taken.
    pub(crate) fn insert(&mut self, new: NewUser<'_>, effects: &mut Effects) -> Result<Insertion, Failure> {
        let user = new.user;
        let claims = claims(user);
        if guards::broken(self.connection, new.other_guards(&claims))?.is_some() {
            return Ok(Insertion::Refused);
        }
        let values = UserRow::values(user);
        if self.user.execute(params_from_iter(values.iter().map(Bound)))? == 0 {
            return Ok(Insertion::Refused);
        }
        let n = self.connection.last_insert_rowid();
        let names = claims.iter().filter(|claim| claim.space == ClaimSpace::LoginName);
        let names: Vec<_> = names.map(|claim| &*claim.value).collect();
        if let Some(taken) = self.insert_names(&names, user)? {
            changes::delete_names(self.connection, &names[..taken], user.id)?;
            execute(self.connection, DELETE_USER.text(), &[Value::Number(n)])?;
            return Ok(Insertion::Refused);
        }
        changes::insert_roles(self.connection, user)?;
        effects.add_user(self.connection, n, user)?;
        Ok(Insertion::Made)
    }

    /// Inserts names up to the first one that is taken, whose place is returned.
    fn insert_names(&mut self, names: &[&str], user: &User) -> Result<Option<usize>, Failure> {
        for (place, name) in names.iter().enumerate() {
            let values = [Value::text(*name), users::id_value(user.id)];
            if self.name.execute(params_from_iter(values.iter().map(Bound)))? == 0 {
                return Ok(Some(place));
            }
        }
        Ok(None)
    }
}
