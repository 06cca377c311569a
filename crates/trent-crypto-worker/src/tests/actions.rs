//! A Permit serves the action that was decided on, and no other with the same primitive.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "what the list of duties lacks is seen where it is tried"
)]

use trent_bus::messages::{
    CopyMaterialOrder, DecapsulateOrder, DeriveSharedSecretOrder, EncapsulateOrder,
    GenerateDataKeyPairOrder, GenerateMacOrder, ImportMaterialOrder, MakeImportParametersOrder,
    SealMaterialOrder, SignOrder, VerifyMacOrder, VerifyOrder,
};

use super::importing::{parameters_of, wrapped};
use super::*;

const DUTIES: [Duty; 25] = [
    Duty::GenerateMaterial,
    Duty::Encrypt,
    Duty::Decrypt,
    Duty::ReEncryptFrom,
    Duty::ReEncryptTo,
    Duty::GenerateDataKey,
    Duty::GenerateDataKeyWithoutPlaintext,
    Duty::GenerateDataKeyPair,
    Duty::GenerateDataKeyPairWithoutPlaintext,
    Duty::GenerateRandom,
    Duty::Sign,
    Duty::Verify,
    Duty::GenerateMac,
    Duty::VerifyMac,
    Duty::DeriveSharedSecret,
    Duty::Encapsulate,
    Duty::Decapsulate,
    Duty::MakeImportParameters,
    Duty::ImportMaterial,
    Duty::CopyMaterial,
    Duty::SealMaterial,
    Duty::SealNewSecret,
    Duty::SealGivenSecret,
    Duty::OpenSecret,
    Duty::ReSeal,
];

/// Duties whose orders [`Orders::order`] does not make.
const SENT_ELSEWHERE: [Duty; 4] =
    [Duty::Decrypt, Duty::SealNewSecret, Duty::SealGivenSecret, Duty::OpenSecret];

/// The key of a duty: each duty has a key that it can be done with.
fn key_of(duty: Duty) -> KeyArn {
    match duty {
        Duty::Sign | Duty::Verify => key(2),
        Duty::GenerateMac | Duty::VerifyMac => key(3),
        Duty::DeriveSharedSecret => key(4),
        Duty::Encapsulate | Duty::Decapsulate => key(5),
        Duty::CopyMaterial => multi_region_key(6),
        _ => key(1),
    }
}

pub(super) fn multi_region_key(byte: u8) -> KeyArn {
    KeyArn { key_id: KeyId::from_bytes([byte; 16], true), ..key(byte) }
}

/// Orders of every kind, right in all but what their Permits say.
struct Orders {
    rig: Rig,
    /// Of the keys of [`key_of`], by their first byte.
    made: Vec<(KeyArn, MadeMaterial)>,
    ctx: Bytes,
    blob: Bytes,
    stored_secret: Bytes,
    signature: Bytes,
    mac: Bytes,
    capsule: Bytes,
    token: Bytes,
    wrapped: Bytes,
}

impl Orders {
    async fn new() -> Self {
        let rig = rig();
        let mut made = Vec::new();
        for (key, spec) in [
            (key(1), "SYMMETRIC_DEFAULT"),
            (key(2), "ECC_NIST_P256"),
            (key(3), "HMAC_256"),
            (key(4), "ECC_NIST_P384"),
            (key(5), "ML_KEM_768"),
            (multi_region_key(6), "SYMMETRIC_DEFAULT"),
        ] {
            made.push((key, rig.new_key(key, spec).await));
        }
        let ctx = context(&[("a", "b")]);
        let blob =
            ciphertext(rig.encrypt(key(1), made[0].1.material.as_ref().unwrap(), &ctx).await);
        let seal = about(USER, Duty::SealNewSecret);
        let sealed = rig.seal_secret(&seal, "123456789012", Bytes::new()).await;
        let stored_secret = sealed_secret(sealed).stored_secret;
        let parameters = parameters_of(&rig, key(1), "RSA_2048", "RSAES_OAEP_SHA_256").await;
        let wrapped = wrapped(&parameters.public_key, &[7; 32]);
        let mut orders = Self {
            rig,
            made,
            ctx,
            blob,
            stored_secret,
            signature: Bytes::new(),
            mac: Bytes::new(),
            capsule: Bytes::new(),
            token: parameters.token,
            wrapped,
        };
        let done = |duty: Duty| orders.outcome(duty, duty.needs().1[0]);
        let Outcome::Signature(signature) = done(Duty::Sign).await else { panic!("no signature") };
        let mac = sealed_plaintext(done(Duty::GenerateMac).await);
        let Outcome::Encapsulated(capsule) = done(Duty::Encapsulate).await else {
            panic!("no capsule");
        };
        let mac = orders.rig.open(Purpose::WorkerToGateway, &mac);
        (orders.signature, orders.capsule) = (signature, capsule.ciphertext);
        orders.mac = orders.rig.seal(mac.expose());
        orders
    }

