//! Users who were read before, as JSON.

use crate::extract::etag;
use crate::reply::{Reply, to_json};
use crate::views::users::UserView;
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::Bytes;
use jiff::Timestamp;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use roster_domain::{User, UserId, Version};
use std::mem::size_of;
use std::sync::Arc;

/// The JSON of recently read users: most requests for a profile read the state that the last one read. An entry is valid
/// for one entity tag of its user, so nothing has to be invalidated; it stays in memory until others displace it. Bounded
/// by its size in bytes, about; the least used entries are evicted first.
pub(crate) struct RenderedUsers(Cache<UserId, RenderedUser, Size>);

/// A user with one entity tag.
#[derive(Clone)]
struct RenderedUser {
    state: TaggedState,
    etag: HeaderValue,
    json: Bytes,
}

/// What the entity tag of a user is made of.
#[derive(Clone, Copy, PartialEq, Eq)]
struct TaggedState(Version, Option<Timestamp>);

/// The size of an entry in bytes.
#[derive(Clone)]
struct Size;

impl RenderedUsers {
    /// The most that all entries together take, in bytes.
    const CAPACITY: u64 = 8 << 20;
    /// The usual size of an entry in bytes.
    const USUAL: u64 = 1024;

    pub(crate) fn new() -> Self {
        let items = usize::try_from(Self::CAPACITY / Self::USUAL).unwrap_or(usize::MAX);
        Self(Cache::with_weighter(items, Self::CAPACITY, Size))
    }

    /// The user with their tag.
    pub(crate) fn reply(&self, view: UserView) -> Reply<UserView> {
        if view.is_privileged() {
            return tagged(view);
        }
        match self.current(view.user()).or_else(|| self.render(&view)) {
            Some(rendered) => Reply::of_json(rendered.json).with_header(header::ETAG, rendered.etag),
            None => tagged(view),
        }
    }

    fn current(&self, user: &Arc<User>) -> Option<RenderedUser> {
        self.0.get(&user.id).filter(|rendered| rendered.state == TaggedState::of(user))
    }

    fn render(&self, view: &UserView) -> Option<RenderedUser> {
        let user = view.user();
        let json = to_json(view).ok()?;
        let rendered = RenderedUser { state: TaggedState::of(user), etag: etag(user), json };
        self.0.insert(user.id, rendered.clone());
        Some(rendered)
    }
}

impl TaggedState {
    fn of(user: &User) -> Self {
        Self(user.version, user.last_login_at)
    }
}

impl Weighter<UserId, RenderedUser> for Size {
    fn weight(&self, _: &UserId, rendered: &RenderedUser) -> u64 {
        let bytes = rendered.json.len() + size_of::<RenderedUser>();
        u64::try_from(bytes).unwrap_or(u64::MAX)
    }
}

/// The user, rendered for this reply, with their tag.
pub(crate) fn tagged<const STATUS: u16>(view: UserView) -> Reply<UserView, STATUS> {
    let etag = etag(view.user());
    Reply::new(view).with_header(header::ETAG, etag)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::Responder as _;
    use actix_web::body::MessageBody as _;
    use actix_web::test::TestRequest;
    use roster_domain::{PendingReason, Principal, Status, fixtures};

    /// The reply to an anonymous caller: the body and the tag.
    fn read(users: &RenderedUsers, user: &Arc<User>) -> (Bytes, HeaderValue) {
        let view = UserView::new(Arc::clone(user), &Principal::anonymous());
        let response = users.reply(view).respond_to(&TestRequest::default().to_http_request());
        let etag = response.headers().get(header::ETAG).unwrap().clone();
        (response.into_body().try_into_bytes().unwrap(), etag)
    }

    #[test]
    fn a_user_who_is_read_again_is_rendered_once() {
        let (users, user) = (RenderedUsers::new(), Arc::new(fixtures::user(1)));
        let (first, second) = (read(&users, &user), read(&users, &user));
        assert_eq!(first, second);
        assert_eq!(first.0.as_ptr(), second.0.as_ptr());
        assert_eq!(first.0, to_json(&UserView::new(user, &Principal::anonymous())).unwrap());
    }

    #[test]
    fn a_user_with_another_tag_is_rendered_anew() {
        let (users, before) = (RenderedUsers::new(), fixtures::user(1));
        read(&users, &Arc::new(before.clone()));
        let login = Timestamp::from_second(1_800_000_000).ok();
        let changes: [fn(&mut User, Option<Timestamp>); 2] =
            [|user, _| user.version = user.version.next(), |user, login| user.last_login_at = login];
        for change in changes {
            let after = before.clone().with(|user| change(user, login)).with(|user| user.email = None);
            assert!(String::from_utf8_lossy(&read(&users, &Arc::new(after)).0).contains("\"email\":null"));
        }
    }

    #[test]
    fn what_only_some_callers_see_is_not_kept_for_others() {
        let users = RenderedUsers::new();
        let status = Status::Pending { reasons: PendingReason::NoPassword.into() };
        let pending = Arc::new(fixtures::user(1).with(|user| user.status = status));
        let administrator = Principal::user(&fixtures::administrator(2));
        users.reply(UserView::new(Arc::clone(&pending), &administrator));
        assert!(String::from_utf8_lossy(&read(&users, &pending).0).contains("\"pending_reasons\":null"));
    }
}
