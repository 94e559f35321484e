//! The parameters, declared once: name, unit, range, default, help.

use crate::event::{PARTS, PART_COUNT};

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
    /// What it does, in one sentence.
    pub help: &'static str,
}

/// The parameters every part has, in the order of their ids.
pub const PART_PARAMETERS: [Declaration; 5] = [
    Declaration {
        name: "level",
        unit: "dB",
        min: -60.0,
        max: 12.0,
        curve: "linear",
        help: "Level of the part; the lowest value is silence.",
    },
    Declaration {
        name: "pan",
        unit: "",
        min: -1.0,
        max: 1.0,
        curve: "linear",
        help: "Place of the part from left (-1) to right (1).",
    },
    Declaration {
        name: "reverb",
        unit: "dB",
        min: -60.0,
        max: 6.0,
        curve: "linear",
        help: "How much of the part goes to the reverb; the lowest value is none.",
    },
    Declaration {
        name: "mute",
        unit: "",
        min: 0.0,
        max: 1.0,
        curve: "switch",
        help: "Silences the part while it is 0.5 or more.",
    },
    Declaration {
        name: "tremolo",
        unit: "",
        min: 0.0,
        max: 1.0,
        curve: "linear",
        help: "Depth of a slow stereo tremolo.",
    },
];

/// Defaults of the part parameters, one row a part in the order of [`PARTS`].
const PART_DEFAULTS: [[f32; 5]; PART_COUNT] = [
    [0.0, 0.0, -15.0, 0.0, 0.0],
    [0.0, 0.0, -19.0, 0.0, 0.0],
    [0.0, 0.0, -40.0, 0.0, 0.0],
    [0.0, 0.12, -15.0, 0.0, 0.3],
    [0.0, 0.0, -9.0, 0.0, 0.0],
    [0.0, -0.12, -11.0, 0.0, 0.0],
];

/// The parameters of the whole, in the order of their ids, with their defaults.
pub const GLOBAL_PARAMETERS: [(Declaration, f32); 8] = [
    (
        Declaration {
            name: "master/level",
            unit: "dB",
            min: -60.0,
            max: 12.0,
            curve: "linear",
            help: "Level of the whole mix before the limiter.",
        },
        0.0,
    ),
    (
        Declaration {
            name: "master/tuning",
            unit: "Hz",
            min: 415.0,
            max: 466.0,
            curve: "linear",
            help: "Frequency of the A above middle C, for notes that start from now on.",
        },
        440.0,
    ),
    (
        Declaration {
            name: "reverb/level",
            unit: "dB",
            min: -60.0,
            max: 12.0,
            curve: "linear",
            help: "Level of the reverb's return.",
        },
        0.0,
    ),
    (
        Declaration {
            name: "reverb/decay",
            unit: "s",
            min: 0.2,
            max: 10.0,
            curve: "logarithmic",
            help: "Time the reverb takes to fall by 60 dB.",
        },
        1.7,
    ),
    (
        Declaration {
            name: "reverb/damping",
            unit: "Hz",
            min: 500.0,
            max: 16_000.0,
            curve: "logarithmic",
            help: "Above this the reverb dies away faster.",
        },
        5_200.0,
    ),
    (
        Declaration {
            name: "compressor/threshold",
            unit: "dB",
            min: -40.0,
            max: 0.0,
            curve: "linear",
            help: "Level above which the bus compressor works.",
        },
        -16.0,
    ),
    (
        Declaration {
            name: "compressor/ratio",
            unit: "",
            min: 1.0,
            max: 10.0,
            curve: "linear",
            help: "How many decibels in give one decibel out above the threshold; 1 is off.",
        },
        2.0,
    ),
    (
        Declaration {
            name: "compressor/makeup",
            unit: "dB",
            min: 0.0,
            max: 18.0,
            curve: "linear",
            help: "Gain after the compressor.",
        },
        0.0,
    ),
];

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
        return Some((&PART_PARAMETERS[offset], PART_DEFAULTS[part][offset]));
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
    }

    #[test]
    fn names_and_ids_agree() {
        assert_eq!(id_of("part/bass/level"), Some(part_id(2, PartParameter::Level)));
        assert_eq!(id_of("reverb/decay"), Some(global_id(GlobalParameter::ReverbDecay)));
        assert_eq!(id_of("no/such"), None);
    }
}
