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

use crate::app::describe_error;
use crate::commands::context::CommandContext;
use crate::commands::user_view::{UserView, row};
use crate::commands::wire::SecretText;
use crate::control::{Console, Outcome};
use crate::terminal;

pub(crate) use request::UserRequest;
use request::{Confirmation, ListRequest, NewUserRequest, ReplacePassword};
pub(super) use request::{NewStatus, ViewFormat, request};

/// Runs `roster user` as the operator, who has all permissions because they can write to the data folder.
///
/// # Errors
/// If the request fails.
pub(super) async fn execute(
    context: &CommandContext,
    request: UserRequest,
    console: &mut Console,
) -> anyhow::Result<Outcome> {
    match request {
        UserRequest::Create(new) => create(context, new, console).await?,
        UserRequest::List(list) => print_list(context, list, console).await?,
        UserRequest::Show { name, format } => show(&*find(context, &name).await?, format, console).await?,
        UserRequest::SetStatus { name, status } => set_status(context, &name, status, console).await?,
        UserRequest::SetPassword { name, password, replace } => {
            set_password(context, &name, password, replace, console).await?;
        }
        UserRequest::Unlock { name } => unlock(context, &name, console).await?,
        UserRequest::Delete { name, confirmation } => delete(context, &name, confirmation, console).await?,
        UserRequest::SetRoles { name, roles } => {
            note_unknown_roles(&roles, console).await?;
            let draft = UserDraft { roles: Some(RoleSet::new(roles)?), ..UserDraft::default() };
            update(context, &name, draft, "set the roles of", console).await?;
        }
    }
    Ok(Outcome::DONE)
}

/// Finds a user by id, username, email address or a former login.
pub(super) async fn find(context: &CommandContext, name: &str) -> anyhow::Result<Arc<User>> {
    let store = &context.app()?.store;
    if let Ok(id) = name.parse::<UserId>()
        && let Some(user) = store.user(id).await?
    {
        return Ok(user);
    }
    let user = store.user_by_login(&Login::new(name)).await?;
    user.ok_or_else(|| anyhow!("there is no user \"{name}\"; `roster user list` shows all users"))
}

async fn create(context: &CommandContext, new: NewUserRequest, console: &Console) -> anyhow::Result<()> {
    print_hash_warnings(context, console).await?;
    note_unknown_roles(&new.roles, console).await?;
    let roles = if new.roles.is_empty() { None } else { Some(RoleSet::new(new.roles).context("--role")?) };
    let privileged = PrivilegedFields {
        roles,
        must_change_password: (new.replace == ReplacePassword::AtNextLogin).then_some(true),
        ..PrivilegedFields::default()
    };
    let required = NewUser::new(new.username, Password::new(new.password.into_inner()));
    let new = NewUser { email: new.email, display_name: new.display_name, privileged, ..required };
    let user = context.app()?.roster.register_user(&context.call, new).await.map_err(describe_error)?;
    print_done("created", &user, console).await
}

async fn set_password(
    context: &CommandContext,
    name: &str,
    password: SecretText,
    replace: ReplacePassword,
    console: &Console,
) -> anyhow::Result<()> {
    print_hash_warnings(context, console).await?;
    let user = find(context, name).await?;
    let new = NewPassword {
        kind: (replace == ReplacePassword::AtNextLogin).then_some(PasswordKind::Temporary),
        precondition: Precondition::None,
        current: None,
        password: Password::new(password.into_inner()),
    };
    context.app()?.roster.change_password(&context.call, user.id, new).await.map_err(describe_error)?;
    print_done("set the password of", &user, console).await?;
    let after = find(context, &user.id.to_string()).await?;
    note_password(&user, &after, console).await
}

/// Prints how the new password changed the user's status.
async fn note_password(before: &User, after: &User, console: &Console) -> anyhow::Result<()> {
    if !before.is_active() && after.is_active() {
        let note = "note: the user was pending only because there was no password, and is now active";
        console.note(note).await?;
    } else if after.status.pending_reasons().is_some() {
        let name = &after.username;
        let note =
            format!("note: the user is still pending; to enable the user, run: roster user enable {name}");
        console.note(note).await?;
    }
    if after.must_change_password {
        console.note("note: the user must change the password at the next login").await?;
    }
    Ok(())
}

async fn unlock(context: &CommandContext, name: &str, console: &Console) -> anyhow::Result<()> {
    let user = find(context, name).await?;
    context.app()?.roster.unlock_user(&context.call, user.id).await.map_err(describe_error)?;
    print_done("unlocked", &user, console).await
}

async fn delete(
    context: &CommandContext,
    name: &str,
    confirmation: Confirmation,
    console: &mut Console,
) -> anyhow::Result<()> {
    let user = find(context, name).await?;
    if confirmation == Confirmation::Required {
        let question = format!("Permanently erase {} ({})? This cannot be undone.", user.username, user.id);
        console.confirm(question).await?;
    }
    context
        .app()?
        .roster
        .delete_user(&context.call, user.id, &Precondition::None)
        .await
        .map_err(describe_error)?;
    print_done("erased", &user, console).await
}

/// Prints warnings about the password hash settings, for commands that hash passwords.
pub(super) async fn print_hash_warnings(context: &CommandContext, console: &Console) -> anyhow::Result<()> {
    for warning in &context.settings.warnings {
        console.note(format!("warning: {warning}")).await?;
    }
    Ok(())
}

async fn note_unknown_roles(roles: &[RoleName], console: &Console) -> anyhow::Result<()> {
    for role in roles.iter().filter(|role| ![RoleName::ADMIN, RoleName::USER].contains(&role.as_str())) {
        let question =
            misspelt_role(role).map_or_else(String::new, |meant| format!("; did you mean {meant}?"));
        let note = format!(
            "note: Roster does not know the role \"{role}\"; it is stored but grants no permissions here{question}"
        );
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
    let user = update(context, name, draft, done, console).await?;
    if status == StatusKind::Active && user.credential.password_hash().is_none() {
        let note = format!("note: the user has no password yet; run: roster user set-password {name}");
        console.note(note).await?;
    }
    Ok(())
}

async fn update(
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
    print_done(done, &user, console).await?;
    Ok(user)
}

async fn print_done(done: &str, user: &User, console: &Console) -> anyhow::Result<()> {
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

async fn print_list(context: &CommandContext, request: ListRequest, console: &Console) -> anyhow::Result<()> {
    let filter = UserFilter {
        status: request.status,
        role: request.role,
        text: request.text,
        ..UserFilter::default()
    };
    let sort = Sort::parse(&request.sort).context("--sort")?;
    let limit = Limit::new(Limit::MAX.into())?;
    let mut query = UserQuery { filter, sort, limit, after: None };
    let mut table = Vec::new();
    loop {
        let page = context.app()?.roster.list_users(&context.call, &query).await.map_err(describe_error)?;
        match request.format {
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
    if request.format == ViewFormat::Text {
        let headings = ["USERNAME", "EMAIL", "STATUS", "ROLES", "LAST LOGIN", "ID"];
        console.print(terminal::table(headings, &table)).await?;
    }
    Ok(())
}
