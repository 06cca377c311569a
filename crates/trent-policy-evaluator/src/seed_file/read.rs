//! The tree of a seed file as keys and aliases.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};
use trent_policy::{Policy, PolicyError, PolicyKind};
use trent_types::{
    AccountId, AliasName, KeyArn, KeyId, KeyUsage, MaterialId, Region, SecretBytes, Tag,
};

use super::members::{Members, Place};
use super::yaml::{self, Value};
use super::{Section, Seed, SeedError, SeedHome, SeededAlias, SeededKey, moment, policy_text};

/// Separates the ids of seeded material from those of every other purpose; part of them for ever.
const LABEL: &[u8] = b"trent seeded key material";

/// The most materials of a key.
const MATERIALS_MAX: usize = 1_000;

/// AWS: characters of a description, tags of a key, characters of a tag's key and value.
const DESCRIPTION_MAX: usize = 8_192;
const TAGS_MAX: usize = 50;
const TAG_KEY_MAX: usize = 128;
const TAG_VALUE_MAX: usize = 256;

impl Seed {
    /// Reads a file.
    ///
    /// # Errors
    /// [`SeedError`] names the first thing that is wrong, without showing anything of the file but
    /// names of members. What only others know, whether a PEM is a good key and whether a policy's
    /// principals exist, is found out when the keys are made.
    pub fn parse(file: &SecretBytes, home: &SeedHome) -> Result<Self, SeedError> {
        let what = "the file is not UTF-8";
        let text =
            std::str::from_utf8(file.expose()).map_err(|_| SeedError::Yaml { line: 1, what })?;
        let mut reader = Reader { home, seed: Self { keys: Vec::new(), aliases: Vec::new() } };
        let mut document = Place::document(yaml::parse(text)?).members()?;
        if let Some(keys) = document.optional("Keys") {
            reader.keys(keys.members()?)?;
        }
        if let Some(aliases) = document.optional("Aliases") {
            for alias in aliases.items()? {
                reader.alias(alias)?;
            }
        }
        document.finish()?;
        Ok(reader.seed)
    }

    /// How many keys and aliases the file names.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        (self.keys.len(), self.aliases.len())
    }
}

/// The id of a seeded material: SHA-256(label ‖ 0 or 1 for multi-Region ‖ key id, 16 bytes ‖
/// material). So deployments with the same file read each other's ciphertexts, whose header names
/// the material. The id is public: it says nothing about material of 256 random bits, and lets
/// material be recognised that somebody could guess. Every part but the last has a fixed length, so
/// no two inputs are the same bytes.
fn material_id(key_id: KeyId, material: &[u8]) -> MaterialId {
    let hash = Sha256::new()
        .chain_update(LABEL)
        .chain_update([u8::from(key_id.is_multi_region())])
        .chain_update(key_id.as_bytes());
    MaterialId::from_bytes(hash.chain_update(material).finalize().into())
}

struct Reader<'a> {
    home: &'a SeedHome,
    seed: Seed,
}