    fn material(&self, key: KeyArn) -> &MadeMaterial {
        &self.made.iter().find(|(known, _)| *known == key).unwrap().1
    }

    /// What a Permit for this duty says, but for another action and with every primitive.
    fn claims(&self, duty: Duty, action: &str) -> Claims {
        let primitives = DUTIES.iter().fold(0, |bits, duty| bits | duty.needs().0 as u32);
        let primitives = Primitives::from_bits(primitives);
        let key = key_of(duty);
        let material = [self.material(key).material.as_ref().unwrap()];
        let claims = match duty {
            Duty::OpenSecret => about(DOMAIN_KEY_CHECK, duty),
            Duty::GenerateRandom | Duty::SealNewSecret | Duty::SealGivenSecret => about("*", duty),
            Duty::Sign
            | Duty::Verify
            | Duty::GenerateMac
            | Duty::VerifyMac
            | Duty::DeriveSharedSecret
            | Duty::Encapsulate
            | Duty::Decapsulate => claims(key, duty, &material, &[]),
            _ => claims(key, duty, &material, &self.ctx),
        };
        Claims { action: action.into(), primitives, ..claims }
    }

    async fn outcome(&self, duty: Duty, action: &str) -> Outcome {
        let Self { rig, ctx, .. } = self;
        let claims = self.claims(duty, action);
        let material = self.material(key(1)).material.as_ref().unwrap();
        match duty {
            Duty::Decrypt => rig.decrypt(&claims, key(1), material, ctx, &self.blob).await,
            Duty::SealNewSecret => rig.seal_secret(&claims, "123456789012", Bytes::new()).await,
            Duty::SealGivenSecret => {
                let given = rig.sealer.seal(Purpose::EvaluatorToWorker, REQUEST, b"known").into();
                rig.seal_secret(&claims, "123456789012", given).await
            }
            Duty::OpenSecret => {
                let stored = self.stored_secret.clone();
                rig.open_secret(&claims, DOMAIN_KEY_CHECK, stored).await
            }
            _ => rig.send(self.order(duty, &claims)).await,
        }
    }

    fn order(&self, duty: Duty, claims: &Claims) -> CryptoOrder {
        let Self { rig, ctx, .. } = self;
        let of_key = key_of(duty);
        let material = self.material(of_key).material.as_ref().unwrap();
        let right = |duty| rig.key_use(&self.claims(duty, duty.needs().1[0]), key(1), material);
        let key_use = rig.key_use(claims, of_key, material);
        let re_encrypt = |source, destination| {
            CryptoOrder::ReEncrypt(ReEncryptOrder {
                source: Some(source),
                source_context: ctx.clone(),
                ciphertext: self.blob.clone(),
                destination: Some(destination),
                destination_context: ctx.clone(),
                ..Default::default()
            })
        };
        match duty {
            Duty::GenerateMaterial => rig.material_order(claims, key(1)),
            Duty::Encrypt => rig.encrypt_order(key_use, ctx),
            Duty::ReEncryptFrom => re_encrypt(key_use, right(Duty::ReEncryptTo)),
            Duty::ReEncryptTo => re_encrypt(right(Duty::ReEncryptFrom), key_use),
            Duty::GenerateDataKey | Duty::GenerateDataKeyWithoutPlaintext => {
                CryptoOrder::GenerateDataKey(GenerateDataKeyOrder {
                    r#use: Some(key_use),
                    context: ctx.clone(),
                    number_of_bytes: 32,
                    with_plaintext: duty == Duty::GenerateDataKey,
                })
            }
            Duty::GenerateDataKeyPair | Duty::GenerateDataKeyPairWithoutPlaintext => {
                CryptoOrder::GenerateDataKeyPair(GenerateDataKeyPairOrder {
                    r#use: Some(key_use),
                    context: ctx.clone(),
                    spec: "ECC_NIST_P256".into(),
                    with_plaintext: duty == Duty::GenerateDataKeyPair,
                })
            }
            Duty::GenerateRandom => CryptoOrder::GenerateRandom(GenerateRandomOrder {
                permit: rig.permit(claims),
                number_of_bytes: 32,
            }),
            Duty::ReSeal => re_seal_material(rig.permit(claims), key(1), material),
            _ => self.newer_order(duty, key_use, claims),
        }
    }

