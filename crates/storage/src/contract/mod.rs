//! The contract suite: what every engine must do, as one function a promise.
//!
//! An engine's own tests give it a [`Bench`], which opens fresh stores and reopens one that was killed, and
//! call [`contract_tests!`](crate::contract_tests).

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a test suite fails by panicking, wherever it is compiled"
)]

pub mod audit;
mod fixtures;
pub mod guards;
pub mod lists;
pub mod machines;
pub mod reads;
pub mod recovery;
pub mod sessions;
pub mod snapshots;

pub use fixtures::{People, record};

use crate::{RestoreError, Store, StoredItem};
use async_trait::async_trait;
use std::sync::Arc;

/// Opens stores for the suite.
#[async_trait]
pub trait Bench: Sync {
    /// A store that holds nothing yet.
    async fn fresh(&self) -> Arc<dyn Store>;

    /// Ends the store as a killed process would, without any farewell, and opens what it left behind.
    async fn reopened(&self, store: Arc<dyn Store>) -> Arc<dyn Store>;

    /// A store made of these items, in a place of its own: by [`Restore`](crate::Restore), opened.
    async fn restored(&self, pieces: Vec<Vec<StoredItem>>) -> Result<Arc<dyn Store>, RestoreError>;
}

/// Writes one test for every promise of the suite. The argument is an expression that makes a
/// [`Bench`](crate::contract::Bench).
#[macro_export]
macro_rules! contract_tests {
    ($bench:expr) => {
        $crate::contract_tests!(@in $bench; reads:
            a_committed_user_is_found_by_every_name,
            an_absent_user_is_none,
            of_many_ids_those_who_exist_are_found,
            an_alias_leads_to_its_owner_only,
            a_renamed_user_is_not_found_by_the_old_name,
            a_removed_user_is_gone_and_their_names_are_free,
            removing_nobody_is_no_error,
        );
        $crate::contract_tests!(@in $bench; guards:
            a_stale_version_is_a_conflict_and_changes_nothing,
            a_new_user_never_replaces_another,
            a_taken_name_is_a_conflict_that_names_itself,
            a_user_may_keep_their_own_names,
            a_name_that_no_guard_speaks_of_is_still_nobody_elses,
            a_unit_of_several_changes_is_all_or_nothing,
            of_racing_registrations_one_wins,
            of_racing_updates_one_wins,
            a_changed_credential_epoch_or_login_is_a_conflict,
            the_last_administrator_cannot_be_removed_by_a_race,
            the_first_administrator_is_made_once,
            a_disabled_administrator_does_not_count,
        );
        $crate::contract_tests!(@in $bench; lists:
            pages_visit_everybody_once_in_order,
            pages_are_stable_under_inserts,
            every_sort_key_orders_by_canonical_bytes,
            filters_find_those_and_only_those,
            a_page_that_ends_the_list_has_no_next,
        );
        $crate::contract_tests!(@in $bench; sessions:
            a_session_is_found_by_id_family_and_user,
            a_refreshed_session_is_the_same_session,
            of_racing_refreshes_of_one_token_one_wins,
            who_acts_in_a_session_that_is_over_is_a_conflict,
            the_sessions_of_a_user_end_but_for_one,
            a_removed_user_has_no_sessions,
            nobody_without_an_account_has_a_session,
            a_sign_of_life_undoes_no_refresh,
            expired_sessions_are_found_in_batches,
            the_number_of_sessions_can_be_guarded,
            sessions_survive_a_kill,
        );
        $crate::contract_tests!(@in $bench; machines:
            a_committed_service_account_is_found_by_id_and_key_prefix,
            a_removed_service_account_is_gone_and_its_name_and_prefixes_are_free,
            service_accounts_are_listed_by_name_and_paged_without_a_gap,
            a_stale_service_account_is_a_conflict_and_changes_nothing,
            a_taken_account_name_or_key_prefix_is_a_conflict_that_names_itself,
            of_racing_creations_of_one_account_name_one_wins,
            of_racing_rotations_of_one_key_one_wins,
            a_key_is_good_while_its_account_has_it_and_is_active,
            service_accounts_survive_a_kill,
        );
        $crate::contract_tests!(@in $bench; audit:
            records_come_newest_first_and_as_they_were_committed,
            audit_pages_visit_every_record_once,
            audit_pages_are_stable_under_commits,
            audit_filters_find_those_and_only_those,
            an_audit_page_that_ends_the_log_has_no_next,
            a_read_of_the_log_sees_all_that_was_committed_before_it,
            a_refused_unit_is_not_in_the_log,
            the_log_survives_a_kill,
        );
        $crate::contract_tests!(@in $bench; snapshots:
            a_snapshot_has_everything_once_and_in_order,
            what_is_committed_after_a_snapshot_does_not_show_in_it,
            a_snapshot_under_sixteen_writers_is_a_state_that_was,
            a_restored_store_is_equal_and_goes_on,
            what_cannot_be_a_store_is_not_restored,
        );
        $crate::contract_tests!(@in $bench; recovery:
            what_was_committed_survives_a_kill,
            a_dropped_commit_is_all_or_nothing,
            many_writers_at_once_all_survive_a_kill,
        );
    };
    (@in $bench:expr; $room:ident: $($name:ident,)+) => {
        mod $room {
            use super::*;
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                $crate::contract::$room::$name(&$bench).await;
            })+
        }
    };
}
