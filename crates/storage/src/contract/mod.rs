//! The contract suite: a function for each guarantee of an engine.
//!
//! An engine's own tests provide a [`Bench`], which opens new stores and reopens killed ones, and call
//! [`contract_tests!`](crate::contract_tests).

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a test suite fails by panicking, wherever it is compiled"
)]

pub mod audit;
pub mod copies;
pub mod extremes;
mod fixtures;
pub mod guards;
pub mod lists;
pub mod reads;
pub mod recovery;
pub mod series;
pub mod service_accounts;
pub mod sessions;
pub mod snapshots;
pub mod words;

pub use fixtures::{People, record};

use crate::{RestoreError, StagedCopy, Store, StoredItem};
use async_trait::async_trait;
use std::sync::Arc;

/// Opens stores for the suite.
#[async_trait]
pub trait Bench: Sync {
    /// An empty store.
    async fn fresh(&self) -> Arc<dyn Store>;

    /// Ends the store abruptly, as a killed process would, and opens what it left behind.
    async fn reopened(&self, store: Arc<dyn Store>) -> Arc<dyn Store>;

    /// A new store with these items, made by [`Restore`](crate::Restore) and opened.
    async fn restored(&self, pieces: Vec<Vec<StoredItem>>) -> Result<Arc<dyn Store>, RestoreError>;
}

/// Copies to stores of an engine that can be copied to in steps.
#[async_trait]
pub trait CopyBench: Bench {
    /// Begins or continues a copy to the place of the bench.
    async fn copy(&self) -> Box<dyn StagedCopy>;

    /// Opens the store in the place of the bench; the error is its message.
    async fn open(&self) -> Result<Arc<dyn Store>, String>;

    /// Takes another place, which is empty.
    async fn vacate(&self);

    /// Makes a store with one user in the place, as another process could during a copy, and returns whether one could.
    async fn occupy(&self) -> bool;
}

/// Generates a test for each guarantee of copies in steps. The argument is an expression that makes a
/// [`CopyBench`](crate::contract::CopyBench).
#[macro_export]
macro_rules! copy_contract_tests {
    ($bench:expr) => {
        $crate::contract_tests!(@in $bench; copies:
            a_copy_goes_on_after_its_last_step,
            an_incomplete_copy_is_not_opened,
            a_discarded_copy_leaves_an_empty_place,
            a_copy_never_replaces_a_store,
            an_invalid_step_of_a_copy_changes_nothing,
        );
    };
}

/// Generates a test for each function of the suite. The argument is an expression that makes a
/// [`Bench`](crate::contract::Bench).
#[macro_export]
macro_rules! contract_tests {
    ($bench:expr) => {
        $crate::contract_tests!(@in $bench; reads:
            a_committed_user_is_found_by_every_name,
            an_absent_user_is_none,
            only_existing_users_are_found_by_id,
            an_alias_finds_its_owner_only,
            a_renamed_user_is_not_found_by_the_old_name,
            a_removed_user_is_gone_and_their_names_are_free,
            removing_an_absent_user_succeeds,
        );
        $crate::contract_tests!(@in $bench; guards:
            a_stale_version_is_a_conflict_and_changes_nothing,
            a_new_user_never_replaces_another,
            a_taken_name_is_a_conflict_that_names_itself,
            a_user_can_keep_their_own_names,
            a_name_without_a_guard_still_cannot_be_taken,
            a_unit_of_several_changes_is_all_or_nothing,
            one_of_many_racing_registrations_wins,
            one_of_many_racing_updates_wins,
            a_changed_credential_epoch_or_login_is_a_conflict,
            the_last_administrator_cannot_be_removed_by_a_race,
            one_of_many_administrators_who_leave_at_once_stays,
            the_first_administrator_is_created_once,
            a_disabled_administrator_does_not_count,
        );
        $crate::contract_tests!(@in $bench; lists:
            pages_visit_every_user_once_in_order,
            pages_are_stable_under_inserts,
            pages_are_stable_under_removals,
            every_sort_key_orders_by_canonical_bytes,
            filters_find_exactly_the_matching_users,
            the_last_page_has_no_next,
        );
        $crate::contract_tests!(@in $bench; sessions:
            a_session_is_found_by_id_family_and_user,
            a_session_is_read_together_with_its_user_only,
            a_refreshed_session_is_the_same_session,
            one_of_many_racing_refreshes_of_a_token_wins,
            acting_in_an_ended_session_is_a_conflict,
            all_sessions_of_a_user_but_one_can_be_ended,
            a_removed_user_has_no_sessions,
            a_session_without_a_user_is_not_stored,
            recording_a_use_does_not_undo_a_refresh,
            expired_sessions_are_found_in_batches,
            the_number_of_sessions_can_be_guarded,
            sessions_survive_a_kill,
        );
        $crate::contract_tests!(@in $bench; service_accounts:
            a_committed_service_account_is_found_by_id_and_key_prefix,
            a_removed_service_account_is_gone_and_its_name_and_prefixes_are_free,
            service_accounts_are_listed_by_name_and_paged_without_a_gap,
            a_stale_service_account_is_a_conflict_and_changes_nothing,
            a_taken_account_name_or_key_prefix_is_a_conflict_that_names_itself,
            one_of_several_racing_creations_of_an_account_name_wins,
            one_of_several_racing_rotations_of_a_key_wins,
            a_key_is_good_while_its_account_has_it_and_is_active,
            service_accounts_survive_a_kill,
        );
        $crate::contract_tests!(@in $bench; audit:
            records_come_newest_first_and_as_they_were_committed,
            audit_pages_visit_every_record_once,
            audit_pages_are_stable_under_commits,
            audit_filters_find_exactly_the_matching_records,
            the_last_audit_page_has_no_next,
            a_read_of_the_log_sees_all_that_was_committed_before_it,
            a_rejected_unit_is_not_in_the_log,
            the_log_survives_a_kill,
        );
        $crate::contract_tests!(@in $bench; snapshots:
            a_snapshot_has_everything_once_and_in_order,
            a_snapshot_does_not_show_later_commits,
            a_snapshot_taken_under_sixteen_writers_is_consistent,
            a_restored_store_is_equal_and_accepts_commits,
            invalid_items_are_not_restored,
        );
        $crate::contract_tests!(@in $bench; words:
            a_record_with_unknown_words_is_read_as_it_was_written,
            an_unknown_word_matches_no_filter,
            an_unknown_permission_grants_nothing_and_stays,
            a_restored_store_has_the_unknown_words,
        );
        $crate::contract_tests!(@in $bench; extremes:
            the_largest_values_are_kept,
            an_empty_store_answers_every_read,
            a_login_with_nul_finds_nobody,
            a_cursor_with_nul_is_a_place_in_the_list,
        );
        $crate::contract_tests!(@in $bench; series:
            users_are_found_by_all_their_keys_at_once,
            a_user_with_several_keys_is_found_once,
            each_unit_of_a_series_sees_those_before_it,
            a_refused_unit_of_a_series_changes_nothing,
            a_unit_of_a_long_series_sees_those_far_before_it,
            a_long_series_survives_a_kill_in_its_order,
            racing_series_create_everyone_once,
            a_dropped_series_leaves_its_first_users,
        );
        $crate::contract_tests!(@in $bench; recovery:
            committed_changes_survive_a_kill,
            a_dropped_commit_is_all_or_nothing,
            commits_of_many_concurrent_writers_survive_a_kill,
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
