//! From a clock on a wall to a moment.

use crate::article::Millis;

use super::age::DAY;

/// The moment at which clocks of a zone show `local` (milliseconds since 1970 as if the zone were UTC), where
/// `offset` tells how far they are ahead of UTC at a moment.
///
/// A time that clocks show twice in autumn is the first of the two; one that they skip in spring is read with the
/// offset before the change (RFC 5545 section 3.3.5).
pub fn moment(local: Millis, offset: &dyn Fn(Millis) -> Millis) -> Millis {
    let before = local - offset(local - DAY);
    let after = local - offset(local + DAY);
    if before != after && local - offset(before) != before && local - offset(after) == after { after } else { before }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Millis = 3_600_000.0;
    /// 2026-03-08T07:00Z, when New York goes from UTC−5 to UTC−4.
    const SPRING: Millis = 1_772_953_200_000.0;
    /// 2026-11-01T06:00Z, when it goes back.
    const AUTUMN: Millis = 1_793_512_800_000.0;

    fn new_york(at: Millis) -> Millis {
        if (SPRING..AUTUMN).contains(&at) { -4.0 * HOUR } else { -5.0 * HOUR }
    }

    #[test]
    fn one_rule_for_hours_that_clocks_skip_or_show_twice() {
        let (spring, autumn) = (SPRING - 5.0 * HOUR, AUTUMN - 4.0 * HOUR); // 02:00 on both walls, before the change
        for (local, at) in [
            (spring - 1.0, SPRING - 1.0),
            (spring, SPRING),
            (spring + 0.5 * HOUR, SPRING + 0.5 * HOUR),
            (spring + HOUR, SPRING),
            (autumn - HOUR - 1.0, AUTUMN - HOUR - 1.0),
            (autumn - HOUR, AUTUMN - HOUR),
            (autumn - 0.5 * HOUR, AUTUMN - 0.5 * HOUR),
            (autumn - 1.0, AUTUMN - 1.0),
            (autumn, AUTUMN + HOUR),
        ] {
            assert_eq!(moment(local, &new_york), at);
        }
        for day in 0..800 {
            let noon = SPRING - 19.0 * HOUR + f64::from(day) * DAY + 24.0 * HOUR;
            let at = moment(noon, &new_york);
            assert_eq!(at + new_york(at), noon);
        }
    }
}
