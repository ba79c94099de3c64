//! The threads that read.

use std::num::NonZeroUsize;
use std::time::Duration;

use roster_storage::StoreError;

use super::database;
use crate::reader::Reader;
use crate::readers::{End, Readers};
use crate::users;

#[tokio::test]
async fn a_read_that_panics_fails_alone() {
    let reader = Reader::new(database()).unwrap();
    let readers = Readers::start("test", Duration::from_mins(1), NonZeroUsize::MIN, vec![reader]).unwrap();
    let broken = readers.read::<()>(|reader| {
        reader.limit().set_steps(Some(0));
        panic!("a fault of this read")
    });
    let broken = tokio::time::timeout(Duration::from_secs(10), broken).await.unwrap();
    assert!(matches!(broken, Err(StoreError::Unavailable(_))), "{broken:?}");
    let next = readers.read(|connection| users::has_active_admin(connection, None));
    let next = tokio::time::timeout(Duration::from_secs(10), next).await;
    assert!(!next.expect("the thread goes on").unwrap());
    readers.end(End::Abandon);
}
