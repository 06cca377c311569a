//! Cutting an input into the parts that a target needs.

/// What is left of an input. An input that is too short reads as if zeros followed, so that every
/// input is one for every target.
pub(crate) struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    /// The whole input.
    pub(crate) const fn new(data: &'a [u8]) -> Self {
        Self(data)
    }

    /// The next byte.
    pub(crate) fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    /// The next `N` bytes.
    pub(crate) fn array<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.byte())
    }

    /// One of these, by the next byte.
    pub(crate) fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[usize::from(self.byte()) % choices.len()]
    }

    /// As many of the next bytes as the byte before them says, or all there are.
    pub(crate) fn piece(&mut self) -> &'a [u8] {
        let length = usize::from(self.byte()).min(self.0.len());
        let (piece, rest) = self.0.split_at(length);
        self.0 = rest;
        piece
    }

    /// A piece as text, or nothing when it is none.
    pub(crate) fn text(&mut self) -> &'a str {
        std::str::from_utf8(self.piece()).unwrap_or_default()
    }

    /// All that is left.
    pub(crate) const fn rest(self) -> &'a [u8] {
        self.0
    }
}
