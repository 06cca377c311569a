//! The domain key rotates: what an older one sealed is sealed anew, upwards only, and a version
//! goes only when nobody needs it.

use trent_bus::messages::{ReSealed, StoredSecret};
use trent_types::sealed_under;

use super::*;

fn domain(versions: &[u8]) -> KeyRing {
    let line = |version: &u8| format!("{version} {}\n", hex_of(*version));
    KeyRing::parse(&versions.iter().map(line).collect::<String>()).unwrap()
}

/// Version 1 is the key that the rigs' workers begin with.
fn hex_of(version: u8) -> String {
    let byte = if version == 1 { 0xaa } else { version };
    format!("{byte:02x}").repeat(32)
}

fn re_sealed(outcome: Outcome) -> ReSealed {
    let Outcome::ReSealed(answer) = outcome else { panic!("not re-sealed: {outcome:?}") };
    answer
}

impl Rig {
    async fn re_seal(&self, material: &SealedMaterial) -> ReSealed {
        let permit = self.permit(&claims(key(1), Duty::ReSeal, &[material], &[]));
        re_sealed(self.send(re_seal_material(permit, key(1), material)).await)
    }
}

#[tokio::test]
async fn material_of_an_older_version_is_sealed_anew_and_serves_as_before() {
    let rig = rig();
    let ctx = context(&[]);
    let old = rig.material_of(key(1)).await;
    let blob = ciphertext(rig.encrypt(key(1), &old, &ctx).await);
    rig.worker.replace_domain_keys(&domain(&[2, 1])).unwrap();

    let answer = rig.re_seal(&old).await;
    assert_eq!(answer.version, 2);
    assert_eq!(sealed_under(&answer.sealed), Some(2));
    let new = SealedMaterial { sealed: answer.sealed, ..old.clone() };
    rig.clock.advance_millis(6_000);
    rig.worker.replace_domain_keys(&domain(&[2])).unwrap();
    let mut decrypt = claims(key(1), Duty::Decrypt, &[&new], &ctx);
    decrypt.expires_at = NOW.plus_millis(9_000);
    let plaintext = sealed_plaintext(rig.decrypt(&decrypt, key(1), &new, &ctx, &blob).await);
    assert_eq!(rig.open(Purpose::WorkerToGateway, &plaintext).expose(), b"plaintext");
    let refused = rig.decrypt(&decrypt, key(1), &old, &ctx, &blob).await;
    assert_eq!(refused, fault(CryptoFault::MaterialUnusable), "its domain key is gone");
}

#[tokio::test]
async fn workers_at_different_steps_never_seal_to_and_fro() {
    let (old, new) = (rig(), rig());
    old.worker.replace_domain_keys(&domain(&[1, 2])).unwrap();
    new.worker.replace_domain_keys(&domain(&[2, 1])).unwrap();
    let first = old.material_of(key(1)).await;
    assert_eq!(old.re_seal(&first).await, ReSealed { version: 1, sealed: Bytes::new() });
    let second = new.re_seal(&first).await.sealed;
    let second = SealedMaterial { sealed: second, ..first };
    for worker in [&old, &new, &old] {
        assert!(worker.re_seal(&second).await.sealed.is_empty());
    }
}

#[tokio::test]
async fn a_secret_of_an_older_version_is_sealed_anew_for_its_own_access_key() {
    let rig = rig();
    let seal = about(USER, Duty::SealNewSecret);
    let made = sealed_secret(rig.seal_secret(&seal, "123456789012", Bytes::new()).await);
    rig.worker.replace_domain_keys(&domain(&[2, 1])).unwrap();
    let order = |id: &str, claimed: &str| {
        let permit = rig.permit(&about(claimed, Duty::ReSeal));
        let what = StoredSecret {
            account: "123456789012".into(),
            access_key_id: id.into(),
            stored_secret: made.stored_secret.clone(),
        };
        CryptoOrder::ReSeal(ReSealOrder { permit, what: Some(What::Secret(what)) })
    };
    let answer = re_sealed(rig.send(order(DOMAIN_KEY_CHECK, DOMAIN_KEY_CHECK)).await);
    let open = about(DOMAIN_KEY_CHECK, Duty::OpenSecret);
    let opened = sealed_secret(rig.open_secret(&open, DOMAIN_KEY_CHECK, answer.sealed).await);
    let before = rig.open(Purpose::WorkerToGateway, &made.sealed_secret);
    assert_eq!(rig.open(Purpose::WorkerToEvaluator, &opened.sealed_secret), before);
    let other = rig.send(order("AKIAOTHER", "AKIAOTHER")).await;
    assert_eq!(other, fault(CryptoFault::MaterialUnusable));
    let unclaimed = rig.send(order(DOMAIN_KEY_CHECK, "AKIAOTHER")).await;
    assert_eq!(unclaimed, fault(CryptoFault::NotPermitted));
}

#[tokio::test]
async fn a_permit_for_one_key_or_material_re_seals_no_other() {
    let rig = rig();
    let (own, other) = (rig.material_of(key(1)).await, rig.material_of(key(1)).await);
    rig.worker.replace_domain_keys(&domain(&[2, 1])).unwrap();
    let permit = rig.permit(&claims(key(1), Duty::ReSeal, &[&own], &[]));
    for (key, material) in [(key(2), &own), (key(1), &other)] {
        let outcome = rig.send(re_seal_material(permit.clone(), key, material)).await;
        assert_eq!(outcome, fault(CryptoFault::NotPermitted));
    }
}

#[tokio::test]
async fn a_version_goes_only_when_it_is_neither_current_nor_needed() {
    let rig = rig();
    let material = rig.material_of(key(1)).await;
    let ctx = context(&[]);
    let replaced = |versions: &[u8]| rig.worker.replace_domain_keys(&domain(versions));
    assert_eq!(replaced(&[2]), Err(1), "it is the current one");
    replaced(&[1, 2]).unwrap();
    replaced(&[2, 1]).unwrap();
    assert!(matches!(rig.encrypt(key(1), &material, &ctx).await, Outcome::Ciphertext(_)));
    assert_eq!(replaced(&[2]), Err(1), "an order brought it just now");
    assert!(matches!(rig.encrypt(key(1), &material, &ctx).await, Outcome::Ciphertext(_)));
    rig.clock.advance_millis(5_000);
    replaced(&[2]).unwrap();
    assert_eq!(rig.worker.parsed_keys(), 0, "nothing stays open that only it could open");
}
