//! Random changes of inputs, the same in every run: what `cargo test` tries on each seed. It is no
//! replacement for libFuzzer, which knows what an input has reached.

/// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014):
/// enough to choose changes by.
pub struct Mutation(u64);

impl Mutation {
    /// The changes that follow from a number.
    #[must_use]
    pub const fn from_number(number: u64) -> Self {
        Self(number)
    }

    fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, which is not zero.
    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.draw() % end as u64).unwrap_or_default()
    }

    /// One to four changes of an input: bits, bytes, pieces that go, come twice, or come from
    /// another input.
    #[must_use]
    pub fn of(&mut self, input: &[u8], other: &[u8]) -> Vec<u8> {
        let mut out = input.to_vec();
        for _ in 0..=self.below(4) {
            let at = self.below(out.len() + 1);
            let length = self.below(16).min(out.len() - at);
            match self.below(8) {
                0 | 1 if at < out.len() => out[at] ^= 1 << self.below(8),
                2 if at < out.len() => {
                    out[at] = [0, 1, 0x7F, 0x80, 0xFF, b'"', b'%', b'\\'][self.below(8)];
                }
                3 if at < out.len() => out[at] = self.draw().to_le_bytes()[0],
                4 => drop(out.drain(at..at + length)),
                5 => {
                    let piece = out[at..at + length].to_vec();
                    out.splice(at..at, piece);
                }
                6 => out.truncate(at),
                _ => {
                    let from = self.below(other.len() + 1);
                    let length = self.below(64).min(other.len() - from);
                    let end = (at + length * self.below(2)).min(out.len());
                    out.splice(at..end, other[from..from + length].iter().copied());
                }
            }
        }
        out
    }
}
