//! YAML (1.2.2) as a tree. Texts are wiped when it is dropped; only the parser's own buffers, which
//! it drops as it goes, are not.

use saphyr_parser::{Event, Marker, Parser, ScalarStyle};
use zeroize::Zeroizing;

use super::SeedError;

/// The longest file.
const BYTES_MAX: usize = 16 << 20;

/// How deep lists and mappings may be nested: a policy's conditions end at less.
const DEPTH_MAX: usize = 32;

/// A value with its place in the file.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) value: Value,
    /// From 1.
    pub(super) line: usize,
}

/// What a value is.
#[derive(Debug)]
pub(super) enum Value {
    /// Nothing, `~` or `null`.
    Nothing,
    /// Everything else that is neither list nor mapping: nothing is taken for a number or truth.
    Text(Text),
    List(Vec<Node>),
    Map(Vec<(Text, Node)>),
}

/// A text that is wiped when it is dropped, and not printed.
pub(super) struct Text(Zeroizing<String>);

impl Text {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Text({} bytes)", self.0.len())
    }
}

/// A list or mapping that is not finished.
struct Open {
    value: Value,
    /// The name of the mapping's member whose value comes next.
    name: Option<Text>,
    line: usize,
}

/// Reads the one document of a file.
pub(super) fn parse(text: &str) -> Result<Node, SeedError> {
    if text.len() > BYTES_MAX {
        return Err(at(1, "the file is longer than 16 MiB"));
    }
    let mut parser = Parser::new_from_str(text);
    let mut open: Vec<Open> = Vec::new();
    let mut document = None;
    while let Some(next) = parser.next_event() {
        // The parser's own words can have characters of the file in them.
        let (event, span) = next.map_err(|e| at(e.marker().line(), "this is not YAML"))?;
        let line = line_of(&span.start);
        let finished = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let text = Text(Zeroizing::new(text.into_owned()));
                plain_only(line, anchor, tag.is_some())?;
                Node { value: scalar(text, style), line }
            }
            Event::SequenceStart(anchor, tag) => {
                plain_only(line, anchor, tag.is_some())?;
                begin(&mut open, Value::List(Vec::new()), line)?;
                continue;
            }
            Event::MappingStart(anchor, tag) => {
                plain_only(line, anchor, tag.is_some())?;
                begin(&mut open, Value::Map(Vec::new()), line)?;
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(Open { value, line, .. }) = open.pop() else { continue };
                Node { value, line }
            }
            Event::Alias(_) => return Err(at(line, "aliases (*name) are not taken")),
            Event::DocumentStart(_) if document.is_some() => {
                return Err(at(line, "there is more than one document"));
            }
            Event::DocumentStart(_)
            | Event::DocumentEnd
            | Event::StreamStart
            | Event::StreamEnd
            | Event::Nothing => continue,
        };
        match open.last_mut() {
            Some(parent) => parent.take(finished)?,
            None => document = Some(finished),
        }
    }
    document.ok_or(at(1, "the file is empty"))
}

impl Open {
    fn take(&mut self, node: Node) -> Result<(), SeedError> {
        match (&mut self.value, self.name.take()) {
            (Value::List(items), _) => items.push(node),
            (Value::Map(members), Some(name)) => members.push((name, node)),
            (Value::Map(members), None) => {
                let Value::Text(name) = node.value else {
                    return Err(at(node.line, "the name of a member is not a text"));
                };
                if members.iter().any(|(known, _)| known.as_str() == name.as_str()) {
                    return Err(at(node.line, "a member stands here a second time"));
                }
                self.name = Some(name);
            }
            (Value::Nothing | Value::Text(_), _) => {}
        }
        Ok(())
    }
}

fn begin(open: &mut Vec<Open>, value: Value, line: usize) -> Result<(), SeedError> {
    if open.len() >= DEPTH_MAX {
        return Err(at(line, "it is nested too deeply"));
    }
    open.push(Open { value, name: None, line });
    Ok(())
}

/// An anchor or tag would give a value another meaning than the one that stands there.
fn plain_only(line: usize, anchor: usize, tagged: bool) -> Result<(), SeedError> {
    match (anchor, tagged) {
        (0, false) => Ok(()),
        (_, true) => Err(at(line, "tags (!name) are not taken")),
        (_, false) => Err(at(line, "anchors (&name) are not taken")),
    }
}

fn scalar(text: Text, style: ScalarStyle) -> Value {
    match (style, text.as_str()) {
        (ScalarStyle::Plain, "" | "~" | "null" | "Null" | "NULL") => Value::Nothing,
        _ => Value::Text(text),
    }
}

fn line_of(marker: &Marker) -> usize {
    marker.line().max(1)
}

const fn at(line: usize, what: &'static str) -> SeedError {
    SeedError::Yaml { line: if line == 0 { 1 } else { line }, what }
}
