//! `roster user`

mod request;

use std::sync::Arc;

use anyhow::{Context, anyhow};
use roster_auth::password::Password;
use roster_domain::{
    Limit, Login, PasswordKind, RoleName, RoleSet, Sort, StatusKind, User, UserFilter, UserId, UserQuery,
};
use roster_service::{
    Completeness, NewPassword, NewUser, Precondition, PrivilegedFields, UserDraft, misspelt_role,
};
use roster_storage::Store;

use crate::app::describe_error;
use crate::commands::context::CommandContext;
use crate::commands::user_view::{UserView, row};
use crate::commands::wire::SecretText;
use crate::control::{Console, Outcome};
use crate::terminal;

pub(crate) use request::UserRequest;
use request::{Confirmation, ListRequest, NewUserRequest, ReplacePassword};
pub(super) use request::{NewStatus, ViewFormat, request};

/// Looks at users or changes them, as the operator: whoever may write the data folder may do everything.
///
/// # Errors
/// Whatever kept it from being done.
pub(super) async fn execute(
    context: &CommandContext,
    request: UserRequest,
    console: &mut Console,
) -> anyhow::Result<Outcome> {
    match request {
        UserRequest::Create(new) => create(context, new, console).await?,
        UserRequest::List(list) => show_all(context, list, console).await?,
        UserRequest::Show { name, format } => show(&*find(context, &name).await?, format, console).await?,
        UserRequest::SetStatus { name, status } => set_status(context, &name, status, console).await?,
        UserRequest::SetPassword { name, password, replace } => {
            set_password(context, &name, password, replace, console).await?;
        }
        UserRequest::Unlock { name } => unlock(context, &name, console).await?,
        UserRequest::Delete { name, asking } => delete(context, &name, asking, console).await?,
        UserRequest::SetRoles { name, roles } => {
            note_unknown(&roles, console).await?;
            let draft = UserDraft { roles: Some(RoleSet::new(roles)?), ..UserDraft::default() };
            change(context, &name, draft, "set the roles of", console).await?;
        }
    }
    Ok(Outcome::DONE)
}

/// Whoever goes by this id, username, email address or old login.
pub(super) async fn find(context: &CommandContext, name: &str) -> anyhow::Result<Arc<User>> {
    let store = &context.app()?.store;
    if let Ok(id) = name.parse::<UserId>()
        && let Some(user) = store.user(id).await?
    {
        return Ok(user);
    }
    let user = store.user_by_login(&Login::new(name)).await?;
    user.ok_or_else(|| anyhow!("there is no user \"{name}\"; `roster user list` shows who there is"))
}

async fn create(context: &CommandContext, new: NewUserRequest, console: &Console) -> anyhow::Result<()> {
    warn_of_hashes(context, console).await?;
    note_unknown(&new.roles, console).await?;
    let roles = if new.roles.is_empty() { None } else { Some(RoleSet::new(new.roles).context("--role")?) };
    let new = NewUser {
        username: new.username,
        password: Password::new(new.password.into_inner()),
        email: new.email,
        display_name: new.display_name,
        privileged: PrivilegedFields {
            roles,
            must_change_password: (new.replace == ReplacePassword::AtNextLogin).then_some(true),
            ..PrivilegedFields::default()
        },
    };
    let user = context.app()?.roster.register_user(&context.call, new).await.map_err(describe_error)?;
    tell("created", &user, console).await
}

async fn set_password(
    context: &CommandContext,
    name: &str,
    password: SecretText,
    replace: ReplacePassword,
    console: &Console,
) -> anyhow::Result<()> {
    warn_of_hashes(context, console).await?;
    let user = find(context, name).await?;
    let new = NewPassword {
        kind: (replace == ReplacePassword::AtNextLogin).then_some(PasswordKind::Temporary),
        precondition: Precondition::None,
        current: None,
        password: Password::new(password.into_inner()),
    };
    context.app()?.roster.change_password(&context.call, user.id, new).await.map_err(describe_error)?;
    tell("set the password of", &user, console).await?;
    let after = find(context, &user.id.to_string()).await?;
    note_password(&user, &after, console).await
}

/// Says what another password has made of its owner.
async fn note_password(before: &User, after: &User, console: &Console) -> anyhow::Result<()> {
    if !before.is_active() && after.is_active() {
        let note = "note: they were pending for the lack of a password alone, and are active now";
        console.note(note).await?;
    } else if after.status.pending_reasons().is_some() {
        let name = &after.username;
        let note = format!("note: they are still pending; to let them in, run: roster user enable {name}");
        console.note(note).await?;
    }
    if after.must_change_password {
        console.note("note: they have to replace it at their next login").await?;
    }
    Ok(())
}

