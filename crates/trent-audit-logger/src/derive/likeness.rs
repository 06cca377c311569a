//! What may differ between audit records that are alike, and where it stands in them.

use std::ops::Range;

use memchr::memmem::Finder;

/// Finds what may differ: the moment, the request parameters and the ids.
///
/// Quotes within a JSON string are escaped, so the names looked for are names of members wherever
/// they stand. At whatever depth that is, what is cut out is their value and nothing that anybody
/// looks at.
#[derive(Debug)]
pub(super) struct Cutter {
    event_time: Finder<'static>,
    parameters: Finder<'static>,
    request_id: Finder<'static>,
    event_id: Finder<'static>,
}

/// Where a record has it.
#[derive(Debug)]
pub(super) struct Cuts {
    event_time: Range<usize>,
    parameters: Range<usize>,
    request_id: Range<usize>,
    event_id: Range<usize>,
}

impl Cutter {
    pub(super) fn new() -> Self {
        Self {
            event_time: Finder::new(b",\"eventTime\":\""),
            parameters: Finder::new(b",\"requestParameters\":"),
            request_id: Finder::new(b",\"requestID\":\""),
            event_id: Finder::new(b",\"eventID\":\""),
        }
    }

    /// `None` when the record is not laid out as records are.
    pub(super) fn cuts(&self, json: &[u8]) -> Option<Cuts> {
        let event_time = text_after(&self.event_time, json, 0)?;
        let start = value_after(&self.parameters, json, event_time.end)?;
        let parameters = start..end_of_value(json, start)?;
        let request_id = text_after(&self.request_id, json, parameters.end)?;
        let event_id = text_after(&self.event_id, json, request_id.end)?;
        Some(Cuts { event_time, parameters, request_id, event_id })
    }
}

impl Cuts {
    /// Everything but what may differ.
    pub(super) fn shared<'a>(&self, json: &'a [u8]) -> [&'a [u8]; 5] {
        let Self { event_time, parameters, request_id, event_id } = self;
        [
            0..event_time.start,
            event_time.end..parameters.start,
            parameters.end..request_id.start,
            request_id.end..event_id.start,
            event_id.end..json.len(),
        ]
        .map(|range| json.get(range).unwrap_or_default())
    }

    /// Whether these cuts, which are those of `other`, are also this record's, and both share
    /// everything else and have the same parameters: what is asked again and again is found so
    /// without looking for the cuts.
    pub(super) fn are_those_of(&self, json: &[u8], other: &[u8]) -> bool {
        let texts = [&self.event_time, &self.request_id, &self.event_id];
        let is_text = |text: &Range<usize>| {
            json.get(text.clone()).is_some_and(|text| memchr::memchr2(b'"', b'\\', text).is_none())
        };
        json.len() == other.len()
            && self.shared(json) == self.shared(other)
            && json.get(self.parameters.clone()) == other.get(self.parameters.clone())
            && texts.into_iter().all(is_text)
    }
}

/// Where the value begins that follows this name.
fn value_after(name: &Finder<'_>, json: &[u8], from: usize) -> Option<usize> {
    Some(from + name.find(json.get(from..)?)? + name.needle().len())
}

/// The text, without escapes, that follows this name and its opening quote.
fn text_after(name: &Finder<'_>, json: &[u8], from: usize) -> Option<Range<usize>> {
    let start = value_after(name, json, from)?;
    let end = start + memchr::memchr2(b'"', b'\\', json.get(start..)?)?;
    (json.get(end) == Some(&b'"')).then_some(start..end)
}

/// Where an object, or null, ends that begins here.
fn end_of_value(json: &[u8], start: usize) -> Option<usize> {
    if json.get(start..)?.starts_with(b"null") {
        return Some(start + 4);
    }
    let (mut depth, mut at) = (0_u32, start);
    loop {
        match json.get(at)? {
            b'{' => depth += 1,
            b'}' => depth = depth.checked_sub(1)?,
            b'"' => at = end_of_text(json, at + 1)?,
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return Some(at);
        }
    }
}

/// Where the text that begins here has its closing quote.
fn end_of_text(json: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += memchr::memchr2(b'"', b'\\', json.get(at..)?)?;
        match json.get(at)? {
            b'"' => return Some(at),
            _ => at += 2,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn record(time: &str, parameters: &str, ids: [&str; 2], tail: &str) -> Vec<u8> {
        let [request, event] = ids;
        let head = format!(r#"{{"a":1,"eventTime":"{time}","eventName":"Encrypt""#);
        let middle = format!(r#","requestParameters":{parameters},"responseElements":null"#);
        let end = format!(r#","requestID":"{request}","eventID":"{event}"{tail}}}"#);
        [head, middle, end].concat().into_bytes()
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_cutter_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = end_of_value(&bytes, 0);
            let mut json = br#"{"a":1,"eventTime":"t","requestParameters":"#.to_vec();
            json.extend(bytes);
            let _ = Cutter::new().cuts(&json);
        }

        #[test]
        fn cuts_that_are_taken_over_are_those_that_would_be_found(
            times in ["[tu\"\\\\]{2}", "[tu\"\\\\]{2}"],
            parameters in [r#"null|\{\}|\{"b":"[cd}]"\}"#, r#"null|\{\}|\{"b":"[cd}]"\}"#],
            ids in [["[rs\"]{1,2}", "[ef]{1,2}"], ["[rs\"]{1,2}", "[ef]{1,2}"]],
            tails in ["(,\"x\":[01])?", "(,\"x\":[01])?"],
        ) {
            let of = |n: usize| {
                record(&times[n], &parameters[n], [&ids[n][0], &ids[n][1]], &tails[n])
            };
            let (one, other) = (of(0), of(1));
            let cutter = Cutter::new();
            if let Some(cuts) = cutter.cuts(&other)
                && cuts.are_those_of(&one, &other)
            {
                let found = cutter.cuts(&one).unwrap();
                prop_assert_eq!(found.shared(&one), cuts.shared(&other));
            }
        }
    }

    #[test]
    fn a_record_that_differs_by_moment_and_ids_has_the_cuts_of_the_other() {
        let parameters = r#"{"encryptionContext":{"a\"}":"{"}}"#;
        let other = record("t1", parameters, ["r1", "e1"], "");
        let cuts = Cutter::new().cuts(&other).unwrap();
        for (json, same) in [
            (record("t2", parameters, ["r2", "e2"], ""), true),
            (record("t\"", parameters, ["r2", "e2"], ""), false),
            (record("t2", parameters, ["r\\", "e2"], ""), false),
            (record("t2", &parameters.replace('a', "b"), ["r2", "e2"], ""), false),
            (record("t22", parameters, ["r", "e2"], ""), false),
            (record("t2", parameters, ["r2", "e2"], " "), false),
        ] {
            assert_eq!(cuts.are_those_of(&json, &other), same, "{}", json.escape_ascii());
        }
    }
}
