//! Messages as another build writes them: any fields of the schema or none, and others besides.

use prost::encoding::encode_varint;
use protox::prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};

/// How deep messages are in each other at most; some are in themselves.
const DEEP: usize = 5;
/// Field numbers end here (Protocol Buffers, "Assigning field numbers").
const NUMBER_MAX: u32 = 536_870_911;

/// Decisions, one after the other; all 0 when there are no more.
pub(crate) struct Choices<'a>(pub(crate) std::slice::Iter<'a, u8>);

impl Choices<'_> {
    fn byte(&mut self) -> u8 {
        self.0.next().copied().unwrap_or_default()
    }

    fn below(&mut self, bound: u8) -> u8 {
        self.byte() % bound
    }

    /// Small and large ones, up to all bits.
    fn number(&mut self) -> u64 {
        let bytes: [u8; 8] = std::array::from_fn(|_| self.byte());
        u64::from_le_bytes(bytes) >> self.below(64)
    }

    fn bytes(&mut self) -> Vec<u8> {
        (0..self.below(5)).map(|_| self.byte()).collect()
    }

    fn text(&mut self) -> Vec<u8> {
        (0..self.below(5)).map(|_| b'a' + self.below(26)).collect()
    }
}

/// A message twice: as this build's schema has it, and with what a newer one has besides.
#[derive(Default)]
pub(crate) struct Twice {
    pub(crate) known: Vec<u8>,
    pub(crate) newer: Vec<u8>,
}

impl Twice {
    /// Any message of this kind.
    pub(crate) fn any(message: &MessageDescriptor, choices: &mut Choices<'_>) -> Self {
        let mut twice = Self::default();
        twice.fill(message, choices, DEEP);
        twice
    }

    fn fill(&mut self, message: &MessageDescriptor, choices: &mut Choices<'_>, deep: usize) {
        for field in message.fields() {
            self.unknown(message, choices);
            let times = choices.below(if field.is_list() { 4 } else { 2 });
            for _ in 0..times {
                self.field(&field, choices, deep);
            }
        }
        self.unknown(message, choices);
    }

    fn field(&mut self, field: &FieldDescriptor, choices: &mut Choices<'_>, deep: usize) {
        if let Kind::Message(inner) = field.kind() {
            let mut twice = Self::default();
            if deep > 0 {
                twice.fill(&inner, choices, deep - 1);
            }
            put_bytes(&mut self.known, field.number(), &twice.known);
            put_bytes(&mut self.newer, field.number(), &twice.newer);
            return;
        }
        let mut bytes = Vec::new();
        put(&mut bytes, field.number(), &field.kind(), choices);
        self.known.extend_from_slice(&bytes);
        self.newer.extend_from_slice(&bytes);
    }

    /// Up to two fields that this build does not know.
    fn unknown(&mut self, message: &MessageDescriptor, choices: &mut Choices<'_>) {
        for _ in 0..choices.below(3) {
            let near = message.fields().map(|field| field.number()).max().unwrap_or_default();
            let number = match choices.below(4) {
                0 => NUMBER_MAX,
                1 => 20_000 + u32::from(choices.byte()),
                _ => near + 1 + u32::from(choices.below(30)),
            };
            let kinds = [Kind::Uint64, Kind::Fixed64, Kind::Bytes, Kind::Fixed32, Kind::String];
            let kind = &kinds[usize::from(choices.below(5))];
            put(&mut self.newer, number, kind, choices);
        }
    }
}

fn put_bytes(to: &mut Vec<u8>, number: u32, bytes: &[u8]) {
    encode_varint(u64::from(number) << 3 | 2, to);
    encode_varint(bytes.len() as u64, to);
    to.extend_from_slice(bytes);
}

/// Writes one value (Protocol Buffers, "Encoding"). An enumeration has any number, as there may be
/// more of them elsewhere.
fn put(to: &mut Vec<u8>, number: u32, kind: &Kind, choices: &mut Choices<'_>) {
    let key = |to: &mut Vec<u8>, wire: u64| encode_varint(u64::from(number) << 3 | wire, to);
    match kind {
        Kind::String => put_bytes(to, number, &choices.text()),
        Kind::Bytes => put_bytes(to, number, &choices.bytes()),
        Kind::Message(_) => put_bytes(to, number, &[]),
        Kind::Double | Kind::Fixed64 | Kind::Sfixed64 => {
            key(to, 1);
            to.extend_from_slice(&choices.number().to_le_bytes());
        }
        Kind::Float | Kind::Fixed32 | Kind::Sfixed32 => {
            key(to, 5);
            to.extend_from_slice(&choices.number().to_le_bytes()[..4]);
        }
        Kind::Bool => {
            key(to, 0);
            encode_varint(u64::from(choices.below(2)), to);
        }
        Kind::Int32 | Kind::Uint32 | Kind::Sint32 | Kind::Enum(_) => {
            key(to, 0);
            encode_varint(choices.number() >> 33, to);
        }
        Kind::Int64 | Kind::Uint64 | Kind::Sint64 => {
            key(to, 0);
            encode_varint(choices.number(), to);
        }
    }
}
