//! XML of the query protocol: answers and errors of IAM and STS.

use crate::request::ServiceName;

/// The namespace of a service's answers.
const fn namespace(service: ServiceName) -> &'static str {
    match service {
        ServiceName::Sts => "https://sts.amazonaws.com/doc/2011-06-15/",
        ServiceName::Iam | ServiceName::Kms => "https://iam.amazonaws.com/doc/2010-05-08/",
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
            // XML 1.0 cannot hold other control characters in any form.
            c if c.is_control() && !matches!(c, '\t' | '\n' | '\r') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    push(out, &["</", name, ">"]);
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
        element(&mut out, "Message", "a<b>&\"\u{1}");
        assert_eq!(out, "<Message>a&lt;b&gt;&amp;&quot;\u{fffd}</Message>");
    }
}
