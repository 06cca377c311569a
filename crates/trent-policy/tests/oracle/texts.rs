//! Wildcards and variables, character by character.

/// One character of a pattern, with what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Char {
    /// The policy's author wrote it.
    Written(char),
    /// The value of a variable brought it: it never has a meaning of its own.
    FromValue(char),
    AnyRun,
    AnyOne,
}

type Context = [(String, Vec<String>)];

/// The pattern of a text; `None` when a variable of it has no value.
pub(crate) fn expand(
    text: &str,
    wildcards: bool,
    variables: bool,
    context: &Context,
) -> Option<Vec<Char>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if variables && rest.starts_with("${") {
            let (inside, after) = rest[2..].split_once('}').expect("a whole variable");
            rest = after;
            if ["*", "?", "$"].contains(&inside) {
                found.extend(inside.chars().map(Char::FromValue));
                continue;
            }
            let (key, default) = match inside.split_once(", '") {
                Some((key, default)) => (key, Some(default.trim_end_matches('\''))),
                None => (inside, None),
            };
            let value = match values(context, key) {
                [] => default?.to_owned(),
                [one] => one.clone(),
                _ => return None,
            };
            found.extend(value.chars().map(Char::FromValue));
            continue;
        }
        rest = &rest[first.len_utf8()..];
        found.push(match first {
            '*' if wildcards => Char::AnyRun,
            '?' if wildcards => Char::AnyOne,
            c => Char::Written(c),
        });
    }
    Some(found)
}

/// The pattern of a Resource: variables only behind the fifth colon; what is missing of an ARN is
/// any text.
pub(crate) fn expand_resource(text: &str, variables: bool, context: &Context) -> Option<Vec<Char>> {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    if text == "*" || parts.len() < 6 {
        let missing = if text == "*" { 0 } else { 6 - parts.len() };
        let whole = format!("{text}{}", ":*".repeat(missing));
        return expand(&whole, true, false, context);
    }
    let mut pattern = expand(&format!("{}:", parts[..5].join(":")), true, false, context)?;
    pattern.extend(expand(parts[5], true, variables, context)?);
    Some(pattern)
}

/// The values that the request gives to a key.
pub(crate) fn values<'c>(context: &'c Context, key: &str) -> &'c [String] {
    let found = context.iter().find(|(name, _)| name.to_lowercase() == key.to_lowercase());
    found.map_or(&[], |(_, values)| values)
}

/// Whether the whole text is like the pattern.
pub(crate) fn like(pattern: &[Char], text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    // Which beginnings of the text the beginning of the pattern is like.
    let mut reached = vec![false; text.len() + 1];
    reached[0] = true;
    for one in pattern {
        let mut next = vec![false; text.len() + 1];
        for at in 0..=text.len() {
            match one {
                Char::AnyRun => next[at] = reached[at] || (at > 0 && next[at - 1]),
                Char::AnyOne => next[at] = at > 0 && reached[at - 1],
                Char::Written(c) | Char::FromValue(c) => {
                    next[at] = at > 0 && reached[at - 1] && text[at - 1] == *c;
                }
            }
        }
        reached = next;
        if !reached.contains(&true) {
            return false;
        }
    }
    reached[text.len()]
}
