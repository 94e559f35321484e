//! Links: modulators that move another modulator of their zone instead of a generator (sections 8.2.1 and 8.2.2).
//!
//! The standard gives what flows over a link no scale. Here it is a controller's: a modulator that listens to others gets
//! the sum of their outputs, kept within 0 and 127, and maps it as it would a controller. An amount of 127 thus passes its
//! own source on whole.
//!
//! In a list, a modulator lies after all that move it, and each of these says how far behind it is. What lies together
//! so is a group; most groups are of one.

use super::modulator::Modulator;

/// The bit of a destination that makes it a modulator; the rest is its number in the zone, or in a list how far on it is.
pub const BIT: u16 = 0x8000;
/// The most modulators of one group.
pub const MOST: usize = 32;
/// Modulators of a zone among which links are looked for.
const LOOKED_AT: usize = 128;

/// A zone's modulators that mean something, in groups; `raw` is as the file has them.
///
/// Realtime-safe: no (allocates).
pub fn grouped(raw: &[Modulator]) -> Vec<Modulator> {
    let mut all = Vec::new();
    for (number, modulator) in raw.iter().enumerate() {
        let start = all.len();
        let is_root = modulator.link().is_none();
        if is_root && gather(raw, number, &mut all).is_some() && all.len() - start > MOST {
            all.truncate(start);
        }
    }
    all
}

/// Appends those that move a modulator, and then itself; where it lies, if it means something.
fn gather(raw: &[Modulator], number: usize, all: &mut Vec<Modulator>) -> Option<usize> {
    let modulator = raw[number];
    if !modulator.is_usable() {
        return None;
    }
    if modulator.listens() {
        let linked = |&(_, mover): &(usize, &Modulator)| mover.link() == Some(number);
        // None moves two, and the first of all moves a generator: there are no rings.
        let movers = raw.iter().enumerate().take(LOOKED_AT).filter(linked);
        let places: Vec<usize> = movers.filter_map(|(mover, _)| gather(raw, mover, all)).collect();
        let own = all.len();
        places.first()?;
        for place in places {
            all[place].destination = BIT | (own - place) as u16;
        }
    }
    all.push(modulator);
    Some(all.len() - 1)
}

/// The groups of a list.
///
/// Realtime-safe: yes.
pub fn groups(list: &[Modulator]) -> impl Iterator<Item = &[Modulator]> {
    list.split_inclusive(|modulator| modulator.link().is_none())
}

/// The last modulator of the group in a list that is the same as another but for how far it moves its generator.
///
/// Realtime-safe: yes.
pub fn find(list: &[Modulator], group: &[Modulator]) -> Option<usize> {
    let mut end = 0;
    groups(list).find_map(|known| {
        end += known.len();
        let (known_root, known_movers) = known.split_last()?;
        let (root, movers) = group.split_last()?;
        (known_movers == movers && known_root.is_same(root)).then_some(end - 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn modulator(source: u16, destination: u16, amount: i16) -> Modulator {
        Modulator { source, destination, amount, amount_source: 0, transform: 0 }
    }

    #[test]
    fn movers_lie_before_what_they_move_and_say_how_far() {
        let raw = [
            modulator(127, 48, 100),
            modulator(0x81, BIT, 5),
            modulator(0x82, 8, 7),
            modulator(127, BIT, 6),
            modulator(0x84, BIT | 3, 9),
        ];
        let all = grouped(&raw);
        let seen: Vec<_> = all.iter().map(|m| (m.amount, m.link())).collect();
        assert_eq!(seen, [(5, Some(3)), (9, Some(1)), (6, Some(1)), (100, None), (7, None)]);
        assert_eq!(groups(&all).map(<[Modulator]>::len).collect::<Vec<_>>(), [4, 1]);
        assert_eq!(find(&all, &all[..4]), Some(3));
        assert_eq!(find(&all, &all[3..4]), None);
    }

    #[test]
    fn rings_and_listeners_to_nobody_mean_nothing() {
        let raw = [
            modulator(127, BIT | 1, 1),
            modulator(127, BIT, 1),
            modulator(127, 48, 1),
            modulator(127, BIT | 3, 1),
            modulator(0x81, BIT | 0x384, 1),
        ];
        assert!(grouped(&raw).is_empty());
    }
}
