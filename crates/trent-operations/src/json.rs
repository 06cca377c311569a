//! JSON written straight into a buffer, for answers and audit records.

use std::fmt::{self, Display, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use trent_types::{TextParts, Timestamp};

/// An object under construction.
pub(crate) struct Object<'a> {
    out: &'a mut Vec<u8>,
    empty: bool,
}

impl<'a> Object<'a> {
    /// Opens an object at the end of `out`.
    pub(crate) fn begin(out: &'a mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { out, empty: true }
    }

    /// Closes it.
    pub(crate) fn end(self) {
        self.out.push(b'}');
    }

    /// Whether it has no members so far.
    pub(crate) const fn is_empty(&self) -> bool {
        self.empty
    }

    /// Writes the member's name; its value must follow in the buffer that this returns. Names are
    /// of this program, without anything to escape.
    #[inline]
    pub(crate) fn member(&mut self, name: &'static str) -> &mut Vec<u8> {
        self.out.extend_from_slice(if self.empty { b"\"" } else { b",\"" });
        self.empty = false;
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
        self.out
    }

    /// A string under a name of the caller's.
    pub(crate) fn pair(&mut self, name: &str, value: &str) {
        if !self.empty {
            self.out.push(b',');
        }
        self.empty = false;
        quote(self.out, name);
        self.out.push(b':');
        quote(self.out, value);
    }

    /// A string.
    pub(crate) fn text(&mut self, name: &'static str, value: &str) {
        quote(self.member(name), value);
    }

    /// Members that are always the same, as JSON with the commas between them.
    #[inline]
    pub(crate) fn constant(&mut self, members: &'static str) {
        if !self.empty {
            self.out.push(b',');
        }
        self.empty = false;
        self.out.extend_from_slice(members.as_bytes());
    }

    /// A string in which nothing needs an escape: a name of this program, an account, a Region, an
    /// address.
    #[inline]
    pub(crate) fn plain(&mut self, name: &'static str, value: &str) {
        let out = self.member(name);
        out.push(b'"');
        out.extend_from_slice(value.as_bytes());
        out.push(b'"');
    }

    /// A string in which nothing needs an escape: an id, an ARN of KMS, a moment.
    #[inline]
    pub(crate) fn id(&mut self, name: &'static str, value: &impl TextParts) {
        let out = self.member(name);
        out.push(b'"');
        value.each_part(|part| out.extend_from_slice(part.as_bytes()));
        out.push(b'"');
    }

    /// A string, where there is one.
    pub(crate) fn text_if(&mut self, name: &'static str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(name, value);
        }
    }

    /// What prints as a string.
    pub(crate) fn shown(&mut self, name: &'static str, value: &dyn Display) {
        show(self.member(name), value);
    }

    /// An integer.
    pub(crate) fn number(&mut self, name: &'static str, value: i64) {
        number(self.member(name), value);
    }

    /// A boolean.
    pub(crate) fn boolean(&mut self, name: &'static str, value: bool) {
        self.raw(name, if value { b"true" } else { b"false" });
    }

    /// Seconds since the epoch, with up to three decimals.
    pub(crate) fn epoch_seconds(&mut self, name: &'static str, moment: Timestamp) {
        epoch_seconds(self.member(name), moment);
    }

    /// Bytes in base64.
    pub(crate) fn blob(&mut self, name: &'static str, bytes: &[u8]) {
        blob(self.member(name), bytes);
    }

    /// A value that is JSON already.
    pub(crate) fn raw(&mut self, name: &'static str, json: &[u8]) {
        self.member(name).extend_from_slice(json);
    }

    /// An object.
    pub(crate) fn object(&mut self, name: &'static str, fill: impl FnOnce(&mut Object<'_>)) {
        let mut inner = Object::begin(self.member(name));
        fill(&mut inner);
        inner.end();
    }

    /// A list, one value for each item, written by `write`.
    pub(crate) fn list<T>(
        &mut self,
        name: &'static str,
        items: impl IntoIterator<Item = T>,
        mut write: impl FnMut(&mut Vec<u8>, T),
    ) {
        let out = self.member(name);
        out.push(b'[');
        for (at, item) in items.into_iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            write(out, item);
        }
        out.push(b']');
    }
}

/// A buffer with one object in it.
pub(crate) fn object(capacity: usize, fill: impl FnOnce(&mut Object<'_>)) -> Vec<u8> {
    let mut out = Vec::with_capacity(capacity);
    let mut object = Object::begin(&mut out);
    fill(&mut object);
    object.end();
    out
}

/// Appends a string with its quotes and escapes (RFC 8259, section 7).
pub(crate) fn quote(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    escape(out, text);
    out.push(b'"');
}

fn escape(out: &mut Vec<u8>, text: &str) {
    let mut rest = text.as_bytes();
    // Nearly every text is.
    if is_plain(rest) {
        out.extend_from_slice(rest);
        return;
    }
    let special = |b: &u8| matches!(b, b'"' | b'\\' | 0..=0x1f | 0x7f);
    while let Some(at) = rest.iter().position(special) {
        let (plain, tail) = rest.split_at(at);
        out.extend_from_slice(plain);
        let Some((&byte, tail)) = tail.split_first() else { return };
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            other => {
                let digit = |n: u8| if n < 10 { b'0' + n } else { b'a' + n - 10 };
                out.extend_from_slice(b"\\u00");
                out.extend_from_slice(&[digit(other >> 4), digit(other & 15)]);
            }
        }
        rest = tail;
    }
    out.extend_from_slice(rest);
}