    fn newer_order(&self, duty: Duty, key_use: KeyUse, claims: &Claims) -> CryptoOrder {
        let (rig, of_key) = (&self.rig, key_of(duty));
        let r#use = Some(key_use);
        let sealed_message = rig.seal(b"message");
        let (ecdsa, hmac) = ("ECDSA_SHA_256".to_owned(), "HMAC_SHA_256".to_owned());
        let (signature, message_type) = (self.signature.clone(), "RAW".to_owned());
        match duty {
            Duty::Sign => CryptoOrder::Sign(SignOrder {
                r#use,
                algorithm: ecdsa,
                message_type,
                sealed_message,
            }),
            Duty::Verify => CryptoOrder::Verify(VerifyOrder {
                r#use,
                algorithm: ecdsa,
                message_type,
                sealed_message,
                signature,
            }),
            Duty::GenerateMac => CryptoOrder::GenerateMac(GenerateMacOrder {
                r#use,
                algorithm: hmac,
                sealed_message,
            }),
            Duty::VerifyMac => CryptoOrder::VerifyMac(VerifyMacOrder {
                r#use,
                algorithm: hmac,
                sealed_message,
                sealed_mac: self.mac.clone(),
            }),
            Duty::DeriveSharedSecret => CryptoOrder::DeriveSharedSecret(DeriveSharedSecretOrder {
                r#use,
                algorithm: "ECDH".into(),
                public_key: self.material(of_key).public_key.clone(),
            }),
            Duty::Encapsulate => CryptoOrder::Encapsulate(EncapsulateOrder { r#use }),
            Duty::Decapsulate => CryptoOrder::Decapsulate(DecapsulateOrder {
                r#use,
                ciphertext: self.capsule.clone(),
            }),
            _ => self.material_order(duty, claims),
        }
    }

    /// An order that makes or seals material.
    fn material_order(&self, duty: Duty, claims: &Claims) -> CryptoOrder {
        let (rig, of_key) = (&self.rig, key_of(duty));
        let (permit, key) = (rig.permit(claims), Some(of_key.into()));
        match duty {
            Duty::MakeImportParameters => {
                CryptoOrder::MakeImportParameters(MakeImportParametersOrder {
                    permit,
                    key,
                    wrapping_spec: "RSA_2048".into(),
                    wrapping_algorithm: "RSAES_OAEP_SHA_256".into(),
                    valid_to_ms: KEY_NOW.plus_millis(1).as_millis(),
                })
            }
            Duty::ImportMaterial => CryptoOrder::ImportMaterial(ImportMaterialOrder {
                permit,
                key,
                spec: "SYMMETRIC_DEFAULT".into(),
                token: self.token.clone(),
                wrapped_material: self.wrapped.clone(),
            }),
            Duty::CopyMaterial => CryptoOrder::CopyMaterial(CopyMaterialOrder {
                permit,
                key,
                materials: self.material(of_key).material.clone().into_iter().collect(),
                region: "us-east-1".into(),
            }),
            Duty::SealMaterial => CryptoOrder::SealMaterial(SealMaterialOrder {
                permit,
                key,
                spec: "SYMMETRIC_DEFAULT".into(),
                material_id: Bytes::new(),
                sealed_material: rig
                    .sealer
                    .seal(Purpose::EvaluatorToWorker, REQUEST, &[7; 32])
                    .into(),
            }),
            older => panic!("{older:?} is sent elsewhere"),
        }
    }
}

#[tokio::test]
async fn a_permit_for_one_action_does_not_serve_another() {
    let orders = Orders::new().await;
    let mut actions: Vec<&str> = DUTIES.iter().flat_map(|duty| duty.needs().1).copied().collect();
    actions.extend(["", "*", "kms:*", "kms:DescribeKey", "kms:encrypt", "kms:ReEncrypt"]);
    actions.sort_unstable();
    actions.dedup();
    for duty in DUTIES {
        for action in &actions {
            let outcome = orders.outcome(duty, action).await;
            if duty.needs().1.contains(action) {
                assert!(!matches!(outcome, Outcome::Fault(_)), "{duty:?} by {action}: {outcome:?}");
            } else {
                assert_eq!(outcome, fault(CryptoFault::NotPermitted), "{duty:?} by {action}");
            }
        }
    }
}

#[tokio::test]
async fn each_duty_needs_its_own_primitive_whatever_the_action() {
    let orders = Orders::new().await;
    for duty in DUTIES {
        let (primitive, actions) = duty.needs();
        let others = orders.claims(duty, actions[0]).primitives.bits() & !(primitive as u32);
        // The others are sent by helpers of their own, and tried in `refused`.
        if SENT_ELSEWHERE.contains(&duty) {
            continue;
        }
        let claims =
            Claims { primitives: Primitives::from_bits(others), ..orders.claims(duty, actions[0]) };
        let outcome = orders.rig.send(orders.order(duty, &claims)).await;
        assert_eq!(outcome, fault(CryptoFault::NotPermitted), "{duty:?}");
    }
}

#[tokio::test]
async fn a_permit_for_another_key_or_request_serves_no_duty() {
    let orders = Orders::new().await;
    for duty in DUTIES {
        if SENT_ELSEWHERE.contains(&duty) || duty == Duty::GenerateRandom {
            continue;
        }
        let good = orders.claims(duty, duty.needs().1[0]);
        let resource = ClaimedResource::Key(key(9));
        let other_request = RequestId::from_bytes([2; 16]);
        for claims in [
            Claims { resource, ..good.clone() },
            Claims { request_id: other_request, ..good.clone() },
        ] {
            let outcome = orders.rig.send(orders.order(duty, &claims)).await;
            assert_eq!(outcome, fault(CryptoFault::NotPermitted), "{duty:?}");
        }
    }
}
