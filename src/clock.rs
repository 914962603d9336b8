//! The server's clock, as far as its answers tell: what it is ahead of the reader's.
//!
//! The reader's clock is often wrong and may be set right while a page is open. Against that stands a second clock of
//! the reader's, which nobody sets, but which stops while the machine sleeps. Both are handed in.

use crate::article::Millis;

/// An answer's `Date` is in whole seconds, and a connection is not even: less than this is no news.
const GRAIN: Millis = 2_000.0;
/// An answer that seems to have taken longer says that a clock was set on the way.
const TRIP: Millis = 10_000.0;
/// Clocks are wrong by their zone, as a rule; a machine seldom sleeps for so even a time.
const QUARTER: Millis = 900_000.0;

/// What is known of the server's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clock {
    ahead: Option<Millis>,
    seen: Option<(Millis, Millis)>,
}

impl Clock {
    /// What the server's clock is ahead of the reader's, in milliseconds; 0 where it is not known.
    pub fn offset(&self) -> Millis {
        self.ahead.unwrap_or(0.0)
    }

    /// Takes an answer's `Date` and `Age` (in milliseconds; RFC 9110 section 6.6.1, RFC 9111 section 5.1) and when it
    /// was asked for and came, both by the reader's clock.
    pub fn hear(&mut self, date: Millis, age: Millis, asked: Millis, came: Millis) {
        let ahead = date + age + (came - asked).clamp(0.0, TRIP) / 2.0 - came;
        if self.ahead.is_none_or(|known| (known - ahead).abs() >= GRAIN) {
            self.ahead = Some(ahead);
        }
    }

    /// Looks at both of the reader's clocks, and tells whether they have parted since the last look: it is a good time
    /// to ask the server. Where the reader's clock was set, the server's runs on; where the machine slept, it is late.
    pub fn look(&mut self, wall: Millis, steady: Millis) -> bool {
        let Some((before, steady_before)) = self.seen.replace((wall, steady)) else { return false };
        let jump = (wall - before) - (steady - steady_before);
        if jump.abs() < GRAIN {
            return false;
        }
        let uneven = (jump / QUARTER).round() * QUARTER - jump;
        if jump < 0.0 || uneven.abs() < GRAIN {
            self.ahead = self.ahead.map(|ahead| ahead - jump);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Millis = 1_000.0;
    const HOUR: Millis = 3_600.0 * SECOND;

    #[test]
    fn an_answer_tells_the_servers_clock() {
        for (date, age, asked, came, offset) in [
            (10.0 * HOUR, 0.0, 10.0 * HOUR, 10.0 * HOUR, 0.0),
            (10.0 * HOUR, 0.0, 13.0 * HOUR, 13.0 * HOUR, -3.0 * HOUR),
            (10.0 * HOUR, 0.0, 8.0 * HOUR - 4.0 * SECOND, 8.0 * HOUR, 2.0 * HOUR + 2.0 * SECOND),
            (10.0 * HOUR, 60.0 * SECOND, 10.0 * HOUR, 10.0 * HOUR, 60.0 * SECOND),
            (10.0 * HOUR, 0.0, 9.0 * HOUR, 10.0 * HOUR, 5.0 * SECOND),
            (10.0 * HOUR, 0.0, 11.0 * HOUR, 10.0 * HOUR, 0.0),
        ] {
            let mut clock = Clock::default();
            clock.hear(date, age, asked, came);
            assert_eq!(clock.offset(), offset);
        }
    }

    #[test]
    fn an_answer_within_a_second_or_two_changes_nothing() {
        let mut clock = Clock::default();
        for (date, offset) in [(50.0, 50.0), (51.0, 50.0), (48.5, 50.0), (52.0, 52.0), (40.0, 40.0)] {
            clock.hear(date * SECOND, 0.0, 0.0, 0.0);
            assert_eq!(clock.offset(), offset * SECOND);
        }
    }

    #[test]
    fn the_servers_clock_runs_on_when_the_readers_is_set() {
        for (jump, kept) in [
            (0.0, true),
            (1.9 * SECOND, false),
            (HOUR, true),
            (-HOUR, true),
            (-37.0 * SECOND, true),
            (HOUR + 1.9 * SECOND, true),
            (HOUR + 200.0 * SECOND, false),
            (8.0 * HOUR - 77.0 * SECOND, false),
        ] {
            let mut clock = Clock::default();
            assert!(!clock.look(5.0 * HOUR, 7.0));
            clock.hear(4.0 * HOUR, 0.0, 5.0 * HOUR, 5.0 * HOUR);
            let parted = clock.look(5.0 * HOUR + SECOND + jump, 7.0 + SECOND);
            assert_eq!(parted, jump.abs() >= GRAIN);
            assert_eq!(5.0 * HOUR + jump + clock.offset(), 4.0 * HOUR + if kept { 0.0 } else { jump });
            assert!(!clock.look(5.0 * HOUR + 2.0 * SECOND + jump, 7.0 + 2.0 * SECOND));
        }
    }

    #[test]
    fn without_an_answer_the_readers_clock_is_all_there_is() {
        let mut clock = Clock::default();
        clock.look(5.0 * HOUR, 0.0);
        assert!(clock.look(6.0 * HOUR, 0.0));
        assert_eq!(clock.offset(), 0.0);
    }
}
