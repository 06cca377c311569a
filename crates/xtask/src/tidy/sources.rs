//! The form of each source file.

use super::{Findings, Source};

/// More lines than this need a reason; more than [`LINES_MAX`] have none.
const LINES_GOOD: usize = 400;
const LINES_MAX: usize = 700;

/// The longest line, in characters. rustfmt leaves comments and strings alone.
const WIDTH: usize = 100;

/// Names that say nothing about what is inside.
const EMPTY_NAMES: &[&str] = &["util", "utils", "helper", "helpers", "common", "misc"];

/// Only the bus decoder makes a Permit; and tests, which have nobody to ask for one.
const MAKES_PERMIT: &str = concat!("Permit::", "from_wire");
const MAY_MAKE_PERMIT: &[&str] =
    &["crates/trent-bus/", "crates/trent-testkit/", "crates/trent-types/"];

/// Only the Permit keys make a Permit that is believed as the object that it is.
const HOLDS_PERMIT: &str = concat!("Permit::", "from_held");
const MAY_HOLD_PERMIT: &[&str] = &["crates/trent-bus/", "crates/trent-types/"];

/// What holds nothing but tests, and is compiled for them only: checked where it is declared.
const TEST_MODULES: &[&str] = &["tests", "testing"];

/// Checks every Rust file that a person wrote.
pub(super) fn check(sources: &[Source], findings: &mut Findings) {
    for source in sources {
        let generated = source.path.contains("/src/gen/");
        if source.path.ends_with(".rs") && !generated {
            check_file(source, findings);
        }
    }
}

fn check_file(Source { path, text }: &Source, findings: &mut Findings) {
    let count = text.lines().count();
    if count > LINES_MAX {
        findings.error(format!("{path}: {count} lines; at most {LINES_MAX}"));
    } else if count > LINES_GOOD {
        findings.warn(format!("{path}: {count} lines; better at most {LINES_GOOD}"));
    }
    if !text.starts_with("//!") {
        findings.error(format!("{path}:1: does not begin with a `//!` line that says its one job"));
    }
    let in_tests = path.split('/').any(|part| TEST_MODULES.contains(&part.trim_end_matches(".rs")));
    for (call, places) in [(MAKES_PERMIT, MAY_MAKE_PERMIT), (HOLDS_PERMIT, MAY_HOLD_PERMIT)] {
        let may = in_tests || places.iter().any(|place| path.starts_with(place));
        if text.contains(call) && !may {
            findings.error(format!("{path}: calls {call}: only the bus makes Permits"));
        }
    }
    for part in path.split('/') {
        if EMPTY_NAMES.contains(&part.trim_end_matches(".rs")) {
            findings.error(format!("{path}: `{part}` does not say what is inside"));
        }
    }
    let mut for_tests = false;
    for (line, number) in text.lines().zip(1..) {
        check_line(path, number, line, findings);
        if let Some(module) = declared_module(line)
            && TEST_MODULES.contains(&module)
            && !for_tests
        {
            findings.error(format!("{path}:{number}: `mod {module}` without #[cfg(test)]"));
        }
        // An attribute counts until the item that it belongs to.
        for_tests = line.contains("cfg(test)") || (for_tests && line.trim().starts_with('#'));
    }
}

fn check_line(path: &str, number: usize, line: &str, findings: &mut Findings) {
    let width = line.chars().count();
    if width > WIDTH {
        findings.error(format!("{path}:{number}: {width} characters; at most {WIDTH}"));
    }
    if let Some(module) = declared_module(line)
        && EMPTY_NAMES.contains(&module)
    {
        findings.error(format!("{path}:{number}: `mod {module}` does not say what is inside"));
    }
}

/// The name of the module that a line declares.
fn declared_module(line: &str) -> Option<&str> {
    let code = line.trim_start().trim_start_matches("pub(crate) ").trim_start_matches("pub ");
    Some(code.strip_prefix("mod ")?.trim_end_matches([';', '{', ' ', '}']))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(path: &str, text: &str) -> Findings {
        let mut findings = Findings::default();
        check(&[Source { path: path.into(), text: text.into() }], &mut findings);
        findings
    }

    #[test]
    fn a_tidy_file_is_left_in_peace() {
        let found = findings("crates/a/src/lib.rs", "//! Does one thing.\n\nfn one() {}\n");
        assert_eq!(found, Findings::default());
    }

    #[test]
    fn each_rule_has_its_finding() {
        let wide = format!("//! Head.\nlet x = \"{}\";\n", "é".repeat(100));
        let wide_comment = format!("//! Head.\n// {}\n", "x".repeat(118));
        let permit = format!("//! Head.\nlet p = {MAKES_PERMIT}(b\"\");\n");
        let held = format!("//! Head.\nlet p = {HOLDS_PERMIT}(x);\n");
        for (path, text) in [
            ("crates/a/src/lib.rs", "fn headless() {}\n"),
            ("crates/a/src/utils.rs", "//! Head.\n"),
            ("crates/a/src/common/x.rs", "//! Head.\n"),
            ("crates/a/src/lib.rs", "//! Head.\npub(crate) mod helpers;\n"),
            ("crates/a/src/lib.rs", &wide),
            ("crates/a/src/lib.rs", &wide_comment),
            ("crates/trent-gateway/src/lib.rs", &permit),
            ("crates/trent-gateway/src/lib.rs", &held),
            ("crates/trent-testkit/src/lib.rs", &held),
            ("crates/a/src/lib.rs", "//! Head.\nmod tests;\n"),
        ] {
            assert_eq!(findings(path, text).errors.len(), 1, "{path}: {text}");
        }
        for path in ["crates/trent-bus/src/lib.rs", "crates/trent-gateway/src/ports/tests.rs"] {
            assert_eq!(findings(path, &permit).errors.len(), 0, "{path}");
            assert_eq!(findings(path, &held).errors.len(), 0, "{path}");
        }
        let declared = "//! Head.\n#[cfg(test)]\n#[rustfmt::skip]\nmod tests;\n";
        assert_eq!(findings("crates/a/src/lib.rs", declared).errors.len(), 0);
    }

    #[test]
    fn long_files_warn_and_longer_ones_fail() {
        let lines = |count| format!("//! Head.\n{}", "// x\n".repeat(count));
        let found = findings("crates/a/src/lib.rs", &lines(400));
        assert_eq!((found.errors.len(), found.warnings.len()), (0, 1));
        let found = findings("crates/a/src/lib.rs", &lines(700));
        assert_eq!((found.errors.len(), found.warnings.len()), (1, 0));
    }

    #[test]
    fn generated_code_is_not_judged() {
        assert_eq!(findings("crates/a/src/gen/b.rs", "fn x() {}\n"), Findings::default());
    }
}
