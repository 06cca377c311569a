//! Whether an answer is right, beyond its status.

use std::borrow::Cow;

use serde::Deserialize;

use crate::fixtures::{Fixtures, Sample};
use crate::ops::{Check, SizedOperation};
use crate::retry::Fault;
use crate::run::mix::Work;

/// What is looked at.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer<'a> {
    #[serde(borrow)]
    plaintext: Option<Cow<'a, str>>,
    #[serde(borrow)]
    ciphertext_blob: Option<Cow<'a, str>>,
}

/// Compares a plaintext with what was sealed. What an answer has sealed takes the place of the
/// key's sample, so that a later Decrypt opens it.
pub(crate) fn verify(
    fixtures: &Fixtures,
    sized: &SizedOperation,
    work: Work,
    sample: Option<&Sample>,
    body: &[u8],
) -> Result<(), Fault> {
    let check = sized.operation.check;
    if check == Check::Answered {
        return Ok(());
    }
    let answer: Answer<'_> =
        serde_json::from_slice(body).map_err(|_| Fault::wrong("MalformedAnswer"))?;
    let plaintext = answer.plaintext.as_deref();
    let known = sample.map(|sample| sample.plaintext.as_str());
    let ciphertext = answer.ciphertext_blob.as_deref().filter(|blob| !blob.is_empty());
    let (key, plaintext) = match check {
        Check::Answered => return Ok(()),
        Check::Opens if plaintext.is_some() && plaintext == known => return Ok(()),
        Check::Opens => return Err(Fault::wrong("WrongPlaintext")),
        Check::Seals => (work.key, known),
        Check::SealsAgain => (work.other_key, known),
        Check::MakesAndSeals => {
            let length = sized.bytes.div_ceil(3) * 4;
            let made = plaintext.filter(|text| text.len() == length);
            (work.key, Some(made.ok_or_else(|| Fault::wrong("WrongPlaintext"))?))
        }
    };
    let (Some(plaintext), Some(ciphertext)) = (plaintext, ciphertext) else {
        return Err(Fault::wrong("NoCiphertext"));
    };
    let sample = Sample { plaintext: plaintext.to_owned(), ciphertext: ciphertext.to_owned() };
    fixtures.replace(sized.bytes, key, sample);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORK: Work = Work { operation: 0, key: 0, other_key: 1, principal: 0 };

    fn check(name: &str, body: &str) -> (Result<(), Fault>, Fixtures) {
        let old = || Sample { plaintext: "AAAA".into(), ciphertext: "old".into() };
        let fixtures = Fixtures::of_samples(3, vec![old(), old()]);
        let sized = SizedOperation::parse(name, 3).unwrap();
        let result = verify(&fixtures, &sized, WORK, Some(&old()), body.as_bytes());
        (result, fixtures)
    }

    #[test]
    fn a_plaintext_must_be_what_was_sealed() {
        assert_eq!(check("decrypt", r#"{"KeyId":"k","Plaintext":"AAAA"}"#).0, Ok(()));
        for (body, code) in [
            (r#"{"Plaintext":"AAAB"}"#, "WrongPlaintext"),
            ("{}", "WrongPlaintext"),
            ("<html>", "MalformedAnswer"),
        ] {
            assert_eq!(check("decrypt", body).0, Err(Fault::wrong(code)));
        }
    }

    #[test]
    fn what_was_sealed_is_opened_later() {
        let (result, fixtures) = check("encrypt", r#"{"CiphertextBlob":"new"}"#);
        assert_eq!(result, Ok(()));
        assert_eq!(fixtures.sample(3, 0).unwrap().ciphertext, "new");
        let (_, fixtures) = check("re-encrypt", r#"{"CiphertextBlob":"moved"}"#);
        assert_eq!(fixtures.sample(3, 1).unwrap().ciphertext, "moved");
        let made = r#"{"Plaintext":"BBBB","CiphertextBlob":"key"}"#;
        let (_, fixtures) = check("generate-data-key", made);
        let expected = Sample { plaintext: "BBBB".into(), ciphertext: "key".into() };
        assert_eq!(*fixtures.sample(3, 0).unwrap(), expected);
        assert_eq!(check("encrypt", "{}").0, Err(Fault::wrong("NoCiphertext")));
        let short = r#"{"Plaintext":"BB==BBBB","CiphertextBlob":"key"}"#;
        assert_eq!(check("generate-data-key", short).0, Err(Fault::wrong("WrongPlaintext")));
    }
}