impl Reader<'_> {
    fn keys(&mut self, mut keys: Members) -> Result<(), SeedError> {
        for (kind, sections) in [
            ("Symmetric", [Some(("Aes", Section::Aes)), None]),
            ("Asymmetric", [Some(("Rsa", Section::Rsa)), Some(("Ecc", Section::Ecc))]),
        ] {
            let Some(kind) = keys.optional(kind) else { continue };
            let mut kind = kind.members()?;
            for (name, section) in sections.into_iter().flatten() {
                let Some(list) = kind.optional(name) else { continue };
                for item in list.items()? {
                    let key = self.key(section, item)?;
                    self.seed.keys.push(key);
                }
            }
            kind.finish()?;
        }
        keys.finish()
    }

    fn key(&self, section: Section, place: Place) -> Result<SeededKey, SeedError> {
        let (path, line) = (place.path.clone(), place.node.line);
        let mut members = place.members()?;
        let mut metadata = members.required("Metadata")?.members()?;
        let id = metadata.required("KeyId")?;
        let key_id = id.parsed("a UUID in lower case")?;
        let description = metadata.optional("Description").map(|text| description(&text));
        let usage = match section {
            Section::Aes => KeyUsage::EncryptDecrypt,
            Section::Rsa | Section::Ecc => usage(section, &metadata.required("KeyUsage")?)?,
        };
        metadata.finish()?;
        let (account, region) = self.home(&mut members, None)?;
        let arn = KeyArn { region, account, key_id };
        if key_id.is_multi_region() {
            return Err(id.wrong("names a multi-Region key, and those cannot be seeded"));
        }
        if self
            .seed
            .keys
            .iter()
            .any(|known| known.arn.key_id == key_id && known.arn.region == region)
        {
            return Err(id.wrong("is another key's in this file already"));
        }
        let next_rotation = match (section, members.optional("NextKeyRotation")) {
            (Section::Aes, Some(date)) => {
                let what = "must be a date as in 2027-01-31, or a moment of RFC 3339";
                Some(moment::parse(date.text()?).ok_or_else(|| date.wrong(what))?)
            }
            (Section::Aes, None) => None,
            (Section::Rsa | Section::Ecc, Some(date)) => {
                return Err(date.wrong("is for symmetric keys only"));
            }
            (Section::Rsa | Section::Ecc, None) => None,
        };
        let materials = match section {
            Section::Aes => backing_keys(key_id, members.required("BackingKeys")?)?,
            Section::Rsa | Section::Ecc => vec![pem(key_id, &members.required("PrivateKeyPem")?)?],
        };
        let key = SeededKey {
            arn,
            section,
            usage,
            description: description.transpose()?.unwrap_or_default(),
            policy: members.optional("Policy").map(|place| policy(&place)).transpose()?,
            tags: members.optional("Tags").map(tags).transpose()?.unwrap_or_default(),
            next_rotation,
            materials,
            path: format!("{path} (line {line})"),
        };
        members.finish()?;
        Ok(key)
    }

    fn alias(&mut self, place: Place) -> Result<(), SeedError> {
        let path = format!("{} (line {})", place.path, place.node.line);
        let mut members = place.members()?;
        let given = members.required("AliasName")?;
        let name: AliasName =
            given.parsed("alias/ and up to 250 of the characters a-zA-Z0-9/_-")?;
        if name.is_reserved() || name.as_str().contains(':') {
            return Err(given.wrong("is a name that AWS keeps for itself"));
        }
        let target: KeyId = members.required("TargetKeyId")?.parsed("a key id")?;
        let of_target = self.seed.keys.iter().find(|key| key.arn.key_id == target);
        let of_target = of_target.map(|key| key.arn);
        let (account, region) = self.home(&mut members, of_target)?;
        members.finish()?;
        let same = |known: &SeededAlias| {
            known.name == name && known.account == account && known.region == region
        };
        if self.seed.aliases.iter().any(same) {
            return Err(given.wrong("stands in this file already"));
        }
        self.seed.aliases.push(SeededAlias { account, region, name, target, path });
        Ok(())
    }

    /// Where something belongs: where it says, or where the key is that it is about, or at home.
    fn home(
        &self,
        members: &mut Members,
        about: Option<KeyArn>,
    ) -> Result<(AccountId, Region), SeedError> {
        let account = match members.optional("Account") {
            Some(account) => account.parsed("an account id of 12 digits")?,
            None => about.map_or(self.home.account, |key| key.account),
        };
        let region = match (members.optional("Region"), about) {
            (Some(given), _) => {
                let region: Region = given.parsed("a Region of AWS")?;
                if !self.home.regions.contains(&region) {
                    return Err(given.wrong("is a Region that is not served here"));
                }
                region
            }
            (None, about) => about.map_or(self.home.region, |key| key.region),
        };
        Ok((account, region))
    }
}

fn description(place: &Place) -> Result<String, SeedError> {
    let text = place.text()?;
    if text.chars().count() > DESCRIPTION_MAX {
        return Err(place.wrong(format!("has more than {DESCRIPTION_MAX} characters")));
    }
    Ok(text.to_owned())
}

fn usage(section: Section, place: &Place) -> Result<KeyUsage, SeedError> {
    let (allowed, words): (&[KeyUsage], _) = match section {
        Section::Aes => (&[KeyUsage::EncryptDecrypt], "ENCRYPT_DECRYPT"),
        Section::Rsa => {
            (&[KeyUsage::EncryptDecrypt, KeyUsage::SignVerify], "ENCRYPT_DECRYPT or SIGN_VERIFY")
        }
        Section::Ecc => {
            (&[KeyUsage::SignVerify, KeyUsage::KeyAgreement], "SIGN_VERIFY or KEY_AGREEMENT")
        }
    };
    let usage: KeyUsage = place.parsed(words)?;
    if allowed.contains(&usage) { Ok(usage) } else { Err(place.wrong(format!("must be {words}"))) }
}

