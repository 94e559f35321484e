//! The table of all parameters: everything that can be turned in the mixer and its effects, declared once.

use crate::event::PART_COUNT;
use crate::param::Declaration;

/// A row: name, unit, lowest and highest value, curve, seconds it takes to follow, help.
const fn knob(
    name: &'static str,
    unit: &'static str,
    (min, max): (f32, f32),
    curve: &'static str,
    smoothing_seconds: f32,
    help: &'static str,
) -> Declaration {
    Declaration { name, unit, min, max, curve, smoothing_seconds, help }
}

const fn send(name: &'static str, help: &'static str) -> Declaration {
    knob(name, "dB", (-60.0, 6.0), "linear", 0.008, help)
}

const fn tone(name: &'static str, help: &'static str) -> Declaration {
    knob(name, "dB", (-18.0, 18.0), "linear", 0.02, help)
}

const fn fader(name: &'static str, help: &'static str) -> Declaration {
    knob(name, "dB", (-60.0, 12.0), "linear", 0.02, help)
}

const MID_HZ: (f32, f32) = (200.0, 8_000.0);

/// The parameters every part has, in the order of their ids.
pub const PART_PARAMETERS: [Declaration; 12] = [
    knob("level", "dB", (-60.0, 12.0), "linear", 0.008, "Level of the part; the lowest value is silence."),
    knob("pan", "", (-1.0, 1.0), "linear", 0.008, "Place of the part from left (-1) to right (1)."),
    send("reverb", "How much of the part goes to the reverb; the lowest value is none."),
    knob("mute", "", (0.0, 1.0), "switch", 0.008, "Silences the part while it is 0.5 or more."),
    knob("tremolo", "", (0.0, 1.0), "linear", 0.008, "Depth of a slow stereo tremolo."),
    send("hall", "How much of the part goes to the hall, a convolution; the lowest value is none."),
    send("chorus", "How much of the part goes to the chorus; the lowest value is none."),
    send("delay", "How much of the part goes to the delay; the lowest value is none."),
    tone("eq/low", "Gain of the part below 120 Hz."),
    tone("eq/mid", "Gain of the part around its mid frequency."),
    knob("eq/mid_frequency", "Hz", MID_HZ, "logarithmic", 0.02, "Where the part's middle band is."),
    tone("eq/high", "Gain of the part above 6 kHz."),
];

/// Defaults of the part parameters, one row a part in the order of [`crate::event::PARTS`]: level, pan, reverb.
const PLACES: [[f32; 3]; PART_COUNT] = [
    [0.0, 0.0, -15.0],
    [0.0, 0.0, -19.0],
    [0.0, 0.0, -40.0],
    [0.0, 0.12, -15.0],
    [0.0, 0.0, -9.0],
    [0.0, -0.12, -11.0],
];
/// The electric piano sways; nobody else does.
const TREMOLOS: [f32; PART_COUNT] = [0.0, 0.0, 0.0, 0.3, 0.0, 0.0];

/// The default of a part's parameter.
///
/// Realtime-safe: yes.
pub fn part_default(part: usize, offset: usize) -> f32 {
    match offset {
        0..=2 => PLACES[part][offset],
        4 => TREMOLOS[part],
        5..=7 => -60.0,
        10 => 1_000.0,
        _ => 0.0,
    }
}

/// The parameters of the whole, in the order of their ids, with their defaults.
pub const GLOBAL_PARAMETERS: [(Declaration, f32); 26] = [
    (
        knob(
            "master/level",
            "dB",
            (-60.0, 12.0),
            "linear",
            0.01,
            "Level of the whole mix before the limiter.",
        ),
        0.0,
    ),
    (
        knob(
            "master/tuning",
            "Hz",
            (415.0, 466.0),
            "linear",
            0.0,
            "Frequency of the A above middle C, for notes that start from now on.",
        ),
        440.0,
    ),
    (fader("reverb/level", "Level of the reverb's return."), 0.0),
    (
        knob("reverb/decay", "s", (0.2, 10.0), "logarithmic", 0.0, "Time the reverb takes to fall by 60 dB."),
        1.7,
    ),
    (
        knob(
            "reverb/damping",
            "Hz",
            (500.0, 16_000.0),
            "logarithmic",
            0.0,
            "Above this the reverb dies away faster.",
        ),
        5_200.0,
    ),
    (
        knob(
            "compressor/threshold",
            "dB",
            (-40.0, 0.0),
            "linear",
            0.0,
            "Level above which the bus compressor works.",
        ),
        -16.0,
    ),
    (
        knob(
            "compressor/ratio",
            "",
            (1.0, 10.0),
            "linear",
            0.0,
            "How many decibels in give one decibel out above the threshold; 1 is off.",
        ),
        2.0,
    ),
    (knob("compressor/makeup", "dB", (0.0, 18.0), "linear", 0.001, "Gain after the compressor."), 0.0),
    (
        knob(
            "compressor/attack",
            "s",
            (0.002, 0.2),
            "logarithmic",
            0.0,
            "Time the compressor takes to turn down most of the way.",
        ),
        0.015,
    ),
    (
        knob(
            "compressor/release",
            "s",
            (0.02, 2.0),
            "logarithmic",
            0.0,
            "Time the compressor takes to let go.",
        ),
        0.2,
    ),
    (
        knob("limiter/ceiling", "dB", (-12.0, -1.0), "linear", 0.02, "The highest peak that leaves the mix."),
        -1.0,
    ),
    (
        knob(
            "tempo",
            "bpm",
            (20.0, 400.0),
            "linear",
            0.0,
            "Quarters a minute, for what keeps time with the music.",
        ),
        96.0,
    ),
    (fader("hall/level", "Level of the hall's return."), 0.0),
    (fader("chorus/level", "Level of the chorus's return."), 0.0),
    (knob("chorus/rate", "Hz", (0.05, 8.0), "logarithmic", 0.0, "How fast the chorus sways."), 0.7),
    (knob("chorus/depth", "", (0.0, 1.0), "linear", 0.05, "How far the chorus sways."), 0.5),
    (fader("delay/level", "Level of the delay's return."), 0.0),
    (
        knob(
            "delay/time",
            "s",
            (0.02, 2.0),
            "logarithmic",
            0.05,
            "Time between echoes while delay/beats is 0.",
        ),
        0.35,
    ),
    (
        knob(
            "delay/beats",
            "beats",
            (0.0, 4.0),
            "linear",
            0.05,
            "Time between echoes in quarters of the tempo; 0 takes delay/time instead.",
        ),
        0.75,
    ),
    (
        knob(
            "delay/feedback",
            "",
            (0.0, 0.95),
            "linear",
            0.02,
            "How much of an echo is heard again in the next.",
        ),
        0.35,
    ),
    (
        knob("delay/tone", "Hz", (500.0, 16_000.0), "logarithmic", 0.0, "Each echo is duller above this."),
        4_000.0,
    ),
    (knob("delay/spread", "", (0.0, 1.0), "linear", 0.02, "How far the echoes go from side to side."), 0.8),
    (tone("eq/low", "Gain of the whole below 120 Hz."), 0.0),
    (tone("eq/mid", "Gain of the whole around its mid frequency."), 0.0),
    (
        knob("eq/mid_frequency", "Hz", MID_HZ, "logarithmic", 0.02, "Where the middle band of the whole is."),
        1_000.0,
    ),
    (tone("eq/high", "Gain of the whole above 6 kHz."), 0.0),
];
