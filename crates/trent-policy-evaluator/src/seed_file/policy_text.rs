//! A policy that is written as YAML, as the JSON that is stored.

use super::yaml::{Node, Value};

/// The JSON of a value, with its members in their order. Every scalar is a string, which the policy
/// language takes everywhere (IAM User Guide, "Grammar of the IAM JSON policy language").
pub(super) fn json(node: &Node) -> String {
    let mut out = String::new();
    write(&mut out, &node.value);
    out
}

fn write(out: &mut String, value: &Value) {
    match value {
        Value::Nothing => out.push_str("null"),
        Value::Text(text) => quote(out, text.as_str()),
        Value::List(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write(out, &item.value);
            }
            out.push(']');
        }
        Value::Map(members) => {
            out.push('{');
            for (at, (name, member)) in members.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                quote(out, name.as_str());
                out.push(':');
                write(out, &member.value);
            }
            out.push('}');
        }
    }
}

/// A string with its quotes and escapes (RFC 8259, section 7).
fn quote(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            control if control < ' ' => {
                let code = u32::from(control);
                out.push_str("\\u00");
                out.extend(
                    [code >> 4, code & 15].into_iter().filter_map(|n| char::from_digit(n, 16)),
                );
            }
            other => out.push(other),
        }
    }
    out.push('"');
}