/// Whether nothing in a text needs an escape; eight bytes are looked at together.
fn is_plain(text: &[u8]) -> bool {
    let (words, rest) = text.as_chunks::<8>();
    let last = match text.last_chunk::<8>() {
        // Some of them once more.
        Some(last) => *last,
        None => {
            let mut last = [b' '; 8];
            last.iter_mut().zip(rest).for_each(|(place, byte)| *place = *byte);
            last
        }
    };
    words.iter().chain([&last]).fold(0, |found, word| found | specials(*word)) == 0
}

/// Zero when none of eight bytes needs an escape: when a byte is below 32, a quote, a backslash or
/// 127, a subtraction borrows into its highest bit.
fn specials(word: [u8; 8]) -> u64 {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    let word = u64::from_ne_bytes(word);
    let below = |word: u64, limit: u8| word.wrapping_sub(ONES * u64::from(limit)) & !word;
    let equal = |byte: u8| below(word ^ (ONES * u64::from(byte)), 1);
    (below(word, 32) | equal(b'"') | equal(b'\\') | equal(127)) & (ONES << 7)
}

/// Appends what something prints as a string.
pub(crate) fn show(out: &mut Vec<u8>, value: &dyn Display) {
    out.push(b'"');
    // Cannot fail: `Escaping` never does.
    let _ = write!(Escaping(out), "{value}");
    out.push(b'"');
}

struct Escaping<'a>(&'a mut Vec<u8>);

impl fmt::Write for Escaping<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        escape(self.0, text);
        Ok(())
    }
}

/// Appends an integer.
pub(crate) fn number(out: &mut Vec<u8>, value: i64) {
    if value < 0 {
        out.push(b'-');
    }
    let mut digits = [0u8; 20];
    let mut left = value.unsigned_abs();
    let mut used = 0;
    for digit in digits.iter_mut().rev() {
        // Cannot be cut short: below ten.
        *digit = b'0' + (left % 10) as u8;
        left /= 10;
        used += 1;
        if left == 0 {
            break;
        }
    }
    out.extend_from_slice(digits.get(digits.len() - used..).unwrap_or_default());
}

/// Appends seconds since the epoch with up to three decimals, none when they are zero.
pub(crate) fn epoch_seconds(out: &mut Vec<u8>, moment: Timestamp) {
    number(out, moment.as_seconds());
    let millis = moment.as_millis().rem_euclid(1000);
    if millis != 0 {
        let digits = [millis / 100, millis / 10 % 10, millis % 10];
        let used = digits.iter().rposition(|digit| *digit != 0).map_or(0, |last| last + 1);
        out.push(b'.');
        // Cannot be cut short: below ten.
        out.extend(digits.iter().take(used).map(|digit| b'0' + *digit as u8));
    }
}

/// Appends base64 with its quotes. The text is written in place: a plaintext leaves no copies
/// behind.
pub(crate) fn blob(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(b'"');
    let start = out.len();
    out.resize(start + bytes.len().div_ceil(3) * 4, b'=');
    if let Some(room) = out.get_mut(start..) {
        // Cannot fail: the room is exactly what padded base64 needs.
        let _ = STANDARD.encode_slice(bytes, room);
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_string_comes_back_from_its_json(text: String) {
            let mut out = Vec::new();
            quote(&mut out, &text);
            prop_assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), text);
        }

        #[test]
        fn every_integer_comes_back(value: i64) {
            let mut out = Vec::new();
            number(&mut out, value);
            prop_assert_eq!(String::from_utf8(out).unwrap(), value.to_string());
        }
    }

    #[test]
    fn no_byte_that_needs_an_escape_is_overlooked_wherever_it_stands() {
        for length in 0..40 {
            for place in 0..length {
                for byte in 0..=127 {
                    let mut text = vec![b'~'; length];
                    text[place] = byte;
                    let special = matches!(byte, b'"' | b'\\' | 0..=0x1f | 0x7f);
                    assert_eq!(is_plain(&text), !special, "{byte} at {place} of {length}");
                }
            }
        }
        assert!(is_plain(b"") && is_plain("é\u{80}\u{10ffff}".as_bytes()));
    }

    #[test]
    fn moments_have_at_most_three_decimals() {
        for (millis, text) in [(1_502_910_355_475, "1502910355.475"), (5_000, "5"), (5_050, "5.05")]
        {
            let mut out = Vec::new();
            epoch_seconds(&mut out, Timestamp::from_millis(millis));
            assert_eq!(String::from_utf8(out).unwrap(), text);
        }
    }
}
