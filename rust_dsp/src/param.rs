//! The parameters by id and by name; what each is stands in [`crate::param_table`].

use crate::event::{PARTS, PART_COUNT};
use crate::param_table::{part_default, GLOBAL_PARAMETERS, PART_PARAMETERS};

/// One parameter as it is declared; a part's parameter is declared once and exists six times.
#[derive(Clone, Copy, Debug)]
pub struct Declaration {
    /// The name below `part/NAME/`, or the whole name.
    pub name: &'static str,
    /// The unit of the value.
    pub unit: &'static str,
    /// The lowest value.
    pub min: f32,
    /// The highest value.
    pub max: f32,
    /// How a control should map its travel: `linear`, `logarithmic` or `switch`.
    pub curve: &'static str,
    /// Time constant in seconds with which a change is followed; 0 where it takes effect as it is.
    pub smoothing_seconds: f32,
    /// What it does, in one sentence.
    pub help: &'static str,
}

/// How many parameters there are; ids run from 0 to one less.
pub const PARAMETER_COUNT: usize = PART_PARAMETERS.len() * PART_COUNT + GLOBAL_PARAMETERS.len();

/// A part's parameter, as an offset into its block of ids.
#[derive(Clone, Copy, Debug)]
#[repr(usize)]
pub enum PartParameter {
    /// Level in decibels.
    Level = 0,
    /// Pan, −1 to 1.
    Pan = 1,
    /// Reverb send in decibels.
    Reverb = 2,
    /// Mute switch.
    Mute = 3,
    /// Tremolo depth.
    Tremolo = 4,
    /// Hall send in decibels.
    Hall = 5,
    /// Chorus send in decibels.
    Chorus = 6,
    /// Delay send in decibels.
    Delay = 7,
    /// Gain of the low shelf in decibels.
    Low = 8,
    /// Gain of the middle band in decibels.
    Mid = 9,
    /// Centre of the middle band in hertz.
    MidFrequency = 10,
    /// Gain of the high shelf in decibels.
    High = 11,
}

/// A parameter of the whole, as an offset behind the parts' ids.
#[derive(Clone, Copy, Debug)]
#[repr(usize)]
pub enum GlobalParameter {
    /// Master level in decibels.
    Level = 0,
    /// Concert pitch in hertz.
    Tuning = 1,
    /// Reverb return in decibels.
    ReverbLevel = 2,
    /// Reverb time in seconds.
    ReverbDecay = 3,
    /// Reverb damping in hertz.
    ReverbDamping = 4,
    /// Compressor threshold in decibels.
    Threshold = 5,
    /// Compressor ratio.
    Ratio = 6,
    /// Compressor make-up gain in decibels.
    Makeup = 7,
    /// Compressor attack in seconds.
    Attack = 8,
    /// Compressor release in seconds.
    Release = 9,
    /// Limiter ceiling in decibels.
    Ceiling = 10,
    /// Quarters a minute.
    Tempo = 11,
    /// Hall return in decibels.
    HallLevel = 12,
    /// Chorus return in decibels.
    ChorusLevel = 13,
    /// Chorus rate in hertz.
    ChorusRate = 14,
    /// Chorus depth, 0 to 1.
    ChorusDepth = 15,
    /// Delay return in decibels.
    DelayLevel = 16,
    /// Delay time in seconds.
    DelayTime = 17,
    /// Delay time in quarters; 0 takes the time in seconds.
    DelayBeats = 18,
    /// Delay feedback, 0 to 0.95.
    DelayFeedback = 19,
    /// Delay damping in hertz.
    DelayTone = 20,
    /// Delay spread, 0 to 1.
    DelaySpread = 21,
    /// Gain of the whole's low shelf in decibels.
    Low = 22,
    /// Gain of the whole's middle band in decibels.
    Mid = 23,
    /// Centre of the whole's middle band in hertz.
    MidFrequency = 24,
    /// Gain of the whole's high shelf in decibels.
    High = 25,
}

impl PartParameter {
    /// The time constant of its glide, in seconds.
    ///
    /// Realtime-safe: yes.
    pub const fn smoothing_seconds(self) -> f32 {
        PART_PARAMETERS[self as usize].smoothing_seconds
    }
}

impl GlobalParameter {
    /// The time constant of its glide, in seconds.
    ///
    /// Realtime-safe: yes.
    pub const fn smoothing_seconds(self) -> f32 {
        GLOBAL_PARAMETERS[self as usize].0.smoothing_seconds
    }
}

/// The id of a part's parameter.
///
/// Realtime-safe: yes.
pub const fn part_id(part: usize, parameter: PartParameter) -> usize {
    part * PART_PARAMETERS.len() + parameter as usize
}

/// The id of a parameter of the whole.
///
/// Realtime-safe: yes.
pub const fn global_id(parameter: GlobalParameter) -> usize {
    PART_COUNT * PART_PARAMETERS.len() + parameter as usize
}

/// The declaration and default of the parameter with this id.
///
/// Realtime-safe: yes.
pub fn declaration(id: usize) -> Option<(&'static Declaration, f32)> {
    let (part, offset) = (id / PART_PARAMETERS.len(), id % PART_PARAMETERS.len());
    if part < PART_COUNT {
        return Some((&PART_PARAMETERS[offset], part_default(part, offset)));
    }
    GLOBAL_PARAMETERS
        .get(id - PART_COUNT * PART_PARAMETERS.len())
        .map(|(declaration, default)| (declaration, *default))
}

/// The full name of the parameter with this id, such as `part/bass/level`.
///
/// Realtime-safe: no (allocates).
pub fn full_name(id: usize) -> Option<String> {
    let (declared, _) = declaration(id)?;
    Some(match PARTS.get(id / PART_PARAMETERS.len()) {
        Some(part) => format!("part/{part}/{}", declared.name),
        None => declared.name.to_owned(),
    })
}

/// The id of the parameter with this full name.
///
/// Realtime-safe: no (allocates).
pub fn id_of(name: &str) -> Option<usize> {
    (0..PARAMETER_COUNT).find(|&id| full_name(id).as_deref() == Some(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_lies_in_its_range_and_every_name_is_unique() {
        let mut names = Vec::new();
        for id in 0..PARAMETER_COUNT {
            let (declared, default) = declaration(id).unwrap();
            assert!((declared.min..=declared.max).contains(&default));
            names.push(full_name(id).unwrap());
        }
        names.sort();
        names.dedup();
        assert_eq!(names.len(), PARAMETER_COUNT);
        assert!(declaration(PARAMETER_COUNT).is_none());
        // An event has one byte for it.
        const { assert!(PARAMETER_COUNT <= 256) };
    }

    #[test]
    fn names_and_ids_agree() {
        assert_eq!(id_of("part/bass/level"), Some(part_id(2, PartParameter::Level)));
        assert_eq!(id_of("reverb/decay"), Some(global_id(GlobalParameter::ReverbDecay)));
        assert_eq!(id_of("part/solo/eq/high"), Some(part_id(5, PartParameter::High)));
        assert_eq!(id_of("eq/high"), Some(global_id(GlobalParameter::High)));
        assert_eq!(id_of("no/such"), None);
    }
}
