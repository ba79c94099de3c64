//! Random bytes for ids.

use parking_lot::Mutex;
use roster_auth::Entropy;

/// How many bytes are drawn at once: enough for a hundred ids.
const BLOCK: usize = 1024;

/// The random part of ids, drawn from [`Entropy`] in blocks, because a system call for each id would be a noticeable part of
/// a small commit. Ids are not secret; keys and tokens draw their own bytes.
pub(crate) struct IdBytes(Mutex<Block>);

struct Block {
    bytes: [u8; BLOCK],
    /// How many of them were given out.
    used: usize,
}

impl IdBytes {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(Block { bytes: [0; BLOCK], used: BLOCK }))
    }

    /// Bytes that are given out only once.
    pub(crate) fn take<const N: usize>(&self, entropy: &dyn Entropy) -> [u8; N] {
        const { assert!(N <= BLOCK) };
        let mut taken = [0; N];
        let mut block = self.0.lock();
        if BLOCK - block.used < N {
            entropy.fill(&mut block.bytes);
            block.used = 0;
        }
        let end = block.used + N;
        taken.copy_from_slice(&block.bytes[block.used..end]);
        block.used = end;
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU8, Ordering};

    /// Returns bytes that differ from one call to the next.
    #[derive(Default)]
    struct Numbered(AtomicU8);

    impl Entropy for Numbered {
        fn fill(&self, bytes: &mut [u8]) {
            let call = self.0.fetch_add(1, Ordering::Relaxed);
            bytes.iter_mut().zip(0_u8..=u8::MAX).for_each(|(byte, place)| *byte = place ^ call);
        }
    }

    #[test]
    fn no_byte_is_given_out_twice() {
        let (ids, entropy) = (IdBytes::new(), Numbered::default());
        let taken: Vec<[u8; 10]> = (0..20).map(|_| ids.take(&entropy)).collect();
        let expected: Vec<u8> = (0..200).collect();
        assert_eq!(taken.concat(), expected);
    }

    #[test]
    fn a_used_block_is_replaced() {
        let (ids, entropy) = (IdBytes::new(), Numbered::default());
        let blocks: Vec<[u8; BLOCK]> = (0..2).map(|_| ids.take(&entropy)).collect();
        assert_ne!(blocks[0], blocks[1]);
    }
}
