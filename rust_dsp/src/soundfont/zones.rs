//! A file's zones as its author wrote them: ranges, generators and modulators of one preset or instrument.

use super::error::SoundFontError;
use super::generator as gen;
use super::links::{find, grouped, groups};
use super::modulator::Modulator;
use super::records::{Generator, Level};

/// The most modulators a zone may have, global ones included; a bound for files that lie.
const MOST_MODULATORS: usize = 128;

/// Keys and velocities, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ranges {
    /// Lowest and highest key.
    pub keys: (u8, u8),
    /// Lowest and highest velocity.
    pub velocities: (u8, u8),
}

impl Ranges {
    const ALL: Self = Self { keys: (0, 127), velocities: (0, 127) };

    /// Whether a note lies in both.
    ///
    /// Realtime-safe: yes.
    #[inline]
    pub fn contain(&self, key: u8, velocity: u8) -> bool {
        (self.keys.0..=self.keys.1).contains(&key)
            && (self.velocities.0..=self.velocities.1).contains(&velocity)
    }

    /// The notes that lie in both ranges, or `None` where there are none.
    ///
    /// Realtime-safe: yes.
    pub fn common(&self, other: &Self) -> Option<Self> {
        let meet = |a: (u8, u8), b: (u8, u8)| (a.0.max(b.0), a.1.min(b.1));
        let both =
            Self { keys: meet(self.keys, other.keys), velocities: meet(self.velocities, other.velocities) };
        (both.keys.0 <= both.keys.1 && both.velocities.0 <= both.velocities.1).then_some(both)
    }
}

/// One zone of a file, its global zone laid under it.
#[derive(Clone, Debug)]
pub struct Zone {
    /// The notes it is for.
    pub ranges: Ranges,
    /// What it says, in the order it says it; later amounts win.
    pub amounts: Vec<(usize, i16)>,
    /// Its modulators, those of the global zone that it does not replace before its own.
    pub modulators: Vec<Modulator>,
    /// The instrument or sample it plays.
    pub target: usize,
}

/// The zones of the preset or instrument with this index; `terminal` is the generator that ends a zone.
///
/// Realtime-safe: no (allocates).
///
/// # Errors
/// A zone has too many modulators.
pub fn zones(level: &Level, index: usize, terminal: usize) -> Result<Vec<Zone>, SoundFontError> {
    let bags = level.headers[index].bag..level.headers[index + 1].bag;
    let mut global = Zone { ranges: Ranges::ALL, amounts: Vec::new(), modulators: Vec::new(), target: 0 };
    let mut zones = Vec::new();
    for bag in bags.clone() {
        let (here, next) = (level.bags[bag], level.bags[bag + 1]);
        let generators = &level.generators[here.generator..next.generator];
        let modulators = &level.modulators[here.modulator..next.modulator];
        let mut zone = global.clone();
        let target = add_generators(&mut zone, generators, terminal);
        replace(&mut zone.modulators, &grouped(modulators));
        if zone.modulators.len() > MOST_MODULATORS {
            let what = format!("zone {bag} has more than {MOST_MODULATORS} modulators");
            let chunk = if terminal == gen::SAMPLE { "igen" } else { "pgen" };
            return Err(SoundFontError::new(chunk, level.generators_offset + 4 * here.generator, what));
        }
        match target {
            Some(target) => zones.push(Zone { target, ..zone }),
            // Only the first zone can be global; others that play nothing mean nothing.
            None if bag == bags.start => global = zone,
            None => {}
        }
    }
    Ok(zones)
}

/// Reads a zone's generators up to the one that says what it plays, and returns that.
fn add_generators(zone: &mut Zone, generators: &[Generator], terminal: usize) -> Option<usize> {
    for generator in generators {
        let id = usize::from(generator.id);
        let [low, high] = generator.amount.to_le_bytes();
        match id {
            gen::KEY_RANGE => zone.ranges.keys = (low, high.min(127)),
            gen::VELOCITY_RANGE => zone.ranges.velocities = (low, high.min(127)),
            _ if id == terminal => return Some(usize::from(generator.amount as u16)),
            _ if id < gen::PITCH && gen::is_value(id) => {
                match zone.amounts.iter_mut().find(|(known, _)| *known == id) {
                    Some(known) => known.1 = generator.amount,
                    None => zone.amounts.push((id, generator.amount)),
                }
            }
            _ => {}
        }
    }
    None
}

/// Adds modulators, in groups, each in the place of one that is the same but for its amount.
///
/// Realtime-safe: no (allocates).
pub fn replace(known: &mut Vec<Modulator>, added: &[Modulator]) {
    for group in groups(added).take(MOST_MODULATORS + 1) {
        match find(known, group) {
            Some(place) => known[place].amount = group[group.len() - 1].amount,
            None => known.extend_from_slice(group),
        }
    }
}
