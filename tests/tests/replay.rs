//! Whoever hears the bus, and may send to the workers, still uses nothing that was not meant for
//! him: what is taken out of one order fits into no other, and no changed one is worked on.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::unwrap_used, reason = "tests")]

use std::time::Duration;

use async_nats::{Client, Message};
use aws_sdk_kms::primitives::Blob;
use prost::Message as _;
use trent_bus::messages::crypto_answer::Outcome;
use trent_bus::messages::crypto_request::Order as Crypto;
use trent_bus::messages::{
    AnswerFrame, CryptoAnswer, CryptoRequest, DecryptOrder, EncryptOrder, KeyUse, Order,
    OrderFrame, answer,
};
use trent_testkit::{Form, RunningStack};
use trent_tests::tap::{Tap, connect};

const WORKERS: &str = "trent.v1.crypto.fast";

/// An Encrypt order as it was heard.
#[derive(Clone)]
struct Heard {
    request_id: prost::bytes::Bytes,
    key: KeyUse,
    order: EncryptOrder,
}

impl Heard {
    fn request(&self) -> CryptoRequest {
        let order = EncryptOrder { r#use: Some(self.key.clone()), ..self.order.clone() };
        CryptoRequest { request_id: self.request_id.clone(), order: Some(Crypto::Encrypt(order)) }
    }
}

#[test]
fn orders_that_were_heard_are_of_no_use_in_pieces() {
    let running = RunningStack::start(Form::Distributed, &["--tap"]).expect("a stack");
    let stack = &running.stack;
    trent_tests::block_on(async {
        let kms = trent_tests::client(stack, 0);
        let key = kms.create_key().send().await.unwrap().key_metadata.unwrap().key_id;
        let intruder = connect(stack, "gateway").await;
        // For each attempt orders of their own: Permits last two seconds.
        for (what, change) in CHANGES {
            let tap = Tap::begin(stack).await;
            for plaintext in ["one", "another"] {
                let call = kms.encrypt().key_id(&key).encryption_context("for", plaintext);
                call.plaintext(Blob::new(plaintext)).send().await.unwrap();
            }
            let heard = tap.first(2, encrypt_order).await;
            let (mut one, another) = (heard[0].clone(), heard[1].clone());
            let whole = send(&intruder, one.request()).await;
            assert!(matches!(whole, Outcome::Ciphertext(_)), "as it was heard: {whole:?}");
            change(&mut one, &another);
            let changed = send(&intruder, one.request()).await;
            assert!(matches!(changed, Outcome::Fault(_)), "with {what}: {changed:?}");
        }
    });
}

/// What is changed of an order that was heard; the second one was heard, too.
type Change = fn(&mut Heard, &Heard);
const CHANGES: [(&str, Change); 9] = [
    ("another request's plaintext", |one, another| {
        one.order.sealed_plaintext = another.order.sealed_plaintext.clone();
    }),
    ("another request's Permit", |one, another| one.key.permit = another.key.permit.clone()),
    ("another request's id", |one, another| one.request_id = another.request_id.clone()),
    ("another request's id and Permit", |one, another| {
        one.request_id = another.request_id.clone();
        one.key.permit = another.key.permit.clone();
    }),
    ("another request's context", |one, another| one.order.context = another.order.context.clone()),
    ("a changed plaintext", |one, _| flip(&mut one.order.sealed_plaintext)),
    ("a changed Permit", |one, _| flip(&mut one.key.permit)),
    ("changed key material", |one, _| {
        flip(&mut one.key.material.as_mut().expect("material").sealed);
    }),
    ("no Permit", |one, _| one.key.permit.clear()),
];

/// Decrypting again what somebody has decrypted gives a plaintext that is sealed for him: without
/// the bus keys it tells nothing. And an Encrypt order's Permit does not decrypt.
#[test]
fn a_decrypt_that_was_heard_gives_nothing_readable() {
    let running = RunningStack::start(Form::Distributed, &["--tap"]).expect("a stack");
    let stack = &running.stack;
    trent_tests::block_on(async {
        let kms = trent_tests::client(stack, 0);
        let key = kms.create_key().send().await.unwrap().key_metadata.unwrap().key_id;
        let intruder = connect(stack, "gateway").await;
        let plaintext = b"attack at dawn, by the northern gate";
        let tap = Tap::begin(stack).await;
        let sealed = kms.encrypt().key_id(&key).plaintext(Blob::new(plaintext)).send().await;
        let sealed = sealed.unwrap().ciphertext_blob.unwrap();
        let opened = kms.decrypt().ciphertext_blob(sealed.clone()).send().await.unwrap();
        assert_eq!(opened.plaintext.unwrap().as_ref(), plaintext);
        let decrypt = tap.first(1, |message| {
            let heard = request(message)?;
            matches!(heard.order, Some(Crypto::Decrypt(_))).then_some(heard)
        });
        let replayed = send(&intruder, decrypt.await[0].clone()).await;
        let Outcome::SealedPlaintext(again) = replayed else { unreachable!("{replayed:?}") };
        assert!(again.len() > plaintext.len());
        assert!(!again.windows(8).any(|part| plaintext.windows(8).any(|own| own == part)));
        let encrypt = tap.first(1, encrypt_order).await.remove(0);
        let order = DecryptOrder {
            r#use: Some(encrypt.key),
            context: encrypt.order.context,
            ciphertext: sealed.into_inner().into(),
            algorithm: String::new(),
        };
        let order = Some(Crypto::Decrypt(order));
        let turned = send(&intruder, CryptoRequest { request_id: encrypt.request_id, order }).await;
        assert!(matches!(turned, Outcome::Fault(_)), "an Encrypt's Permit decrypts: {turned:?}");
    });
}

fn flip(bytes: &mut prost::bytes::Bytes) {
    let mut changed = bytes.to_vec();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    *bytes = changed.into();
}

fn encrypt_order(message: &Message) -> Option<Heard> {
    let CryptoRequest { request_id, order } = request(message)?;
    let Some(Crypto::Encrypt(order)) = order else { return None };
    Some(Heard { request_id, key: order.r#use.clone()?, order })
}

/// The order of a frame that has one.
fn request(message: &Message) -> Option<CryptoRequest> {
    if message.subject.as_str() != WORKERS {
        return None;
    }
    let frame = OrderFrame::decode(message.payload.clone()).ok()?;
    CryptoRequest::decode(frame.orders.first()?.payload.clone()).ok()
}

/// Has a worker work on this, as a gateway does.
async fn send(nats: &Client, request: CryptoRequest) -> Outcome {
    let payload = request.encode_to_vec().into();
    let order =
        Order { correlation_id: 1, deadline_ms: 5_000, traceparent: String::new(), payload };
    let frame = OrderFrame { orders: vec![order] }.encode_to_vec();
    let asked = nats.request(WORKERS, frame.into());
    let answer = tokio::time::timeout(Duration::from_secs(10), asked).await;
    let answer = answer.expect("an answer in time").expect("an answer");
    let mut frame = AnswerFrame::decode(answer.payload).expect("answers");
    let Some(answer::Outcome::Payload(answer)) = frame.answers.remove(0).outcome else {
        unreachable!("the order was not taken");
    };
    CryptoAnswer::decode(answer).expect("a worker's answer").outcome.expect("an outcome")
}
