//! How postings are kept: the numbers of attributes, and places as distances.

use trent_types::TrailAttribute;

/// The number of an attribute; 0 for any record. They are stored and never change.
pub(crate) const fn attribute_number(attribute: Option<TrailAttribute>) -> i16 {
    match attribute {
        None => 0,
        Some(TrailAttribute::EventId) => 1,
        Some(TrailAttribute::EventName) => 2,
        Some(TrailAttribute::ReadOnly) => 3,
        Some(TrailAttribute::Username) => 4,
        Some(TrailAttribute::ResourceType) => 5,
        Some(TrailAttribute::ResourceName) => 6,
        Some(TrailAttribute::EventSource) => 7,
        Some(TrailAttribute::AccessKeyId) => 8,
        Some(TrailAttribute::ErrorCode) => 9,
    }
}

/// The distances between ascending numbers, each seven bits a byte, the lowest first; the high bit
/// says that more follow (DWARF 5, section 7.6, "unsigned LEB128").
pub(crate) fn pack(sequences: &[u64], out: &mut Vec<u8>) {
    for (before, after) in sequences.iter().zip(sequences.iter().skip(1)) {
        let mut distance = after.wrapping_sub(*before);
        while distance >= 0x80 {
            out.push(distance as u8 | 0x80);
            distance >>= 7;
        }
        out.push(distance as u8);
    }
}

/// The numbers again; `None` when the bytes are not distances.
pub(crate) fn unpack(first: u64, mut packed: &[u8]) -> Option<Vec<u64>> {
    let mut sequences = vec![first];
    let mut last = first;
    while !packed.is_empty() {
        let (mut distance, mut shift) = (0u64, 0u32);
        loop {
            let (byte, rest) = packed.split_first()?;
            packed = rest;
            let bits = u64::from(byte & 0x7f);
            distance |= bits.checked_shl(shift).filter(|moved| moved >> shift == bits)?;
            if byte & 0x80 == 0 {
                break;
            }
            shift += 7;
        }
        last = last.checked_add(distance)?;
        sequences.push(last);
    }
    Some(sequences)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_attribute_has_a_number_of_its_own_and_neighbours_take_a_byte() {
        let mut numbers: Vec<_> = TrailAttribute::ALL
            .iter()
            .map(|attribute| attribute_number(Some(*attribute)))
            .collect();
        numbers.push(attribute_number(None));
        numbers.sort_unstable();
        assert_eq!(numbers, (0..=9).collect::<Vec<_>>());
        let mut packed = Vec::new();
        pack(&[1_000_000, 1_000_001, 1_000_128, 1_000_256], &mut packed);
        assert_eq!(packed, [1, 127, 0x80, 1]);
        assert_eq!(unpack(u64::MAX, &[1]), None);
        assert_eq!(unpack(0, &[0x80]), None);
        assert_eq!(unpack(0, &[0xff; 12]), None);
    }

    proptest! {
        #[test]
        fn numbers_come_back_as_they_were(
            mut numbers in prop::collection::vec(any::<u64>(), 1..50)
        ) {
            numbers.sort_unstable();
            let mut packed = Vec::new();
            pack(&numbers, &mut packed);
            prop_assert_eq!(unpack(numbers[0], &packed), Some(numbers));
        }

        #[test]
        fn no_bytes_make_it_panic(first: u64, packed: Vec<u8>) {
            let _ = unpack(first, &packed);
        }
    }
}
