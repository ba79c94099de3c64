//! Numbers that look random and depend only on a seed.

/// A sequence of numbers (`SplitMix64`).
pub(super) struct Random(u64);

impl Random {
    /// The sequence of this member of the family with this seed. Each member has its own, so that none depends on the
    /// members before it.
    pub(super) fn of(seed: u64, member: u64) -> Self {
        let mut first = Self(seed ^ member.wrapping_mul(0xD1B5_4A32_D192_ED03));
        Self(first.draw())
    }

    /// The next number.
    pub(super) const fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }

    /// A number from 0 up to, but not including, `end`.
    pub(super) const fn below(&mut self, end: u64) -> u64 {
        if end == 0 { 0 } else { self.draw() % end }
    }

    /// Whether an event of this frequency happens, in a hundred thousand.
    pub(super) const fn happens(&mut self, frequency: u64) -> bool {
        self.below(100_000) < frequency
    }

    /// A number from 0 to 1, both ends excluded from use as a divisor.
    pub(super) fn share(&mut self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "32 bits fit")]
        let share = (self.draw() >> 32) as f64;
        share / 4_294_967_296.0
    }

    /// One of these, each as likely as the others.
    pub(super) fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        #[expect(clippy::cast_possible_truncation, reason = "an index into a short list")]
        let index = self.below(all.len() as u64) as usize;
        &all[index]
    }

    /// One of these, where the first are much more likely than the last.
    pub(super) fn one_of_skewed<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        #[expect(clippy::cast_precision_loss, reason = "a short list")]
        let place = self.share().powi(2) * all.len() as f64;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "an index into a short list"
        )]
        let index = place as usize;
        &all[index.min(all.len() - 1)]
    }
}
