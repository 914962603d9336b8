//! Which of the old siblings each new sibling is, and which of them have to move.

use alloc::vec;
use alloc::vec::Vec;

use crate::tree::mix;

/// No partner.
pub(crate) const NONE: u32 = u32::MAX;

/// One sibling: `id` is equal where the two are surely the same; 0 for never.
#[derive(Clone, Copy)]
pub(crate) struct Item {
    pub(crate) id: u64,
    /// Only siblings of one sort can be the same.
    pub(crate) sort: u16,
}

/// For each new item the place of its old one or [`NONE`]: by `id`, first come first served, then,
/// among what is left between the same neighbours, by `alike` (which is asked for plausible pairs only).
#[inline(never)]
pub(crate) fn pair(old: &[Item], new: &[Item], alike: &dyn Fn(usize, usize) -> bool) -> Vec<u32> {
    let mut pairs = vec![NONE; new.len()];
    // Equal ends need no table.
    let mut head = 0;
    while head < old.len() && head < new.len() && same(old[head], new[head]) {
        pairs[head] = head as u32;
        head += 1;
    }
    let (mut old_tail, mut new_tail) = (old.len(), new.len());
    while old_tail > head && new_tail > head && same(old[old_tail - 1], new[new_tail - 1]) {
        old_tail -= 1;
        new_tail -= 1;
        pairs[new_tail] = old_tail as u32;
    }
    if old_tail == head || new_tail == head {
        return pairs;
    }
    let mut taken = vec![false; old.len()];
    by_id(old, new, head, old_tail, new_tail, &mut pairs, &mut taken);
    // What is left: an edited item stands between the neighbours it had.
    let mut from = head;
    for at in head..new_tail {
        if pairs[at] != NONE {
            from = pairs[at] as usize + 1;
            continue;
        }
        let mut next = from;
        while next < old_tail && !taken[next] {
            if old[next].sort == new[at].sort && alike(next, at) {
                pairs[at] = next as u32;
                taken[next] = true;
                from = next + 1;
                break;
            }
            next += 1;
            if next - from > 16 {
                break;
            }
        }
    }
    pairs
}

fn same(old: Item, new: Item) -> bool {
    old.id == new.id && old.id != 0 && old.sort == new.sort
}

/// An open-addressed table of the old items; equal ones are a chain in document order.
fn by_id(
    old: &[Item],
    new: &[Item],
    head: usize,
    old_tail: usize,
    new_tail: usize,
    pairs: &mut [u32],
    taken: &mut [bool],
) {
    let mask = (old_tail - head).next_power_of_two() * 2 - 1;
    let mut table = vec![NONE; mask + 1];
    let mut later = vec![NONE; old.len()];
    let place = |table: &[u32], item: Item| {
        let mut slot = mix(item.id, u64::from(item.sort)) as usize & mask;
        while table[slot] != NONE && !same(old[table[slot] as usize], item) {
            slot = (slot + 1) & mask;
        }
        slot
    };
    for at in (head..old_tail).rev() {
        if old[at].id != 0 {
            let slot = place(&table, old[at]);
            later[at] = table[slot];
            table[slot] = at as u32;
        }
    }
    for at in head..new_tail {
        if new[at].id != 0 {
            let slot = place(&table, new[at]);
            let found = table[slot];
            if found != NONE && !taken[found as usize] {
                pairs[at] = found;
                taken[found as usize] = true;
                // The last of a chain stays in the table: an empty slot would cut probing short.
                if later[found as usize] != NONE {
                    table[slot] = later[found as usize];
                }
            }
        }
    }
}

