//! A place in a JSON text that is known to be well formed.

use std::ops::Range;

/// The place. Each step returns `None` where the text is not as JSON is.
pub(super) struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// The next byte that is no white space, without passing it.
    fn peek(&mut self) -> Option<u8> {
        let rest = self.text.as_bytes().get(self.at..)?;
        self.at += rest.iter().take_while(|b| b" \t\n\r".contains(b)).count();
        self.text.as_bytes().get(self.at).copied()
    }

    /// Passes this byte, if it comes next.
    fn take(&mut self, wanted: u8) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    /// Passes any value.
    pub(super) fn skip(&mut self) -> Option<()> {
        match self.peek()? {
            b'{' => self.members(&mut |cursor, _| cursor.skip()),
            b'[' => self.one_or_each(&mut |cursor| cursor.skip()),
            b'"' => self.string().map(drop),
            _ => {
                let rest = self.text.as_bytes().get(self.at..)?;
                self.at += rest.iter().take_while(|b| !b" \t\n\r,]}".contains(b)).count();
                Some(())
            }
        }
    }

    /// Passes any value and says where it stands.
    pub(super) fn value(&mut self) -> Option<Range<usize>> {
        self.peek()?;
        let start = self.at;
        self.skip()?;
        Some(start..self.at)
    }

    /// Passes an object, each value by `work`, which is told its name; what is no object is
    /// skipped.
    pub(super) fn members(
        &mut self,
        work: &mut dyn FnMut(&mut Self, &str) -> Option<()>,
    ) -> Option<()> {
        if !self.take(b'{') {
            return self.skip();
        }
        while !self.take(b'}') {
            let name = self.string()?;
            let name: String = serde_json::from_str(self.text.get(name)?).ok()?;
            self.take(b':').then_some(())?;
            work(self, &name)?;
            self.take(b',');
        }
        Some(())
    }

    /// Passes a list, each value by `work`, or what is no list as one value.
    pub(super) fn one_or_each(
        &mut self,
        work: &mut dyn FnMut(&mut Self) -> Option<()>,
    ) -> Option<()> {
        if !self.take(b'[') {
            return work(self);
        }
        while !self.take(b']') {
            work(self)?;
            self.take(b',');
        }
        Some(())
    }

    /// Passes a string or a list and notes where its strings stand.
    pub(super) fn strings(&mut self, found: &mut Vec<Range<usize>>) -> Option<()> {
        self.one_or_each(&mut |cursor| {
            if cursor.peek()? == b'"' {
                found.push(cursor.string()?);
                Some(())
            } else {
                cursor.skip()
            }
        })
    }

    /// Passes a string; with its quotation marks.
    fn string(&mut self) -> Option<Range<usize>> {
        self.take(b'"').then_some(())?;
        let start = self.at - 1;
        loop {
            let byte = *self.text.as_bytes().get(self.at)?;
            self.at += if byte == b'\\' { 2 } else { 1 };
            if byte == b'"' {
                return Some(start..self.at);
            }
        }
    }
}
