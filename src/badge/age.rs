//! How long ago something was, in one unit, and until when that stays true.

use crate::article::Millis;

/// The units of [`Age`], smallest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Of a check only, in steps of ten.
    Second,
    /// 60 seconds.
    Minute,
    /// 60 minutes.
    Hour,
    /// 24 hours.
    Day,
    /// Seven days.
    Week,
    /// A twelfth of a year.
    Month,
    /// The Gregorian calendar's mean year, 365.2425 days.
    Year,
}

impl Unit {
    /// As `Intl.RelativeTimeFormat` calls it.
    pub fn name(self) -> &'static str {
        ["second", "minute", "hour", "day", "week", "month", "year"][self as usize]
    }
}

/// A whole number of units, rounded down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Age {
    /// How many.
    pub count: u32,
    /// Of what.
    pub unit: Unit,
}

/// A minute in milliseconds.
pub(super) const MINUTE: Millis = 60_000.0;
/// Twenty-four hours in milliseconds.
pub(super) const DAY: Millis = 1440.0 * MINUTE;

/// Each unit by its length, which is also the age at which it begins to be used; longest first.
const UNITS: [(Unit, Millis); 6] = [
    (Unit::Year, 365.2425 * DAY),
    (Unit::Month, 365.2425 / 12.0 * DAY),
    (Unit::Week, 7.0 * DAY),
    (Unit::Day, DAY),
    (Unit::Hour, 60.0 * MINUTE),
    (Unit::Minute, MINUTE),
];

impl Age {
    /// The age in words of something `elapsed` milliseconds old, and the age at which it will be another one.
    /// None below `step` milliseconds, which is also how finely the first minute is told: say "just now".
    pub fn of(elapsed: Millis, step: Millis) -> (Option<Self>, Millis) {
        let mut next = f64::INFINITY;
        for (unit, length) in UNITS {
            if elapsed >= length {
                let count = (elapsed / length) as u32;
                return (Some(Self { count, unit }), next.min(f64::from(count + 1) * length));
            }
            next = length;
        }
        if elapsed < step {
            return (None, step);
        }
        let steps = f64::from((elapsed / step) as u32);
        (Some(Self { count: (steps * step / 1000.0) as u32, unit: Unit::Second }), (steps + 1.0) * step)
    }
}
