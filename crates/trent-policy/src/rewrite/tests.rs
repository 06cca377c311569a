//! What is replaced, and that nothing else is.

use super::*;

const ANN: &str = "arn:aws:iam::111122223333:user/ann";
const ANN_ID: &str = "AIDAEXAMPLEEXAMPLEANN";

fn to_ids(text: &str) -> String {
    rewrite_principals(text, |arn| (arn == ANN).then(|| ANN_ID.to_owned())).unwrap()
}

fn to_arns(text: &str) -> String {
    rewrite_principals(text, |id| (id == ANN_ID).then(|| ANN.to_owned())).unwrap()
}

#[test]
fn only_aws_principals_are_replaced_and_all_else_stays() {
    let text = format!(
        "{{ \"Id\" : \"{ANN}\",\r\n\t\"Statement\":[\n {{\"Sid\":\"{ANN}\", \"Effect\": \"Allow\",\
         \"Principal\":{{\"AWS\" : [ \"{ANN}\" ,\"arn:aws:iam::111122223333:root\",\"{ANN}\"],\
         \"Service\":\"{ANN}\"}},\"Action\":\"kms:*\",\"Resource\":\"*\",\"Condition\":\
         {{\"ArnLike\":{{\"aws:PrincipalArn\":\"{ANN}\"}}}}}},\
         {{\"NotPrincipal\":{{\"AWS\":\"{ANN}\"}},\"Effect\":\"Deny\"}},\
         {{\"Principal\":\"*\",\"Effect\":\"Deny\"}}]  }}  "
    );
    let stored = to_ids(&text);
    assert_eq!(stored.matches(ANN_ID).count(), 3);
    assert_eq!(stored.matches(ANN).count(), 4);
    assert_eq!(to_arns(&stored), text);
    assert_eq!(rewrite_principals(&text, |_| None).unwrap(), text);
}

#[test]
fn a_single_statement_and_escaped_spellings_are_found() {
    let text =
        r#"{"Statement":{"Princip\u0061l":{"\u0041WS":"arn:aws:iam::111122223333:user\/ann"}}}"#;
    let expected = r#"{"Statement":{"Princip\u0061l":{"\u0041WS":"AIDAEXAMPLEEXAMPLEANN"}}}"#;
    assert_eq!(to_ids(text), expected);
}

#[test]
fn what_is_put_in_is_written_as_json() {
    let text = r#"{"Statement":{"Principal":{"AWS":["a\"b",1,["a"]]}}}"#;
    let found = rewrite_principals(text, |value| {
        assert_eq!(value, "a\"b");
        Some("x\"\n".to_owned())
    });
    assert_eq!(found.unwrap(), r#"{"Statement":{"Principal":{"AWS":["x\"\n",1,["a"]]}}}"#);
}

#[test]
fn characters_that_no_policy_may_have_are_escaped() {
    let text = r#"{"Statement":{"Principal":{"AWS":"\u20ac\ud83d\ude00"}}}"#;
    let found = rewrite_principals(text, |value| {
        assert_eq!(value, "\u{20ac}\u{1f600}");
        Some(format!("\u{e9}{value}"))
    });
    assert_eq!(found.unwrap(), text.replace("\\u20ac", "\u{e9}\\u20ac"));
}

#[test]
fn what_is_shaped_otherwise_is_left_alone() {
    let text = r#"{"Statement":[{"AWS":"A"},["x"],5,{"Principal":["A"]},{"Principal":{"aws":"A"}}],
        "Principal":{"AWS":"A"}}"#;
    let found = rewrite_principals(text, |_| Some("B".to_owned()));
    assert_eq!(found.unwrap(), text);
    for text in ["[1, 2]", "null", "-1e3", "\"x\""] {
        assert_eq!(rewrite_principals(text, |_| Some("B".to_owned())).unwrap(), text);
    }
}

#[test]
fn broken_json_is_refused() {
    for text in ["", "{", r#"{"Statement":1,"Statement":2}"#, r#"{"Statement":{}} x"#] {
        assert_eq!(rewrite_principals(text, |_| None), Err(PolicyError::syntax()), "{text}");
    }
}

#[test]
fn statements_are_found_by_line_and_column() {
    let text = "{\"Statement\": [\n  {\"Sid\": \"\u{e9}}]\"}, {\n}]}";
    let spans = statement_spans(text).unwrap();
    let expected = [
        StatementSpan { start: (2, 3), end: (2, 17) },
        StatementSpan { start: (2, 19), end: (3, 2) },
    ];
    assert_eq!(spans, expected);
    let one = statement_spans("{\"Statement\":{}}").unwrap();
    assert_eq!(one, [StatementSpan { start: (1, 14), end: (1, 16) }]);
    assert_eq!(statement_spans("{}").unwrap(), []);
}
