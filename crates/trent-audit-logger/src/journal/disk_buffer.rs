//! A buffer that disks can read from directly.

use super::line::BLOCK;

/// Bytes whose first one has an address that is a multiple of [`BLOCK`] (`O_DIRECT` in open(2)), as
/// long as they are no more than was made room for.
#[derive(Default)]
pub(super) struct DiskBuffer {
    bytes: Vec<u8>,
    start: usize,
}

impl DiskBuffer {
    /// Empties it and makes room.
    pub(super) fn clear(&mut self, room: usize) {
        self.bytes.clear();
        self.bytes.reserve(room.saturating_add(2 * BLOCK));
        let start = self.bytes.as_ptr().align_offset(BLOCK);
        // The compiler may say that it cannot tell; then nothing is written directly.
        self.start = if start < BLOCK { start } else { 0 };
        self.bytes.resize(self.start, 0);
    }

    /// To append to. What was cleared away stands before [`Self::start`].
    pub(super) const fn bytes(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// Where the contents begin in [`Self::bytes`].
    pub(super) const fn start(&self) -> usize {
        self.start
    }

    /// What was appended.
    pub(super) fn contents(&self) -> &[u8] {
        self.bytes.get(self.start..).unwrap_or_default()
    }

    /// How much it holds without growing.
    pub(super) const fn capacity(&self) -> usize {
        self.bytes.capacity()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contents_begin_at_a_block_however_much_room_there_is() {
        let mut buffer = DiskBuffer::default();
        for room in [0, 1, 511, 512, 5_000, 100_000, 3] {
            buffer.clear(room);
            let end = buffer.start() + room + BLOCK;
            buffer.bytes().resize(end, 7);
            assert_eq!(buffer.contents(), vec![7; room + BLOCK]);
            assert_eq!(buffer.contents().as_ptr().addr() % BLOCK, 0);
        }
    }
}