/// Which of the paired new items may stay where they are: the most that stand in their old order.
/// An item that is `pinned` is let stay wherever possible, and the others move around it.
#[inline(never)]
pub(crate) fn stay(pairs: &[u32], pinned: &dyn Fn(usize) -> bool) -> Vec<bool> {
    let mut keep = vec![false; pairs.len()];
    let mut fixed = false;
    for (at, &pair) in pairs.iter().enumerate() {
        keep[at] = pair != NONE && pinned(at);
        fixed |= keep[at];
    }
    if fixed {
        longest(pairs, &mut keep);
        // Between two that stay, only what stood between them may stay too.
        let mut allowed = vec![false; pairs.len()];
        let (mut low, mut at) = (0, 0);
        while at < pairs.len() {
            let mut next = at;
            while next < pairs.len() && !keep[next] {
                next += 1;
            }
            let high = if next < pairs.len() { pairs[next] } else { NONE };
            for place in at..next {
                allowed[place] = pairs[place] != NONE && pairs[place] >= low && pairs[place] < high;
            }
            if next < pairs.len() {
                allowed[next] = true;
                low = high + 1;
            }
            at = next + 1;
        }
        keep = allowed;
    } else {
        for (at, &pair) in pairs.iter().enumerate() {
            keep[at] = pair != NONE;
        }
    }
    longest(pairs, &mut keep);
    keep
}

/// Thins `keep` out to a longest run whose partners ascend (patience sorting).
fn longest(pairs: &[u32], keep: &mut [bool]) {
    let mut piles: Vec<u32> = Vec::new();
    let mut under = vec![NONE; pairs.len()];
    for at in 0..pairs.len() {
        if !keep[at] {
            continue;
        }
        keep[at] = false;
        let (mut low, mut high) = (0, piles.len());
        // Most pages grow in order: try the end before halving.
        if high > 0 && pairs[piles[high - 1] as usize] < pairs[at] {
            low = high;
        }
        while low < high {
            let middle = usize::midpoint(low, high);
            if pairs[piles[middle] as usize] < pairs[at] {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        if low > 0 {
            under[at] = piles[low - 1];
        }
        if low == piles.len() {
            piles.push(at as u32);
        } else {
            piles[low] = at as u32;
        }
    }
    let mut at = piles.last().copied().unwrap_or(NONE);
    while at != NONE {
        keep[at as usize] = true;
        at = under[at as usize];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(text: &str) -> Vec<Item> {
        text.bytes().map(|byte| Item { id: if byte.is_ascii_digit() { 0 } else { u64::from(byte) }, sort: 1 }).collect()
    }

    #[test]
    fn new_items_find_their_old_ones() {
        for (old, new, pairs) in [
            ("", "a", "-"),
            ("a", "", ""),
            ("abc", "abc", "012"),
            ("abc", "xabc", "-012"),
            ("abc", "cab", "201"),
            ("aab", "aaab", "01-2"),
            ("abca", "aacb", "0321"),
            ("a1c", "a2c", "012"),
            ("a12c", "a3c", "013"),
            ("xaya", "zaaa", "-1-3"),
        ] {
            let (old_items, new_items) = (items(old), items(new));
            let found = pair(&old_items, &new_items, &|old, new| old_items[old].id == new_items[new].id);
            let text: String =
                found.iter().map(|&at| if at == NONE { '-' } else { char::from(b'0' + at as u8) }).collect();
            assert_eq!(text, pairs, "{old} → {new}");
        }
    }

    #[test]
    fn the_most_stay_and_pinned_ones_first() {
        let none: &dyn Fn(usize) -> bool = &|_| false;
        for (pairs, pinned, kept) in [
            (vec![0, 1, 2, 3], "", "1111"),
            (vec![3, 0, 1, 2], "", "0111"),
            (vec![3, 0, 1, 2], "0", "1000"),
            (vec![NONE, 1, 0, NONE, 2], "", "00101"),
            (vec![2, 1, 0], "1", "010"),
        ] {
            let digits: Vec<usize> = pinned.bytes().map(|byte| usize::from(byte - b'0')).collect();
            let pin = |at: usize| digits.contains(&at);
            let keep = stay(&pairs, if pinned.is_empty() { none } else { &pin });
            let text: String = keep.iter().map(|&keep| if keep { '1' } else { '0' }).collect();
            assert_eq!(text, kept, "{pairs:?} {pinned}");
        }
    }
}
