//! Secrets that are planted, and the search for them in every form in which they may turn up.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use aho_corasick::AhoCorasick;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// How much of a canary's beginning, and of its end, is enough to be found.
const PART_BYTES: usize = 16;

/// Bytes that must not turn up.
#[derive(Debug, Clone)]
pub struct Canary {
    /// What it is.
    pub name: String,
    /// The secret itself; at least [`PART_BYTES`], random.
    pub bytes: Vec<u8>,
}

impl Canary {
    /// Names a secret.
    pub fn new(name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self { name: name.into(), bytes: bytes.into() }
    }

    /// A new random text with characters that URLs, JSON and source code escape.
    #[must_use]
    pub fn text(name: &str) -> Self {
        let part = || format!("{:06x}\"/+%\\{:06x}", rand::random::<u32>(), rand::random::<u32>());
        Self::new(name, part() + &part())
    }

    /// New random bytes.
    #[must_use]
    pub fn binary(name: &str) -> Self {
        Self::new(name, rand::random::<[u8; 64]>())
    }
}

/// Looks for canaries.
#[derive(Debug)]
pub struct Search {
    forms: AhoCorasick,
    /// The canary and the kind of each form.
    meaning: Vec<(usize, &'static str)>,
    canaries: Vec<Canary>,
}

impl Search {
    /// A search for these.
    ///
    /// # Panics
    /// When a canary is too short to be told from chance.
    #[must_use]
    pub fn new(canaries: Vec<Canary>) -> Self {
        let (mut forms, mut meaning) = (Vec::new(), Vec::new());
        for (number, canary) in canaries.iter().enumerate() {
            assert!(canary.bytes.len() >= PART_BYTES, "{} is too short", canary.name);
            let end = &canary.bytes[canary.bytes.len() - PART_BYTES..];
            for (kind, form) in [&canary.bytes[..PART_BYTES], end].into_iter().flat_map(all_forms) {
                forms.push(form);
                meaning.push((number, kind));
            }
        }
        let forms = AhoCorasick::new(forms).expect("patterns");
        Self { forms, meaning, canaries }
    }

    /// What is found in these bytes, as `name (form)`.
    #[must_use]
    pub fn within(&self, bytes: &[u8]) -> BTreeSet<String> {
        let hits = self.forms.find_overlapping_iter(bytes);
        let hits: BTreeSet<_> = hits.map(|hit| self.meaning[hit.pattern().as_usize()]).collect();
        let name = |(number, kind): (usize, _)| format!("{} ({kind})", self.canaries[number].name);
        hits.into_iter().map(name).collect()
    }
}

/// The bytes as they may be written down.
fn all_forms(part: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let mut forms = vec![("raw", part.to_vec())];
    let digits = part.iter().fold(String::new(), |mut digits, byte| {
        let _ = write!(digits, "{byte:02x}");
        digits
    });
    forms.push(("hex", digits.to_uppercase().into()));
    forms.push(("hex", digits.into()));
    for skipped in 0..3 {
        forms.push(("base64", base64_within(part, skipped, &STANDARD_NO_PAD)));
        forms.push(("base64url", base64_within(part, skipped, &URL_SAFE_NO_PAD)));
    }
    for separator in [", ", ","] {
        let numbers: Vec<_> = part.iter().map(u8::to_string).collect();
        forms.push(("numbers", numbers.join(separator).into()));
    }
    forms.push(("escaped bytes", part.escape_ascii().to_string().into()));
    let url = |upper: bool| {
        part.iter().fold(String::new(), |mut text, byte| {
            let _ = match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                    write!(text, "{}", char::from(*byte))
                }
                _ if upper => write!(text, "%{byte:02X}"),
                _ => write!(text, "%{byte:02x}"),
            };
            text
        })
    };
    forms.extend([("URL", url(true).into()), ("URL", url(false).into())]);
    if let Ok(text) = std::str::from_utf8(part) {
        let json = serde_json::to_string(text).expect("a text");
        forms.push(("JSON", json.trim_matches('"').into()));
        let units = || text.encode_utf16();
        forms.push(("UTF-16LE", units().flat_map(u16::to_le_bytes).collect()));
        forms.push(("UTF-16BE", units().flat_map(u16::to_be_bytes).collect()));
    }
    forms
}

