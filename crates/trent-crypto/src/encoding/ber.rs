//! BER to DER: what is imported may be BER, what is parsed is DER.
//!
//! BER (X.690, section 8) leaves choices that DER (section 10) does not: lengths with leading
//! zeros, indefinite lengths, and strings in pieces. Turning them into DER before anything is
//! parsed leaves one strict parser for keys, instead of one for each form.

use zeroize::Zeroizing;

/// Deeper than any private key; beyond it, nesting is refused before it costs stack.
const DEPTH_MAX: usize = 16;

const CONSTRUCTED: u8 = 0x20;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
/// A low-tag-number octet of this value says that the tag number follows (X.690, section 8.1.2.4).
const HIGH_TAG_NUMBER: u8 = 0x1f;

/// The DER form of one BER value that fills the input; `None` for anything else. Tag numbers above
/// 30, which no key has, are refused. Buffers are wiped.
pub(crate) fn to_der(ber: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut rest = ber;
    let der = value(&mut rest, 0)?;
    rest.is_empty().then_some(der)
}

/// One value, with tag and length, taken off the input.
fn value(input: &mut &[u8], depth: usize) -> Option<Zeroizing<Vec<u8>>> {
    if depth > DEPTH_MAX {
        return None;
    }
    let tag = take_byte(input)?;
    if tag & HIGH_TAG_NUMBER == HIGH_TAG_NUMBER || tag == 0 {
        return None;
    }
    let constructed = tag & CONSTRUCTED != 0;
    match take_length(input)? {
        None if !constructed => None,
        None => {
            let values = values(input, depth, true)?;
            write(tag, &values)
        }
        Some(length) => {
            let (mut content, rest) = input.split_at_checked(length)?;
            *input = rest;
            if constructed {
                let values = values(&mut content, depth, false)?;
                write(tag, &values)
            } else {
                write(tag, &[Zeroizing::new(content.to_vec())])
            }
        }
    }
}

/// The values up to the end of the input, or up to end-of-contents octets, which are taken off.
fn values(input: &mut &[u8], depth: usize, indefinite: bool) -> Option<Vec<Zeroizing<Vec<u8>>>> {
    let mut values = Vec::new();
    loop {
        match *input {
            [] if indefinite => return None,
            [] => return Some(values),
            [0, 0, rest @ ..] if indefinite => {
                *input = rest;
                return Some(values);
            }
            _ => values.push(value(input, depth + 1)?),
        }
    }
}

/// A value in DER: a definite, shortest length, and strings in one piece. `parts` are the inner
/// values of what is constructed, otherwise the content.
fn write(tag: u8, parts: &[Zeroizing<Vec<u8>>]) -> Option<Zeroizing<Vec<u8>>> {
    let joined;
    let (tag, parts) = match tag {
        _ if tag == OCTET_STRING | CONSTRUCTED => {
            joined = pieces(parts, OCTET_STRING, false)?;
            (OCTET_STRING, std::slice::from_ref(&joined))
        }
        _ if tag == BIT_STRING | CONSTRUCTED => {
            joined = pieces(parts, BIT_STRING, true)?;
            (BIT_STRING, std::slice::from_ref(&joined))
        }
        _ => (tag, parts),
    };
    let length = parts.iter().map(|part| part.len()).sum();
    // All the room there can be need of: bytes that moved would leave copies unwiped.
    let mut der = Zeroizing::new(Vec::with_capacity(length + 8));
    der.push(tag);
    push_length(&mut der, length)?;
    for part in parts {
        der.extend_from_slice(part);
    }
    Some(der)
}

/// The content of a string in pieces, each piece already in DER. In a bit string every piece begins
/// with its count of unused bits, which is 0 in all but the last (X.690, section 8.6.4).
fn pieces(parts: &[Zeroizing<Vec<u8>>], tag: u8, bits: bool) -> Option<Zeroizing<Vec<u8>>> {
    let mut content = Zeroizing::new(Vec::with_capacity(parts.iter().map(|part| part.len()).sum()));
    let mut unused = 0;
    if bits {
        content.push(0);
    }
    for part in parts {
        let mut part = part.as_slice();
        if take_byte(&mut part)? != tag || take_length(&mut part)?? != part.len() {
            return None;
        }
        if bits {
            if unused != 0 {
                return None;
            }
            unused = take_byte(&mut part)?;
        }
        content.extend_from_slice(part);
    }
    if let (true, Some(first)) = (bits, content.first_mut()) {
        *first = unused;
    }
    Some(content)
}

