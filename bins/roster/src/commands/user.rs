//! `roster user`

use std::sync::Arc;

use anyhow::{Context, anyhow};
use roster_config::Settings;
use roster_domain::{
    DisplayName, EmailAddress, Limit, Login, RoleName, RoleSet, Sort, StatusKind, User, UserFilter, UserId,
    UserQuery, Username,
};
use roster_service::{
    Call, Completeness, NewPassword, NewUser, Precondition, PrivilegedFields, UserDraft, misspelt_role,
};
use roster_storage::Store;

use crate::app::{App, Purpose, told};
use crate::cli::{self, CreateUser, ListUsers, PasswordSource};
use crate::commands::user_view::{UserView, rows};
use crate::commands::{require_store, with_app};
use crate::{Ending, terminal};

/// Looks at users or changes them, as the operator: whoever may write the data folder may do everything.
///
/// # Errors
/// Whatever kept it from being done.
pub(crate) fn run(settings: &Settings, asked: cli::User) -> anyhow::Result<Ending> {
    use cli::User as Asked;
    if !matches!(asked, Asked::Create(_)) {
        require_store(settings)?;
    }
    let purpose = match asked {
        Asked::Create(_) | Asked::SetPassword { .. } => Purpose::Hashing,
        Asked::Disable(_) | Asked::Enable(_) | Asked::SetRoles { .. } | Asked::Delete { .. } => {
            Purpose::Changing
        }
        Asked::List(_) | Asked::Show { .. } => Purpose::Looking,
    };
    let status = |status| UserDraft { status: Some(status), ..UserDraft::default() };
    let work = async |app: &App| match asked {
        Asked::Create(new) => create(app, new).await,
        Asked::List(list) => show_all(app, &list).await,
        Asked::Show { user, json } => show(&*find(app, &user.name).await?, json),
        Asked::Disable(user) => change(app, &user.name, status(StatusKind::Disabled), "disabled").await,
        Asked::Enable(user) => enable(app, &user.name, status(StatusKind::Active)).await,
        Asked::SetPassword { user, password } => set_password(app, &user.name, &password).await,
        Asked::Delete { user, yes } => delete(app, &user.name, yes).await,
        Asked::SetRoles { user, roles } => set_roles(app, &user.name, roles).await,
    };
    with_app(settings, purpose, work)?;
    Ok(Ending::Done)
}

/// Whoever goes by this id, username, email address or old login.
pub(super) async fn find(app: &App, name: &str) -> anyhow::Result<Arc<User>> {
    if let Ok(id) = name.parse::<UserId>()
        && let Some(user) = app.store.user(id).await?
    {
        return Ok(user);
    }
    let user = app.store.user_by_login(&Login::new(name)).await?;
    user.ok_or_else(|| anyhow!("there is no user \"{name}\"; `roster user list` shows who there is"))
}

async fn create(app: &App, new: CreateUser) -> anyhow::Result<()> {
    let username = Username::new(new.username).context("USERNAME")?;
    let email = new.email.map(EmailAddress::new).transpose().context("--email")?;
    let display_name = new.display_name.map(DisplayName::new).transpose().context("--display-name")?;
    note_unknown(&new.roles);
    let roles = if new.roles.is_empty() { None } else { Some(RoleSet::new(new.roles).context("--role")?) };
    let privileged = PrivilegedFields { roles, ..PrivilegedFields::default() };
    let password = terminal::new_password(&new.password)?;
    let new = NewUser { username, password, email, display_name, privileged };
    let user = app.roster.register_user(&Call::operator(), new).await.map_err(told)?;
    tell("created", &user)
}

async fn set_password(app: &App, name: &str, source: &PasswordSource) -> anyhow::Result<()> {
    let user = find(app, name).await?;
    let new = NewPassword {
        precondition: Precondition::None,
        current: None,
        password: terminal::new_password(source)?,
    };
    app.roster.change_password(&Call::operator(), user.id, new).await.map_err(told)?;
    tell("set the password of", &user)
}

async fn delete(app: &App, name: &str, yes: bool) -> anyhow::Result<()> {
    let user = find(app, name).await?;
    if !yes {
        terminal::confirm(&format!(
            "Erase {} ({}) for good? This cannot be undone.",
            user.username, user.id
        ))?;
    }
    let call = Call::operator();
    app.roster.delete_user(&call, user.id, &Precondition::None).await.map_err(told)?;
    tell("erased", &user)
}

fn note_unknown(roles: &[RoleName]) {
    for role in roles.iter().filter(|role| ![RoleName::ADMIN, RoleName::USER].contains(&role.as_str())) {
        let question =
            misspelt_role(role).map_or_else(String::new, |meant| format!("; did you mean {meant}?"));
        terminal::note(&format!(
            "note: Roster has no role \"{role}\"; it is kept, and grants nothing here{question}"
        ));
    }
}

async fn set_roles(app: &App, name: &str, roles: Vec<RoleName>) -> anyhow::Result<()> {
    note_unknown(&roles);
    let draft = UserDraft { roles: Some(RoleSet::new(roles)?), ..UserDraft::default() };
    change(app, name, draft, "set the roles of").await
}

async fn enable(app: &App, name: &str, draft: UserDraft) -> anyhow::Result<()> {
    change(app, name, draft, "enabled").await?;
    if find(app, name).await?.credential.password_hash().is_none() {
        terminal::note(&format!("note: there is no password yet; run: roster user set-password {name}"));
    }
    Ok(())
}

async fn change(app: &App, name: &str, draft: UserDraft, done: &str) -> anyhow::Result<()> {
    let id = find(app, name).await?.id;
    let (any, partial) = (Precondition::None, Completeness::Partial);
    let user = app.roster.update_user(&Call::operator(), id, &any, partial, &draft).await.map_err(told)?;
    tell(done, &user)
}

fn tell(done: &str, user: &User) -> anyhow::Result<()> {
    terminal::print(format!("{done} {} ({})\n", user.username, user.id))
}

fn show(user: &User, json: bool) -> anyhow::Result<()> {
    let view = UserView::new(user);
    terminal::print(if json { view.json()? } else { view.text()? })
}

async fn show_all(app: &App, asked: &ListUsers) -> anyhow::Result<()> {
    let filter = UserFilter {
        status: asked.status,
        role: asked.role.clone(),
        text: asked.query.clone(),
        ..UserFilter::default()
    };
    let sort = Sort::parse(&asked.sort).context("--sort")?;
    let limit = Limit::new(Limit::MAX.into())?;
    let mut query = UserQuery { filter, sort, limit, after: None };
    let mut table = Vec::new();
    loop {
        let page = app.roster.list_users(&Call::operator(), &query).await.map_err(told)?;
        if asked.json {
            let lines: Result<String, _> = page.items.iter().map(|user| UserView::new(user).json()).collect();
            terminal::print(lines?)?;
        } else {
            table.extend(page.items.iter().map(|user| rows(user)));
        }
        query.after = page.next;
        if query.after.is_none() {
            break;
        }
    }
    if asked.json {
        return Ok(());
    }
    terminal::print(terminal::table(["USERNAME", "EMAIL", "STATUS", "ROLES", "LAST LOGIN", "ID"], &table))
}
