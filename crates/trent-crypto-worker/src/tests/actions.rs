//! A Permit serves the action that was decided on, and no other with the same primitive.

use super::*;

const DUTIES: [Duty; 12] = [
    Duty::GenerateMaterial,
    Duty::Encrypt,
    Duty::Decrypt,
    Duty::ReEncryptFrom,
    Duty::ReEncryptTo,
    Duty::GenerateDataKey,
    Duty::GenerateDataKeyWithoutPlaintext,
    Duty::GenerateRandom,
    Duty::SealNewSecret,
    Duty::SealGivenSecret,
    Duty::OpenSecret,
    Duty::ReSeal,
];

/// Orders of every kind, right in all but what their Permits say.
struct Orders {
    rig: Rig,
    material: SealedMaterial,
    ctx: Bytes,
    blob: Bytes,
    stored_secret: Bytes,
}

impl Orders {
    async fn new() -> Self {
        let rig = rig();
        let material = rig.material_of(key(1)).await;
        let ctx = context(&[("a", "b")]);
        let blob = ciphertext(rig.encrypt(key(1), &material, &ctx).await);
        let seal = about(USER, Duty::SealNewSecret);
        let sealed = rig.seal_secret(&seal, "123456789012", Bytes::new()).await;
        let stored_secret = sealed_secret(sealed).stored_secret;
        Self { rig, material, ctx, blob, stored_secret }
    }

    /// What a Permit for this duty says, but for another action and with every primitive.
    fn claims(&self, duty: Duty, action: &str) -> Claims {
        let primitives = DUTIES.iter().fold(0, |bits, duty| bits | duty.needs().0 as u32);
        let primitives = Primitives::from_bits(primitives);
        let material = [&self.material];
        let claims = match duty {
            Duty::OpenSecret => about(DOMAIN_KEY_CHECK, duty),
            Duty::GenerateRandom | Duty::SealNewSecret | Duty::SealGivenSecret => about("*", duty),
            Duty::GenerateMaterial
            | Duty::Encrypt
            | Duty::Decrypt
            | Duty::ReEncryptFrom
            | Duty::ReEncryptTo
            | Duty::GenerateDataKey
            | Duty::GenerateDataKeyWithoutPlaintext
            | Duty::ReSeal => claims(key(1), duty, &material, &self.ctx),
        };
        Claims { action: action.into(), primitives, ..claims }
    }

    async fn outcome(&self, duty: Duty, action: &str) -> Outcome {
        let Self { rig, material, ctx, .. } = self;
        let claims = self.claims(duty, action);
        let right = |duty| rig.key_use(&self.claims(duty, duty.needs().1[0]), key(1), material);
        let key_use = rig.key_use(&claims, key(1), material);
        let re_encrypt = |source, destination| {
            CryptoOrder::ReEncrypt(ReEncryptOrder {
                source: Some(source),
                source_context: ctx.clone(),
                ciphertext: self.blob.clone(),
                destination: Some(destination),
                destination_context: ctx.clone(),
            })
        };
        let data_key = |key_use, with_plaintext| {
            CryptoOrder::GenerateDataKey(GenerateDataKeyOrder {
                r#use: Some(key_use),
                context: ctx.clone(),
                number_of_bytes: 32,
                with_plaintext,
            })
        };
        let permit = rig.permit(&claims);
        let order = match duty {
            Duty::GenerateMaterial => CryptoOrder::GenerateMaterial(GenerateMaterialOrder {
                permit,
                key: Some(key(1).into()),
                spec: "SYMMETRIC_DEFAULT".into(),
            }),
            Duty::Encrypt => rig.encrypt_order(key_use, ctx),
            Duty::Decrypt => return rig.decrypt(&claims, key(1), material, ctx, &self.blob).await,
            Duty::ReEncryptFrom => re_encrypt(key_use, right(Duty::ReEncryptTo)),
            Duty::ReEncryptTo => re_encrypt(right(Duty::ReEncryptFrom), key_use),
            Duty::GenerateDataKey => data_key(key_use, true),
            Duty::GenerateDataKeyWithoutPlaintext => data_key(key_use, false),
            Duty::GenerateRandom => {
                CryptoOrder::GenerateRandom(GenerateRandomOrder { permit, number_of_bytes: 32 })
            }
            Duty::SealNewSecret => {
                return rig.seal_secret(&claims, "123456789012", Bytes::new()).await;
            }
            Duty::SealGivenSecret => {
                let given = rig.sealer.seal(Purpose::EvaluatorToWorker, REQUEST, b"known").into();
                return rig.seal_secret(&claims, "123456789012", given).await;
            }
            Duty::ReSeal => re_seal_material(permit, key(1), material),
            Duty::OpenSecret => {
                let stored = self.stored_secret.clone();
                return rig.open_secret(&claims, DOMAIN_KEY_CHECK, stored).await;
            }
        };
        rig.send(order).await
    }
}

#[tokio::test]
async fn a_permit_for_one_action_does_not_serve_another() {
    let orders = Orders::new().await;
    let mut actions: Vec<&str> = DUTIES.iter().flat_map(|duty| duty.needs().1).copied().collect();
    actions.extend(["", "*", "kms:*", "kms:DescribeKey", "kms:encrypt", "kms:ReEncrypt"]);
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