fn take_byte(input: &mut &[u8]) -> Option<u8> {
    let (first, rest) = input.split_first()?;
    *input = rest;
    Some(*first)
}

/// A length; inside, `None` for an indefinite one (X.690, section 8.1.3).
fn take_length(input: &mut &[u8]) -> Option<Option<usize>> {
    match take_byte(input)? {
        short @ 0..=0x7f => Some(Some(usize::from(short))),
        0x80 => Some(None),
        0xff => None,
        long => {
            let (octets, rest) = input.split_at_checked(usize::from(long & 0x7f))?;
            *input = rest;
            octets
                .iter()
                .try_fold(0_usize, |length, octet| {
                    Some(length.checked_mul(256)? | usize::from(*octet))
                })
                .map(Some)
        }
    }
}

fn push_length(der: &mut Vec<u8>, length: usize) -> Option<()> {
    match u8::try_from(length) {
        Ok(short @ 0..=0x7f) => der.push(short),
        Ok(one) => der.extend_from_slice(&[0x81, one]),
        Err(_) => {
            der.push(0x82);
            // Longer than 64 KiB is no key.
            der.extend_from_slice(&u16::try_from(length).ok()?.to_be_bytes());
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn der_of(ber: &str) -> Option<String> {
        to_der(&hex::decode(ber).unwrap()).map(|der| hex::encode(&*der))
    }

    #[test]
    fn der_stays_as_it_is() {
        for der in ["3000", "020101", "30060201010401ff", "a10403020780", "0500"] {
            assert_eq!(der_of(der).as_deref(), Some(der));
        }
    }

    #[test]
    fn indefinite_and_long_lengths_become_short_ones() {
        assert_eq!(der_of("30800201010000").as_deref(), Some("3003020101"));
        assert_eq!(der_of("30808020810105a0800000 0000".replace(' ', "").as_str()), None);
        assert_eq!(
            der_of("3081030201 01".replace(' ', "").as_str()).as_deref(),
            Some("3003020101")
        );
        assert_eq!(der_of("30830000030201 01".replace(' ', "").as_str()).unwrap(), "3003020101");
        assert_eq!(der_of("3080308002010100000000").unwrap(), "30053003020101");
    }

    #[test]
    fn strings_in_pieces_become_one() {
        assert_eq!(der_of("24800401aa0402bbcc0000").unwrap(), "0403aabbcc");
        assert_eq!(der_of("2407240304 01aa0400".replace(' ', "").as_str()).unwrap(), "0401aa");
        assert_eq!(der_of("2308030200aa030204b0").unwrap(), "030304aab0");
        // Unused bits in a piece that is not the last; a piece of another kind.
        assert_eq!(der_of("2308030204a0030200bb"), None);
        assert_eq!(der_of("2403020101"), None);
    }

    #[test]
    fn what_is_cut_off_followed_or_too_deep_is_refused() {
        for bad in
            ["", "30", "3003", "30030201", "300302010100", "0480", "308002", "1f0100", "0000"]
        {
            assert_eq!(der_of(bad), None, "{bad}");
        }
        let mut deep = vec![0x02, 0x01, 0x01];
        for _ in 0..20 {
            deep.insert(0, u8::try_from(deep.len()).unwrap());
            deep.insert(0, 0x30);
        }
        assert!(to_der(&deep).is_none());
    }

    proptest! {
        #[test]
        fn bytes_of_anyones_making_do_no_harm_and_der_is_a_fixed_point(
            bytes in prop::collection::vec(any::<u8>(), 0..80),
        ) {
            if let Some(der) = to_der(&bytes) {
                prop_assert_eq!(&*to_der(&der).unwrap(), &*der);
            }
        }
    }
}