async fn unlock(context: &CommandContext, name: &str, console: &Console) -> anyhow::Result<()> {
    let user = find(context, name).await?;
    context.app()?.roster.unlock_user(&context.call, user.id).await.map_err(describe_error)?;
    tell("unlocked", &user, console).await
}

async fn delete(
    context: &CommandContext,
    name: &str,
    asking: Confirmation,
    console: &mut Console,
) -> anyhow::Result<()> {
    let user = find(context, name).await?;
    if asking == Confirmation::First {
        let question = format!("Erase {} ({}) for good? This cannot be undone.", user.username, user.id);
        console.confirm(question).await?;
    }
    context
        .app()?
        .roster
        .delete_user(&context.call, user.id, &Precondition::None)
        .await
        .map_err(describe_error)?;
    tell("erased", &user, console).await
}

/// Says what is unwise about the settings of hashes, where one is made.
pub(super) async fn warn_of_hashes(context: &CommandContext, console: &Console) -> anyhow::Result<()> {
    for warning in &context.settings.warnings {
        console.note(format!("warning: {warning}")).await?;
    }
    Ok(())
}

async fn note_unknown(roles: &[RoleName], console: &Console) -> anyhow::Result<()> {
    for role in roles.iter().filter(|role| ![RoleName::ADMIN, RoleName::USER].contains(&role.as_str())) {
        let question =
            misspelt_role(role).map_or_else(String::new, |meant| format!("; did you mean {meant}?"));
        let note =
            format!("note: Roster has no role \"{role}\"; it is kept, and grants nothing here{question}");
        console.note(note).await?;
    }
    Ok(())
}

async fn set_status(
    context: &CommandContext,
    name: &str,
    status: NewStatus,
    console: &Console,
) -> anyhow::Result<()> {
    let (status, done) = match status {
        NewStatus::Active => (StatusKind::Active, "enabled"),
        NewStatus::Disabled => (StatusKind::Disabled, "disabled"),
    };
    let draft = UserDraft { status: Some(status), ..UserDraft::default() };
    let user = change(context, name, draft, done, console).await?;
    if status == StatusKind::Active && user.credential.password_hash().is_none() {
        let note = format!("note: there is no password yet; run: roster user set-password {name}");
        console.note(note).await?;
    }
    Ok(())
}

async fn change(
    context: &CommandContext,
    name: &str,
    draft: UserDraft,
    done: &str,
    console: &Console,
) -> anyhow::Result<Arc<User>> {
    let id = find(context, name).await?.id;
    let (roster, partial) = (&context.app()?.roster, Completeness::Partial);
    let changed = roster.update_user(&context.call, id, &Precondition::None, partial, &draft).await;
    let user = changed.map_err(describe_error)?;
    tell(done, &user, console).await?;
    Ok(user)
}

async fn tell(done: &str, user: &User, console: &Console) -> anyhow::Result<()> {
    Ok(console.print(format!("{done} {} ({})\n", user.username, user.id)).await?)
}

async fn show(user: &User, format: ViewFormat, console: &Console) -> anyhow::Result<()> {
    let view = UserView(user);
    let text = match format {
        ViewFormat::Json => view.json()?,
        ViewFormat::Text => view.text(),
    };
    Ok(console.print(text).await?)
}

async fn show_all(context: &CommandContext, args: ListRequest, console: &Console) -> anyhow::Result<()> {
    let filter =
        UserFilter { status: args.status, role: args.role, text: args.text, ..UserFilter::default() };
    let sort = Sort::parse(&args.sort).context("--sort")?;
    let limit = Limit::new(Limit::MAX.into())?;
    let mut query = UserQuery { filter, sort, limit, after: None };
    let mut table = Vec::new();
    loop {
        let page = context.app()?.roster.list_users(&context.call, &query).await.map_err(describe_error)?;
        match args.format {
            ViewFormat::Json => {
                let lines: Result<String, _> = page.items.iter().map(|user| UserView(user).json()).collect();
                console.print(lines?).await?;
            }
            ViewFormat::Text => table.extend(page.items.iter().map(|user| row(user))),
        }
        query.after = page.next;
        if query.after.is_none() {
            break;
        }
    }
    if args.format == ViewFormat::Text {
        let headings = ["USERNAME", "EMAIL", "STATUS", "ROLES", "LAST LOGIN", "ID"];
        console.print(terminal::table(headings, &table)).await?;
    }
    Ok(())
}
