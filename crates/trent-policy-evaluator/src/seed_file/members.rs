//! The members of a mapping, taken out by name: what is left in the end is unknown and refused.

use std::str::FromStr;

use super::SeedError;
use super::yaml::{Node, Text, Value};

/// The longest name of a member that a message shows.
const NAME_MAX: usize = 40;

/// A value and how it is reached.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) node: Node,
    pub(super) path: String,
}

/// A mapping whose members are taken out one by one.
#[derive(Debug)]
pub(super) struct Members {
    left: Vec<(Text, Node)>,
    path: String,
    line: usize,
}

impl Place {
    /// The whole document.
    pub(super) const fn document(node: Node) -> Self {
        Self { node, path: String::new() }
    }

    /// Something is wrong here.
    pub(super) fn wrong(&self, what: impl Into<String>) -> SeedError {
        let path = if self.path.is_empty() { "the file" } else { &self.path };
        SeedError::Member { path: path.to_owned(), line: self.node.line, what: what.into() }
    }

    /// As a mapping; nothing is an empty one.
    pub(super) fn members(self) -> Result<Members, SeedError> {
        let Self { node: Node { value, line }, path } = self;
        let left = match value {
            Value::Map(members) => members,
            Value::Nothing => Vec::new(),
            value @ (Value::Text(_) | Value::List(_)) => {
                return Err(Self { node: Node { value, line }, path }.wrong("must be a mapping"));
            }
        };
        Ok(Members { left, path, line })
    }

    /// As a list; nothing is an empty one.
    pub(super) fn items(self) -> Result<Vec<Self>, SeedError> {
        let Self { node: Node { value, line }, path } = self;
        let items = match value {
            Value::List(items) => items,
            Value::Nothing => Vec::new(),
            value @ (Value::Text(_) | Value::Map(_)) => {
                return Err(Self { node: Node { value, line }, path }.wrong("must be a list"));
            }
        };
        let item = |(at, node)| Self { node, path: format!("{path}[{at}]") };
        Ok(items.into_iter().enumerate().map(item).collect())
    }

    /// As a text.
    pub(super) fn text(&self) -> Result<&str, SeedError> {
        match &self.node.value {
            Value::Text(text) => Ok(text.as_str()),
            Value::Nothing | Value::List(_) | Value::Map(_) => Err(self.wrong("must be a text")),
        }
    }

    /// As a text of this kind.
    pub(super) fn parsed<T: FromStr>(&self, what: &str) -> Result<T, SeedError> {
        self.text()?.parse().map_err(|_| self.wrong(format!("must be {what}")))
    }
}

impl Members {
    /// Takes a member out; `None` when it is not there, or nothing.
    pub(super) fn optional(&mut self, name: &str) -> Option<Place> {
        let at = self.left.iter().position(|(known, _)| known.as_str() == name)?;
        let (_, node) = self.left.swap_remove(at);
        match node.value {
            Value::Nothing => None,
            Value::Text(_) | Value::List(_) | Value::Map(_) => {
                Some(Place { node, path: self.path_of(name) })
            }
        }
    }

    /// Takes a member out that must be there.
    pub(super) fn required(&mut self, name: &str) -> Result<Place, SeedError> {
        let (path, line) = (self.path_of(name), self.line);
        let missing = || SeedError::Member { path, line, what: "is missing".to_owned() };
        self.optional(name).ok_or_else(missing)
    }

    /// Takes all that is left.
    pub(super) fn rest(&mut self) -> Vec<(Text, Node)> {
        std::mem::take(&mut self.left)
    }

    /// Nothing may be left.
    pub(super) fn finish(mut self) -> Result<(), SeedError> {
        self.left.sort_by_key(|(_, node)| node.line);
        let Some((name, node)) = self.left.first() else { return Ok(()) };
        let name = shown(name.as_str()).unwrap_or("…");
        let what = "is not known here".to_owned();
        Err(SeedError::Member { path: self.path_of(name), line: node.line, what })
    }

    fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }
}

/// A name that can be shown: what is longer or of other characters may be a key at a wrong place.
fn shown(name: &str) -> Option<&str> {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (name.len() <= NAME_MAX && name.bytes().all(word)).then_some(name)
}
