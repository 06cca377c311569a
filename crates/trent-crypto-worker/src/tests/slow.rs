//! RSA key pairs made in advance, and slow orders that are sent again.

use std::time::Instant;

use super::*;

/// Waits until so many key pairs are ready, as they will be when the threads have nothing to do.
fn wait_for(rig: &Rig, ready: usize) {
    let end = Instant::now() + Duration::from_secs(60);
    while rig.worker.ready_keys() != ready {
        assert!(Instant::now() < end, "{} key pairs are ready", rig.worker.ready_keys());
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[tokio::test]
async fn rsa_key_pairs_are_made_in_advance_from_the_first_on_and_each_is_used_once() {
    let rig = rig();
    rig.new_key(key(1), "ECC_NIST_P256").await;
    assert_eq!(rig.worker.ready_keys(), 0, "nobody asked for one");
    let mut public_keys = vec![rig.new_key(key(1), "RSA_2048").await.public_key];
    wait_for(&rig, 8);
    for _ in 0..4 {
        public_keys.push(rig.new_key(key(1), "RSA_2048").await.public_key);
    }
    public_keys.sort_unstable();
    public_keys.dedup();
    assert_eq!(public_keys.len(), 5);
    wait_for(&rig, 8);
}

#[tokio::test]
async fn key_pairs_made_in_advance_go_with_the_ring_they_were_sealed_under() {
    let rig = rig();
    rig.new_key(key(1), "RSA_2048").await;
    wait_for(&rig, 8);
    let next = KeyRing::parse(&format!("2 {}\n1 {}\n", "02".repeat(32), "aa".repeat(32))).unwrap();
    rig.worker.replace_domain_keys(&next).unwrap();
    assert_eq!(rig.worker.ready_keys(), 0);
    let material = rig.new_key(key(1), "RSA_2048").await.material.unwrap();
    assert_eq!(trent_types::sealed_under(&material.sealed), Some(2));
    wait_for(&rig, 8);
}

#[tokio::test]
async fn a_key_pair_that_comes_too_late_for_its_permit_lies_ready_for_the_next_try() {
    let rig = rig();
    // By the clock that stands still here, it is over before anything can be made.
    let short = Claims {
        expires_at: NOW.plus_millis(100),
        ..claims(key(1), Duty::GenerateMaterial, &[], &[])
    };
    let order = |claims: &Claims| rig.generate_order(claims, key(1), "RSA_3072", &[]);
    assert_eq!(rig.send(order(&short)).await, fault(CryptoFault::PermitExpired));
    let ready = rig.worker.ready_keys();
    assert!(ready >= 1, "{ready} key pairs are ready");
    let fresh = claims(key(1), Duty::GenerateMaterial, &[], &[]);
    assert!(!made(rig.send(order(&fresh)).await).public_key.is_empty());
}

#[tokio::test]
async fn the_permit_of_a_slow_order_is_checked_as_that_of_a_fast_one() {
    let rig = rig();
    let late = Claims { expires_at: NOW, ..claims(key(1), Duty::GenerateMaterial, &[], &[]) };
    let outcome = rig.send(rig.generate_order(&late, key(1), "RSA_4096", &[])).await;
    assert_eq!(outcome, fault(CryptoFault::PermitExpired));
    let other = claims(key(2), Duty::GenerateMaterial, &[], &[]);
    let outcome = rig.send(rig.generate_order(&other, key(1), "RSA_4096", &[])).await;
    assert_eq!(outcome, fault(CryptoFault::NotPermitted));
}

#[tokio::test]
async fn slow_orders_of_the_same_process_are_done_on_a_runtime_of_one_thread() {
    let rig = rig();
    let allowed = claims(key(1), Duty::GenerateMaterial, &[], &[]);
    let order = rig.generate_order(&allowed, key(1), "ECC_NIST_P384", &[]);
    let request_id = convert::bytes(REQUEST.as_bytes());
    let request = CryptoRequest { request_id, order: Some(order) };
    let answer = rig.worker.handle_local(None, Box::new(request)).unwrap().await.unwrap();
    let answer = answer.downcast::<CryptoAnswer>().unwrap();
    assert!(!made(answer.outcome.unwrap()).public_key.is_empty());
}
