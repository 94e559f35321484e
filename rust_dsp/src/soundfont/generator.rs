//! The generators: what a zone can say about a sound, with their ranges and defaults.

/// How many generators there are, the last being the overriding root key at 58.
pub const COUNT: usize = 60;

/// First sample, fine offset in samples.
pub const START_OFFSET: usize = 0;
/// Last sample, fine offset.
pub const END_OFFSET: usize = 1;
/// Start of the loop, fine offset.
pub const LOOP_START_OFFSET: usize = 2;
/// End of the loop, fine offset.
pub const LOOP_END_OFFSET: usize = 3;
/// First sample, offset in units of 32,768 samples.
pub const START_COARSE: usize = 4;
/// Modulation LFO to pitch, cents.
pub const MOD_LFO_TO_PITCH: usize = 5;
/// Vibrato LFO to pitch, cents.
pub const VIB_LFO_TO_PITCH: usize = 6;
/// Modulation envelope to pitch, cents.
pub const MOD_ENV_TO_PITCH: usize = 7;
/// Cutoff of the low-pass filter, absolute cents.
pub const FILTER_CUTOFF: usize = 8;
/// Resonance of the filter, centibels.
pub const FILTER_Q: usize = 9;
/// Modulation LFO to the filter's cutoff, cents.
pub const MOD_LFO_TO_CUTOFF: usize = 10;
/// Modulation envelope to the filter's cutoff, cents.
pub const MOD_ENV_TO_CUTOFF: usize = 11;
/// Last sample, coarse offset.
pub const END_COARSE: usize = 12;
/// Modulation LFO to volume, centibels.
pub const MOD_LFO_TO_VOLUME: usize = 13;
/// Chorus send, tenths of a percent.
pub const CHORUS_SEND: usize = 15;
/// Reverb send, tenths of a percent.
pub const REVERB_SEND: usize = 16;
/// Place between left (−500) and right (500).
pub const PAN: usize = 17;
/// Delay of the modulation LFO, timecents.
pub const MOD_LFO_DELAY: usize = 21;
/// Frequency of the modulation LFO, absolute cents.
pub const MOD_LFO_FREQUENCY: usize = 22;
/// Delay of the vibrato LFO, timecents.
pub const VIB_LFO_DELAY: usize = 23;
/// Frequency of the vibrato LFO, absolute cents.
pub const VIB_LFO_FREQUENCY: usize = 24;
/// First of the six stages of the modulation envelope: delay, attack, hold, decay, sustain, release; then what a key
/// adds to hold and to decay.
pub const MOD_ENVELOPE: usize = 25;
/// First of the eight generators of the volume envelope.
pub const VOLUME_ENVELOPE: usize = 33;
/// The instrument that a preset's zone plays.
pub const INSTRUMENT: usize = 41;
/// Lowest and highest key.
pub const KEY_RANGE: usize = 43;
/// Lowest and highest velocity.
pub const VELOCITY_RANGE: usize = 44;
/// Start of the loop, coarse offset.
pub const LOOP_START_COARSE: usize = 45;
/// A key to play instead of the one that was struck.
pub const FIXED_KEY: usize = 46;
/// A velocity to play instead of the one that was struck.
pub const FIXED_VELOCITY: usize = 47;
/// Attenuation, centibels.
pub const ATTENUATION: usize = 48;
/// End of the loop, coarse offset.
pub const LOOP_END_COARSE: usize = 50;
/// Tuning in semitones.
pub const COARSE_TUNE: usize = 51;
/// Tuning in cents.
pub const FINE_TUNE: usize = 52;
/// The sample that an instrument's zone plays.
pub const SAMPLE: usize = 53;
/// Whether and when to loop.
pub const SAMPLE_MODES: usize = 54;
/// Cents a key.
pub const SCALE_TUNING: usize = 56;
/// Notes of one class end each other.
pub const EXCLUSIVE_CLASS: usize = 57;
/// The key at which the sample sounds as it was recorded.
pub const ROOT_KEY: usize = 58;
/// Not in any file: the pitch as the pitch wheel moves it, cents.
pub const PITCH: usize = 59;

