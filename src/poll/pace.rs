//! How long to wait when all is well: decay with age, jitter, and the numbers they need.
//!
//! What the server adds to it is in [`super::freshness`]; what failures do is in [`super::backoff`].

use crate::article::Millis;
use crate::tree::mix;

/// No source is asked sooner than this after a poll.
pub const FLOOR: Millis = 5_000.0;
/// The pace after the end of coverage, and the most that `max-age` and `Retry-After` count.
pub const HOUR: Millis = 3_600_000.0;
/// The longest base pace.
pub const DAY: Millis = 24.0 * HOUR;

/// A stream of random numbers from one seed (xorshift64, Marsaglia 2003): spread is all they are for.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// Equal seeds give equal streams; neighbouring seeds give unlike ones.
    pub fn new(seed: u64) -> Self {
        Self(mix(0x6A09_E667_F3BC_C909, seed) | 1)
    }

    /// Evenly from 0 up to, not including, 1.
    pub fn share(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// How much slower an article is polled whose last change is `age` ago.
///
/// Once within an hour, twice within a day, ten times after.
pub fn decay(age: Millis) -> f64 {
    if age <= HOUR {
        1.0
    } else if age <= DAY {
        2.0
    } else {
        10.0
    }
}

/// `pace` ± 20 %, by a random `share`; never under the floor.
pub fn jitter(pace: Millis, share: f64) -> Millis {
    let least = (pace * 0.8).max(FLOOR);
    least + (pace * 1.2 - least).max(0.0) * share
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decay_steps_at_an_hour_and_a_day() {
        for (age, factor) in [
            (-HOUR, 1.0),
            (0.0, 1.0),
            (HOUR, 1.0),
            (HOUR + 1.0, 2.0),
            (DAY, 2.0),
            (DAY + 1.0, 10.0),
            (4000.0 * DAY, 10.0),
        ] {
            assert_eq!(decay(age), factor, "{age}");
        }
    }

    #[test]
    fn jitter_is_a_fifth_to_either_side_and_keeps_the_floor() {
        for (pace, share, wait) in [
            (30_000.0, 0.0, 24_000.0),
            (30_000.0, 0.5, 30_000.0),
            (30_000.0, 1.0, 36_000.0),
            (5_000.0, 0.0, 5_000.0),
            (5_000.0, 1.0, 6_000.0),
        ] {
            assert!((jitter(pace, share) - wait).abs() < 1e-6, "{pace} {share}");
        }
    }

    #[test]
    fn shares_are_even_from_any_seed() {
        for seed in [0, 1, 2, u64::MAX] {
            let mut random = Random::new(seed);
            let mut tenths = [0; 10];
            for _ in 0..100_000 {
                tenths[(random.share() * 10.0) as usize] += 1;
            }
            assert!(tenths.iter().all(|count| (9_500..10_500).contains(count)), "{seed}: {tenths:?}");
        }
    }

    #[test]
    fn first_shares_of_neighbouring_seeds_are_even() {
        let mut tenths = [0; 10];
        for seed in 0..100_000 {
            tenths[(Random::new(seed).share() * 10.0) as usize] += 1;
        }
        assert!(tenths.iter().all(|count| (9_500..10_500).contains(count)), "{tenths:?}");
    }
}
