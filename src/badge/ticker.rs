//! One timer for every badge of a page: when to wake, and for which cards.
//!
//! It counts by a clock that does not jump; the timer itself is left to the view.

use alloc::vec::Vec;

use crate::article::Millis;

/// Texts may be late by so much, so that a thousand cards wake the page once a second and not a thousand times.
const GRAIN: Millis = 1000.0;

/// When each card's text changes next. A card is a small number that its owner chose; a number may be used again.
#[derive(Debug, Default)]
pub struct Ticker {
    due: Vec<Millis>,
}

impl Ticker {
    /// No cards.
    pub const fn new() -> Self {
        Self { due: Vec::new() }
    }

    /// A card's next change; infinite for a card that rests, is out of sight or is gone.
    pub fn set(&mut self, card: usize, due: Millis) {
        if card >= self.due.len() {
            self.due.resize(card + 1, f64::INFINITY);
        }
        self.due[card] = due;
    }

    /// When to wake: the earliest change, rounded up. Infinite when every card rests.
    pub fn next(&self) -> Millis {
        (self.due.iter().fold(f64::INFINITY, |next, &due| next.min(due)) / GRAIN).ceil() * GRAIN
    }

    /// Takes the cards whose text has changed by `now`; they rest until they are set again.
    pub fn take(&mut self, now: Millis) -> Vec<usize> {
        let mut cards = Vec::new();
        for (card, due) in self.due.iter_mut().enumerate() {
            if *due <= now {
                *due = f64::INFINITY;
                cards.push(card);
            }
        }
        cards
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thousand_cards_wake_the_page_once_a_second_at_most() {
        let mut ticker = Ticker::new();
        for card in 0..1000 {
            ticker.set(card, 60_000.0 + card as f64 * 7.0);
        }
        let (mut wakes, mut told) = (0, 0);
        while ticker.next().is_finite() {
            let now = ticker.next();
            let cards = ticker.take(now);
            assert!(!cards.is_empty());
            (wakes, told) = (wakes + 1, told + cards.len());
        }
        assert_eq!((wakes, told), (8, 1000));
    }

    #[test]
    fn a_card_that_rests_wakes_nobody() {
        let mut ticker = Ticker::new();
        assert_eq!(ticker.next(), f64::INFINITY);
        ticker.set(2, 1_500.0);
        ticker.set(0, 9_000.0);
        ticker.set(2, f64::INFINITY);
        assert_eq!(ticker.next(), 9_000.0);
        assert!(ticker.take(8_999.0).is_empty());
        assert_eq!(ticker.take(9_000.0), [0]);
        assert_eq!(ticker.next(), f64::INFINITY);
    }
}