/// The characters of base64 that these bytes alone decide, behind so many other bytes.
fn base64_within(part: &[u8], skipped: usize, engine: &impl base64::Engine) -> Vec<u8> {
    let text = engine.encode([&vec![0; skipped][..], part].concat()).into_bytes();
    let first = (skipped * 8).div_ceil(6);
    let last = (skipped + part.len()) * 8 / 6;
    text[first..last].to_vec()
}

/// What was found where, and in how much.
#[derive(Debug)]
pub struct Place {
    /// Which place.
    pub name: String,
    /// How much was searched.
    pub bytes: u64,
    /// How many canaries were looked for.
    pub canaries: usize,
    /// What was found that must not be, and in which file.
    pub found: BTreeSet<String>,
    /// Whether what belongs there was found, too.
    pub control: bool,
}

impl Place {
    /// Searches bytes; `control` is known to be among them.
    #[must_use]
    pub fn of_bytes(name: &str, bytes: &[u8], search: &Search, control: &[u8]) -> Self {
        let mut place = Self::empty(name, search);
        place.add("", bytes, search, control);
        place
    }

    /// Searches every file under `folder` for whose path `wanted` is true.
    ///
    /// # Panics
    /// When a folder cannot be read.
    #[must_use]
    pub fn of_files(
        name: &str,
        folder: &Path,
        wanted: impl Fn(&Path) -> bool,
        search: &Search,
        control: &[u8],
    ) -> Self {
        let mut place = Self::empty(name, search);
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                } else if wanted(&path) {
                    // What is gone meanwhile was rotated or merged into another file.
                    let bytes = fs::read(&path).unwrap_or_default();
                    place.add(&path.display().to_string(), &bytes, search, control);
                }
            }
        }
        place
    }

    fn empty(name: &str, search: &Search) -> Self {
        let (name, canaries) = (name.to_owned(), search.canaries.len());
        Self { name, bytes: 0, canaries, found: BTreeSet::new(), control: false }
    }

    fn add(&mut self, file: &str, bytes: &[u8], search: &Search, control: &[u8]) {
        self.bytes += bytes.len() as u64;
        self.found.extend(search.within(bytes).into_iter().map(|found| format!("{found} {file}")));
        let control = Search::new(vec![Canary::new("control", control)]);
        self.control |= !control.within(bytes).is_empty();
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;

    use super::*;

    #[test]
    fn a_canary_is_found_in_every_form() {
        let canary = Canary::text("a secret");
        let other = Canary::binary("another");
        let text = String::from_utf8(canary.bytes.clone()).unwrap();
        let search = Search::new(vec![canary.clone(), other.clone()]);
        let encode = |before: &str| STANDARD_NO_PAD.encode(format!("{before}{text}after"));
        let json = serde_json::json!({ "a": text, "b": other.bytes }).to_string();
        let url: String =
            canary.bytes.iter().map(|byte| format!("%{byte:02X}")).collect::<String>();
        let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for (kind, haystack) in [
            ("raw", text.clone().into_bytes()),
            ("base64", encode("").into_bytes()),
            ("base64", encode("1").into_bytes()),
            ("base64", encode("12").into_bytes()),
            ("JSON", json.clone().into_bytes()),
            ("UTF-16LE", utf16),
            ("escaped bytes", format!("{:?}", bytes_debug(&canary.bytes)).into_bytes()),
            ("numbers", format!("{:?}", canary.bytes).into_bytes()),
        ] {
            let found = search.within(&haystack);
            assert!(found.contains(&format!("a secret ({kind})")), "{kind}: {found:?}");
        }
        assert!(search.within(json.as_bytes()).contains("another (numbers)"));
        assert!(search.within(url.to_lowercase().as_bytes()).is_empty(), "{url}");
        assert!(search.within(b"nothing at all").is_empty());
    }

    /// As the crates print bytes.
    fn bytes_debug(bytes: &[u8]) -> impl std::fmt::Debug {
        struct Shown(String);
        impl std::fmt::Debug for Shown {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "b\"{}\"", self.0)
            }
        }
        Shown(bytes.escape_ascii().to_string())
    }
}
