//! What a piece of the drum kit is made of, as data.

use crate::filter::Response;

/// A sine that falls in pitch: the head of a drum.
#[derive(Debug)]
pub struct Sweep {
    /// Pitch at the blow, in hertz.
    pub from_hz: f32,
    /// Pitch at rest, in hertz.
    pub to_hz: f32,
    /// How long the fall takes, in seconds.
    pub fall_seconds: f32,
    /// Seconds to fall by 60 dB.
    pub t60_seconds: f32,
    /// Linear gain.
    pub gain: f32,
}

/// Filtered noise: wires, sticks, beads, air.
#[derive(Debug)]
pub struct NoiseBurst {
    /// Kind of filter.
    pub response: Response,
    /// Its corner or centre, in hertz.
    pub cutoff_hz: f32,
    /// Its resonance.
    pub q: f32,
    /// From nothing to full, in seconds.
    pub attack_seconds: f32,
    /// Seconds to fall by 60 dB.
    pub t60_seconds: f32,
    /// Linear gain.
    pub gain: f32,
    /// How many times it is struck again.
    pub repeats: u32,
    /// Seconds between repeats.
    pub gap_seconds: f32,
}

/// Many inharmonic modes: a cymbal.
#[derive(Debug)]
pub struct Metal {
    /// Lowest mode, in hertz.
    pub low_hz: f32,
    /// Highest mode, in hertz.
    pub high_hz: f32,
    /// How many.
    pub count: u32,
    /// Seconds for the lowest mode to fall by 60 dB.
    pub t60_seconds: f32,
    /// Linear gain of all together.
    pub gain: f32,
}

/// Wires drawn over a head: a swish, or a stir that goes round.
#[derive(Debug)]
pub struct BrushStroke {
    /// How long a stroke of middling strength takes, in seconds.
    pub seconds: f32,
    /// Centre of the hiss at the start, in hertz.
    pub from_hz: f32,
    /// Centre of the hiss at the end, in hertz.
    pub to_hz: f32,
    /// Its resonance.
    pub q: f32,
    /// Linear gain.
    pub gain: f32,
    /// How often the hand goes round; 0 for a straight stroke.
    pub circles: f32,
}

/// One piece of the kit.
#[derive(Debug)]
pub struct Piece {
    /// Linear gain of the whole.
    pub gain: f32,
    /// −1 left to 1 right, as the drummer sits.
    pub pan: f32,
    /// Pieces of one non-zero group silence each other.
    pub choke_group: u8,
    /// Falling body tone.
    pub sweep: Option<Sweep>,
    /// Modes: hertz, gain, seconds to fall by 60 dB.
    pub modes: &'static [(f32, f32, f32)],
    /// Noise bursts, two at most.
    pub noise: &'static [NoiseBurst],
    /// Cluster of metal.
    pub metal: Option<Metal>,
    /// A brush drawn over it.
    pub stroke: Option<BrushStroke>,
}
