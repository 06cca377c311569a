//! One operation, one file, one line of the table, and a test through a real client.

use super::{Findings, Source};

const FOLDERS: &[&str] = &["kms", "iam", "sts", "cloudtrail"];
const CRATE: &str = "crates/trent-operations/src/";
const TABLE: &str = "crates/trent-operations/src/operation.rs";

/// How an operation file says which operation it is.
const NAMED: &str = "const NAME: &'static str = \"";

/// How a file that several operations share says which they are: by their permissions.
const SHARED: &str = "&'static str = \"iam:";

/// Checks every operation file. A file in an operation folder that names no operation is shared by
/// several.
pub(super) fn check(sources: &[Source], findings: &mut Findings) {
    let Some(table) = sources.iter().find(|source| source.path == TABLE) else {
        findings.error(format!("{TABLE}: the table of operations is not there"));
        return;
    };
    let tests: Vec<&Source> =
        sources.iter().filter(|source| source.path.starts_with("tests/")).collect();
    let mut count = 0;
    for Source { path, text } in sources {
        let Some((folder, file)) = path.strip_prefix(CRATE).and_then(|rest| rest.split_once('/'))
        else {
            continue;
        };
        if FOLDERS.contains(&folder) {
            for name in text.split(SHARED).skip(1).filter_map(|rest| rest.split('"').next()) {
                if !tests.iter().any(|test| calls(&test.text, name, &snake_case(name))) {
                    findings.error(format!("{path}: no file in tests/ calls {name}"));
                }
            }
        }
        let names: Vec<&str> =
            text.split(NAMED).skip(1).filter_map(|rest| rest.split('"').next()).collect();
        if !FOLDERS.contains(&folder) || names.is_empty() {
            continue;
        }
        let &[name] = names.as_slice() else {
            findings.error(format!("{path}: more than one operation: {}", names.join(", ")));
            continue;
        };
        count += 1;
        let module = snake_case(name);
        if file != format!("{module}.rs") {
            findings.error(format!("{path}: {name} belongs in {folder}/{module}.rs"));
        }
        let entry = format!("&{folder}::{module}::{name}");
        match table.text.split([' ', '\n', ',', '[', ']']).filter(|word| *word == entry).count() {
            1 => {}
            times => findings.error(format!("{TABLE}: `{entry}` stands {times} times, not once")),
        }
        // Which tests call the operations of KMS is another check (coverage.rs).
        if folder != "kms" && !tests.iter().any(|test| calls(&test.text, name, &module)) {
            findings.error(format!("{path}: no file in tests/ calls {name}"));
        }
    }
    if count == 0 {
        findings.error(format!("{CRATE}: no operation was found; this check needs to be changed"));
    }
}

/// Whether a test calls the operation: through the Rust or Python SDK, the command line, or by its
/// name.
fn calls(test: &str, name: &str, module: &str) -> bool {
    let command = module.replace('_', "-");
    let method = format!(".{module}(");
    test.contains(&method)
        || [name, command.as_str()].iter().any(|word| {
            test.match_indices(word).any(|(start, word)| {
                let part_of_word = |next: Option<char>| {
                    next.is_some_and(|next| next.is_ascii_alphanumeric() || next == '-')
                };
                let before = test.get(..start).and_then(|text| text.chars().next_back());
                let after = test.get(start + word.len()..).and_then(|text| text.chars().next());
                !part_of_word(before) && !part_of_word(after)
            })
        })
}

/// `ReEncrypt` → `re_encrypt`.
pub(crate) fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, text: &str) -> Source {
        Source { path: path.into(), text: text.into() }
    }

    fn errors(table: &str, test: &str, file: &str, names: &[&str]) -> Vec<String> {
        let operation: String = names.iter().map(|name| format!("{NAMED}{name}\";\n")).collect();
        let sources = [
            source(&format!("{CRATE}{file}"), &operation),
            source(&format!("{CRATE}iam/page.rs"), "//! Shared.\n"),
            source(TABLE, table),
            source("tests/tests/embedded.rs", test),
        ];
        let mut findings = Findings::default();
        check(&sources, &mut findings);
        findings.errors
    }

    const LINE: &str = "    &iam::re_encrypt::ReEncrypt,\n";

    #[test]
    fn an_operation_with_line_and_test_is_complete() {
        for test in ["client.re_encrypt()", "aws kms re-encrypt --x", "[\"ReEncrypt\"]"] {
            assert_eq!(errors(LINE, test, "iam/re_encrypt.rs", &["ReEncrypt"]), [""; 0], "{test}");
        }
    }

    #[test]
    fn whatever_is_missing_is_found() {
        let (good, file) = ("x.re_encrypt()", "iam/re_encrypt.rs");
        let twice = LINE.repeat(2);
        for (table, test, file, names) in [
            ("", good, file, &["ReEncrypt"][..]),
            (&twice, good, file, &["ReEncrypt"]),
            (LINE, "x.encrypt()", file, &["ReEncrypt"]),
            (LINE, "x.reEncryptTo()", file, &["ReEncrypt"]),
            (LINE, good, "iam/reencrypt.rs", &["ReEncrypt"]),
        ] {
            assert_eq!(errors(table, test, file, names).len(), 1, "{table} {test} {file}");
        }
        let two = errors(LINE, good, file, &["ReEncrypt", "Encrypt"]);
        assert!(two.iter().any(|error| error.contains("more than one")), "{two:?}");
    }

    #[test]
    fn each_of_several_operations_in_one_file_needs_a_test() {
        let shared = "const TAG: &'static str = \"iam:TagUser\";\n\
                      const UNTAG: &'static str = \"iam:UntagUser\";\n";
        let sources = [
            source(&format!("{CRATE}iam/re_encrypt.rs"), &format!("{NAMED}ReEncrypt\";\n")),
            source(&format!("{CRATE}iam/kinds.rs"), shared),
            source(TABLE, LINE),
            source("tests/tests/embedded.rs", "x.re_encrypt(); x.tag_user()"),
        ];
        let mut findings = Findings::default();
        check(&sources, &mut findings);
        let missing = format!("{CRATE}iam/kinds.rs: no file in tests/ calls UntagUser");
        assert_eq!(findings.errors, [missing]);
    }

    #[test]
    fn a_longer_name_is_not_a_call() {
        assert!(!calls("GenerateDataKeyWithoutPlaintext", "GenerateDataKey", "generate_data_key"));
        assert!(!calls("kms generate-data-key-pair", "GenerateDataKey", "generate_data_key"));
        assert!(calls("\"generate-data-key\"", "GenerateDataKey", "generate_data_key"));
    }
}
