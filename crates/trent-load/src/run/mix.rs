//! What a request does: an operation by its weight, a key, a principal.

use rand::{Rng, RngExt};

use crate::error::LoadError;
use crate::ops::{SignedBy, SizedOperation};
use crate::run::arguments::{KeyChoice, RunArguments};

/// The operations and how often each is chosen.
#[derive(Debug)]
pub(crate) struct Mix {
    operations: Vec<SizedOperation>,
    weights: Cumulative,
}

impl Mix {
    /// Reads `encrypt=40,decrypt:4096=10`; a weight that is left out is 1.
    pub(crate) fn parse(text: &str, bytes: usize) -> Result<Self, LoadError> {
        let (mut operations, mut weights) = (Vec::new(), Vec::new());
        for entry in text.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
            let (name, weight) = entry.split_once('=').unwrap_or((entry, "1"));
            let weight: f64 = weight.trim().parse().unwrap_or(-1.0);
            if !weight.is_finite() || weight < 0.0 {
                return Err(LoadError::Argument(format!("{entry}: not a weight")));
            }
            let operation = SizedOperation::parse(name.trim(), bytes)?;
            let name = operation.to_string();
            if operations.iter().any(|other: &SizedOperation| other.to_string() == name) {
                return Err(LoadError::Argument(format!("{name} is in the mix twice")));
            }
            if weight > 0.0 {
                operations.push(operation);
                weights.push(weight);
            }
        }
        if operations.is_empty() {
            return Err(LoadError::Argument("nothing in the mix".to_owned()));
        }
        Ok(Self { operations, weights: Cumulative::of(weights) })
    }

    pub(crate) fn operations(&self) -> &[SizedOperation] {
        &self.operations
    }

    /// The operations by name with their shares: the same for all texts that mean the same load.
    pub(crate) fn in_words(&self) -> String {
        let sums = &self.weights.0;
        let all = sums.last().copied().unwrap_or_default();
        let before = std::iter::once(0.0).chain(sums.iter().copied());
        let share = |(sum, before): (&f64, f64)| 100.0 * (sum - before) / all;
        let shares = sums.iter().zip(before).map(share);
        let named = self.operations.iter().zip(shares);
        let mut words: Vec<_> = named.map(|(name, share)| format!("{name} {share:.2}%")).collect();
        words.sort();
        words.join(" ")
    }
}

/// One request, apart from its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Work {
    /// Index into the mix.
    pub(crate) operation: usize,
    pub(crate) key: usize,
    /// The other key of ReEncrypt.
    pub(crate) other_key: usize,
    /// 0 is who made the keys, from 1 on the users.
    pub(crate) principal: usize,
}

/// Chooses what requests do.
#[derive(Debug)]
pub(crate) struct Chooser {
    mix: Mix,
    keys: Keys,
    principals: usize,
}

#[derive(Debug)]
enum Keys {
    Uniform(usize),
    Zipf(Cumulative),
}

impl Chooser {
    pub(crate) fn new(mix: Mix, arguments: &RunArguments) -> Self {
        let keys = match arguments.key_choice {
            KeyChoice::Uniform => Keys::Uniform(arguments.keys as usize),
            KeyChoice::Zipf => {
                let weight = |rank: u32| f64::from(rank).powf(-arguments.zipf_exponent);
                Keys::Zipf(Cumulative::of((1..=arguments.keys).map(weight)))
            }
        };
        Self { mix, keys, principals: arguments.principals as usize }
    }

    pub(crate) const fn mix(&self) -> &Mix {
        &self.mix
    }

    pub(crate) fn choose(&self, rng: &mut impl Rng) -> Work {
        let operation = self.mix.weights.choose(rng);
        let signed_by = self.mix.operations.get(operation).map(|op| op.operation.signed_by);
        let principal = match signed_by {
            Some(SignedBy::Principal) if self.principals > 0 => {
                1 + rng.random_range(0..self.principals)
            }
            Some(SignedBy::Principal | SignedBy::Owner) | None => 0,
        };
        Work { operation, key: self.key(rng), other_key: self.key(rng), principal }
    }

    fn key(&self, rng: &mut impl Rng) -> usize {
        match &self.keys {
            Keys::Uniform(1) => 0,
            Keys::Uniform(count) => rng.random_range(0..*count),
            Keys::Zipf(weights) => weights.choose(rng),
        }
    }
}

/// Weights, summed up, so that a choice is a binary search.
#[derive(Debug)]
struct Cumulative(Vec<f64>);

impl Cumulative {
    fn of(weights: impl IntoIterator<Item = f64>) -> Self {
        let mut sum = 0.0;
        let add = |weight: f64| {
            sum += weight;
            sum
        };
        Self(weights.into_iter().map(add).collect())
    }

    fn choose(&self, rng: &mut impl Rng) -> usize {
        let all = self.0.last().copied().unwrap_or_default();
        let point = rng.random::<f64>() * all;
        self.0.partition_point(|sum| *sum <= point).min(self.0.len().saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;

    fn counts(weights: &Cumulative, draws: usize) -> Vec<f64> {
        let mut rng = StdRng::seed_from_u64(1);
        let mut counts = vec![0.0; weights.0.len()];
        (0..draws).for_each(|_| counts[weights.choose(&mut rng)] += 1.0);
        counts
    }

    #[test]
    fn a_mix_is_read() {
        let mix = Mix::parse("encrypt=40, decrypt:4096=10,describe-key,generate-random=0", 32);
        let mix = mix.unwrap();
        let names: Vec<_> = mix.operations().iter().map(ToString::to_string).collect();
        assert_eq!(names, ["encrypt", "decrypt:4096", "describe-key"]);
        assert_eq!(mix.weights.0, [40.0, 50.0, 51.0]);
        for wrong in ["", "encrypt=x", "encrypt=-1", "encrypt=0", "encrypt=1,encrypt=2", "fly=1"] {
            assert!(Mix::parse(wrong, 32).is_err(), "{wrong}");
        }
    }

    #[test]
    fn texts_that_mean_the_same_are_the_same_in_words() {
        let words = |text: &str, bytes: usize| Mix::parse(text, bytes).unwrap().in_words();
        assert_eq!(words("encrypt=1,decrypt=3", 32), "decrypt 75.00% encrypt 25.00%");
        assert_eq!(words("decrypt=30, encrypt=10", 32), words("encrypt=1,decrypt=3", 32));
        assert_eq!(words("encrypt:64", 32), words("encrypt=7", 64));
        assert_ne!(words("encrypt", 32), words("encrypt", 64));
    }

    #[test]
    fn operations_are_chosen_by_their_weights() {
        let found = counts(&Mix::parse("encrypt=30,decrypt=70", 32).unwrap().weights, 20_000);
        assert!((found[0] / 20_000.0 - 0.3).abs() < 0.02, "{found:?}");
    }

    #[test]
    fn zipf_chooses_the_nth_as_often_as_one_nth() {
        let weights = Cumulative::of((1..=1000).map(|rank| 1.0 / f64::from(rank)));
        let found = counts(&weights, 200_000);
        let harmonic: f64 = (1..=1000).map(|rank| 1.0 / f64::from(rank)).sum();
        for rank in [1_u32, 2, 4, 10] {
            let expected = 200_000.0 / (f64::from(rank) * harmonic);
            let seen = found[rank as usize - 1];
            assert!((seen / expected - 1.0).abs() < 0.1, "rank {rank}: {seen}, not {expected}");
        }
        assert!(found[500..].iter().sum::<f64>() > 0.0);
    }
}