/// What a zone says: one amount for each generator.
pub type Amounts = [i16; COUNT];

/// What every instrument starts from.
pub const DEFAULTS: Amounts = defaults();

const fn defaults() -> Amounts {
    let mut amounts = [0; COUNT];
    amounts[FILTER_CUTOFF] = 13_500;
    amounts[SCALE_TUNING] = 100;
    let unset = [FIXED_KEY, FIXED_VELOCITY, ROOT_KEY];
    let mut n = 0;
    while n < unset.len() {
        amounts[unset[n]] = -1;
        n += 1;
    }
    let shortest = [MOD_LFO_DELAY, VIB_LFO_DELAY, 25, 26, 27, 28, 30, 33, 34, 35, 36, 38];
    n = 0;
    while n < shortest.len() {
        amounts[shortest[n]] = -12_000;
        n += 1;
    }
    amounts
}

/// The range of a generator's final value, everything added.
///
/// Realtime-safe: yes.
pub fn limits(generator: usize) -> (f32, f32) {
    match generator {
        FILTER_CUTOFF => (1_500.0, 13_500.0),
        FILTER_Q => (0.0, 960.0),
        MOD_LFO_TO_VOLUME => (-960.0, 960.0),
        CHORUS_SEND | REVERB_SEND | 29 => (0.0, 1_000.0),
        PAN => (-500.0, 500.0),
        MOD_LFO_DELAY | VIB_LFO_DELAY | 25 | 27 | 33 | 35 => (-12_000.0, 5_000.0),
        MOD_LFO_FREQUENCY | VIB_LFO_FREQUENCY => (-16_000.0, 4_500.0),
        26 | 28 | 30 | 34 | 36 | 38 => (-12_000.0, 8_000.0),
        31 | 32 | 39 | 40 => (-1_200.0, 1_200.0),
        37 | ATTENUATION => (0.0, 1_440.0),
        SCALE_TUNING => (0.0, 1_200.0),
        COARSE_TUNE => (-120.0, 120.0),
        _ => (-12_000.0, 12_000.0),
    }
}

/// Units of a generator for each step of a channel's data entry (section 9.6.3); nought for those that it cannot move:
/// a sample's end and loop are laid out before anything sounds.
///
/// Realtime-safe: yes.
pub fn entry_scale(generator: usize) -> f32 {
    match generator {
        MOD_LFO_FREQUENCY | VIB_LFO_FREQUENCY => 4.0,
        MOD_LFO_TO_PITCH..=FILTER_CUTOFF
        | MOD_LFO_TO_CUTOFF
        | MOD_ENV_TO_CUTOFF
        | MOD_LFO_DELAY
        | VIB_LFO_DELAY
        | 25..=28
        | 30
        | 33..=36
        | 38 => 2.0,
        START_OFFSET | START_COARSE | FILTER_Q | MOD_LFO_TO_VOLUME | CHORUS_SEND | REVERB_SEND | PAN | 29
        | 31 | 32 | 37 | 39 | 40 | ATTENUATION | COARSE_TUNE | FINE_TUNE | SCALE_TUNING => 1.0,
        _ => 0.0,
    }
}

/// Whether a preset's zone may say something about this generator; what it may not is ignored.
///
/// Realtime-safe: yes.
pub fn is_preset_generator(generator: usize) -> bool {
    !matches!(
        generator,
        START_OFFSET..=START_COARSE
            | END_COARSE
            | LOOP_START_COARSE..=FIXED_VELOCITY
            | LOOP_END_COARSE
            | SAMPLE
            | SAMPLE_MODES
            | EXCLUSIVE_CLASS
            | ROOT_KEY
            | PITCH
    )
}

/// Whether a generator's amount is a number that presets add to and modulators move.
///
/// Realtime-safe: yes.
pub fn is_value(generator: usize) -> bool {
    !matches!(generator, INSTRUMENT | KEY_RANGE | VELOCITY_RANGE | SAMPLE)
}
