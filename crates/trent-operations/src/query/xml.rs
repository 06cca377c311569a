//! XML of the query protocol: answers and errors of IAM and STS.

use crate::request::ServiceName;

/// The namespace of a service's answers.
const fn namespace(service: ServiceName) -> &'static str {
    match service {
        ServiceName::Sts => "https://sts.amazonaws.com/doc/2011-06-15/",
        ServiceName::Iam | ServiceName::Kms | ServiceName::CloudTrail => {
            "https://iam.amazonaws.com/doc/2010-05-08/"
        }
    }
}

/// An answer: `<XResponse><XResult>…</XResult><ResponseMetadata>…`.
pub(crate) fn answer(
    service: ServiceName,
    operation: &str,
    request_id: &str,
    fill: impl FnOnce(&mut String),
) -> Vec<u8> {
    let mut out = String::with_capacity(768);
    push(&mut out, &["<", operation, "Response xmlns=\"", namespace(service), "\"><"]);
    push(&mut out, &[operation, "Result>"]);
    fill(&mut out);
    push(&mut out, &["</", operation, "Result><ResponseMetadata>"]);
    element(&mut out, "RequestId", request_id);
    push(&mut out, &["</ResponseMetadata></", operation, "Response>"]);
    out.into_bytes()
}

/// The answer of an operation without output: no Result element.
pub(crate) fn empty_answer(service: ServiceName, operation: &str, request_id: &str) -> Vec<u8> {
    let mut out = String::with_capacity(256);
    push(&mut out, &["<", operation, "Response xmlns=\"", namespace(service), "\">"]);
    out.push_str("<ResponseMetadata>");
    element(&mut out, "RequestId", request_id);
    push(&mut out, &["</ResponseMetadata></", operation, "Response>"]);
    out.into_bytes()
}

/// `<ErrorResponse>`.
pub(crate) fn error_body(
    service: ServiceName,
    code: &str,
    status: u16,
    message: &str,
    request_id: &str,
) -> Vec<u8> {
    let mut out = String::with_capacity(256 + message.len());
    push(&mut out, &["<ErrorResponse xmlns=\"", namespace(service), "\"><Error>"]);
    element(&mut out, "Type", if status >= 500 { "Receiver" } else { "Sender" });
    element(&mut out, "Code", code);
    element(&mut out, "Message", message);
    out.push_str("</Error>");
    element(&mut out, "RequestId", request_id);
    out.push_str("</ErrorResponse>");
    out.into_bytes()
}

/// Appends `<name>text</name>`.
pub(crate) fn element(out: &mut String, name: &str, text: &str) {
    push(out, &["<", name, ">"]);
    for character in text.chars() {
        match character {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            // A bare carriage return would be read as a line feed (XML 1.0, section 2.11).
            '\r' => out.push_str("&#13;"),
            // XML 1.0 cannot hold other control characters in any form.
            c if c.is_control() && !matches!(c, '\t' | '\n') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    push(out, &["</", name, ">"]);
}

/// Appends `<name>text</name>`, where there is a text.
pub(crate) fn element_if(out: &mut String, name: &str, text: Option<&str>) {
    if let Some(text) = text {
        element(out, name, text);
    }
}

/// Appends `<name>true</name>` or `<name>false</name>`.
pub(crate) fn flag(out: &mut String, name: &str, value: bool) {
    element(out, name, if value { "true" } else { "false" });
}

/// Appends a document as IAM answers documents: percent-encoded but for RFC 3986's unreserved
/// characters.
pub(crate) fn document(out: &mut String, name: &str, text: &str) {
    element(out, name, &percent_encoded(text));
}

/// Percent-encodes everything but the unreserved characters (RFC 3986, section 2.3).
pub(crate) fn percent_encoded(text: &str) -> String {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    let mut out = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.extend(DIGITS.get(usize::from(byte >> 4)));
            out.extend(DIGITS.get(usize::from(byte & 15)));
        }
    }
    out
}

/// Appends a structure.
pub(crate) fn within(out: &mut String, name: &str, fill: impl FnOnce(&mut String)) {
    push(out, &["<", name, ">"]);
    fill(out);
    push(out, &["</", name, ">"]);
}

/// Appends a list: a `<member>` for each item, filled by `write`.
pub(crate) fn list<T>(
    out: &mut String,
    name: &str,
    items: impl IntoIterator<Item = T>,
    mut write: impl FnMut(&mut String, T),
) {
    within(out, name, |out| {
        for item in items {
            within(out, "member", |out| write(out, item));
        }
    });
}

/// Appends a list of strings.
pub(crate) fn texts<T: AsRef<str>>(
    out: &mut String,
    name: &str,
    items: impl IntoIterator<Item = T>,
) {
    within(out, name, |out| {
        items.into_iter().for_each(|item| element(out, "member", item.as_ref()))
    });
}

fn push(out: &mut String, parts: &[&str]) {
    for part in parts {
        out.push_str(part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped() {
        let mut out = String::new();
        element(&mut out, "Message", "a<b>&\"\u{1}\r");
        assert_eq!(out, "<Message>a&lt;b&gt;&amp;&quot;\u{fffd}&#13;</Message>");
    }

    #[test]
    fn documents_are_percent_encoded_and_lists_have_members() {
        let mut out = String::new();
        document(&mut out, "D", "{\"a\": \"ü~\"}");
        assert_eq!(out, "<D>%7B%22a%22%3A%20%22%C3%BC~%22%7D</D>");
        out.clear();
        texts(&mut out, "Names", ["a", "b"]);
        list(&mut out, "Users", [1], |out, n| element(out, "N", &n.to_string()));
        flag(&mut out, "F", true);
        assert_eq!(
            out,
            "<Names><member>a</member><member>b</member></Names>\
             <Users><member><N>1</N></member></Users><F>true</F>"
        );
    }

    #[test]
    fn an_operation_without_output_has_no_result() {
        let body = empty_answer(ServiceName::Iam, "DeleteUser", "r");
        assert_eq!(
            String::from_utf8(body).unwrap(),
            "<DeleteUserResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">\
             <ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></DeleteUserResponse>"
        );
    }
}