fn backing_keys(key_id: KeyId, place: Place) -> Result<Vec<(MaterialId, SecretBytes)>, SeedError> {
    let empty = place.wrong("must name one key at least");
    let mut materials: Vec<(MaterialId, SecretBytes)> = Vec::new();
    for item in place.items()? {
        let mut bytes = vec![0; 32];
        let decoded = hex::decode_to_slice(item.text()?.trim(), &mut bytes);
        let bytes = SecretBytes::new(bytes);
        decoded.map_err(|_| item.wrong("must be 64 hexadecimal digits"))?;
        let id = material_id(key_id, bytes.expose());
        if materials.iter().any(|(known, _)| *known == id) {
            return Err(item.wrong("stands here a second time"));
        }
        if materials.len() >= MATERIALS_MAX {
            return Err(item.wrong(format!("is one of more than {MATERIALS_MAX}")));
        }
        materials.push((id, bytes));
    }
    if materials.is_empty() { Err(empty) } else { Ok(materials) }
}

fn pem(key_id: KeyId, place: &Place) -> Result<(MaterialId, SecretBytes), SeedError> {
    let text = place.text()?.trim_start();
    if !text.starts_with("-----BEGIN ") {
        return Err(place.wrong("must be a private key in PEM"));
    }
    let bytes = SecretBytes::new(text.as_bytes().to_vec());
    Ok((material_id(key_id, bytes.expose()), bytes))
}

fn policy(place: &Place) -> Result<String, SeedError> {
    let text = match &place.node.value {
        Value::Map(_) => policy_text::json(&place.node),
        Value::Text(text) => text.as_str().to_owned(),
        Value::List(_) | Value::Nothing => {
            return Err(place.wrong("must be a text or a mapping"));
        }
    };
    match Policy::parse(&text, PolicyKind::KeyPolicy) {
        Ok(_) => Ok(text),
        Err(PolicyError::Malformed { .. }) => Err(place.wrong("is not a well-formed key policy")),
        Err(PolicyError::TooLarge { limit, .. }) => {
            Err(place.wrong(format!("has more than {limit} bytes")))
        }
    }
}

/// Tags as a mapping, or as the API has them.
fn tags(place: Place) -> Result<Vec<Tag>, SeedError> {
    let mut tags: Vec<(Tag, Place)> = Vec::new();
    match &place.node.value {
        Value::Map(_) => {
            let path = place.path.clone();
            for (name, node) in place.members()?.rest() {
                let place = Place { node, path: format!("{path}.{}", tags.len()) };
                let (key, value) = (name.as_str().to_owned(), place.text()?.to_owned());
                tags.push((Tag { key, value }, place));
            }
        }
        Value::List(_) | Value::Text(_) | Value::Nothing => {
            for item in place.items()? {
                let mut members = item.members()?;
                let (key, value) = (members.required("TagKey")?, members.required("TagValue")?);
                members.finish()?;
                let tag = Tag { key: key.text()?.to_owned(), value: value.text()?.to_owned() };
                tags.push((tag, key));
            }
        }
    }
    let mut seen = BTreeSet::new();
    for (at, (tag, place)) in tags.iter().enumerate() {
        let reserved = tag.key.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:"));
        let controls = tag.key.chars().chain(tag.value.chars()).any(char::is_control);
        let long =
            tag.key.chars().count() > TAG_KEY_MAX || tag.value.chars().count() > TAG_VALUE_MAX;
        if tag.key.is_empty() || reserved || controls || long || at >= TAGS_MAX {
            let what = "is not a tag that a key can have: up to 50, with keys of 1 to 128 \
                characters not beginning with aws:, and values of up to 256";
            return Err(place.wrong(what));
        }
        if !seen.insert(tag.key.as_str()) {
            return Err(place.wrong("has a key that stands here already"));
        }
    }
    Ok(tags.into_iter().map(|(tag, _)| tag).collect())
}
