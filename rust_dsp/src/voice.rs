//! One sounding note: its sound, who it belongs to, and how it ends.

use crate::instrument::{Expression, Sound};

/// Frames between two updates of what changes slowly, counted from the note's own start.
pub const TICK: usize = 32;

/// Below this (−100 dBFS) a sample counts as silent.
const SILENCE: f32 = 1e-5;
/// Silent ticks before a voice is taken as over; at 48 kHz some 43 ms, longer than a cycle of the lowest note.
const SILENT_TICKS: u32 = 64;

/// What holds a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// The key is down.
    Key,
    /// The key is up, the sustain pedal is down.
    Pedal,
    /// Nothing: the sound is ending.
    Released,
}

/// One sounding note.
pub struct Voice {
    /// The part it belongs to.
    pub part: usize,
    /// The key it was started by.
    pub pitch: u8,
    /// What holds it.
    pub hold: Hold,
    /// Whether the sostenuto pedal caught it.
    pub is_caught: bool,
    /// Counts notes; lower is older.
    pub serial: u64,
    sound: Sound,
    age_frames: u64,
    peak: f32,
    last_peak: f32,
    silent_ticks: u32,
    fade_left: u32,
    fade_total: u32,
    is_over: bool,
}

impl Voice {
    /// A note about to sound.
    ///
    /// Realtime-safe: yes.
    pub fn new(part: usize, pitch: u8, serial: u64, sound: Sound) -> Self {
        Self {
            part,
            pitch,
            hold: Hold::Key,
            is_caught: false,
            serial,
            sound,
            age_frames: 0,
            peak: 0.0,
            last_peak: 0.0,
            silent_ticks: 0,
            fade_left: 0,
            fade_total: 0,
            is_over: false,
        }
    }

    /// Lets the sound end as its instrument ends it.
    ///
    /// Realtime-safe: yes.
    pub fn release(&mut self) {
        if self.hold != Hold::Released {
            self.hold = Hold::Released;
            self.sound.generator().release();
        }
    }

    /// Fades out over `frames`, whatever the instrument would do.
    ///
    /// Realtime-safe: yes.
    pub fn fade(&mut self, frames: u32) {
        if self.fade_total == 0 {
            self.fade_total = frames.max(1);
            self.fade_left = self.fade_total;
        }
    }

    /// Whether it is fading out.
    ///
    /// Realtime-safe: yes.
    pub fn is_fading(&self) -> bool {
        self.fade_total != 0
    }

    /// Whether it has ended and its slot may be used again.
    ///
    /// Realtime-safe: yes.
    pub fn is_over(&self) -> bool {
        self.is_over
    }

    /// Whether a new stroke on `pitch` silences it.
    ///
    /// Realtime-safe: yes.
    pub fn is_choked_by(&self, pitch: u8) -> bool {
        self.sound.is_choked_by(pitch)
    }

    /// Whether it is a drum.
    ///
    /// Realtime-safe: yes.
    pub fn is_drum(&self) -> bool {
        self.sound.is_drum()
    }

    /// How loud it was lately.
    ///
    /// Realtime-safe: yes.
    pub fn level(&self) -> f32 {
        self.peak.max(self.last_peak)
    }

    /// How much it would be missed: the quietest and already released are stolen first.
    ///
    /// Realtime-safe: yes.
    pub fn importance(&self) -> f32 {
        let held = match self.hold {
            Hold::Key => 4.0,
            Hold::Pedal => 1.5,
            Hold::Released => 1.0,
        };
        // A note that has hardly begun is not quiet, it is new.
        let newness = if self.age_frames < 2_400 { 0.2 } else { 0.0 };
        // The bass holds the harmony up; there is one of it.
        let role = if self.part == 2 { 4.0 } else { 1.0 };
        (self.level() + newness) * held * role
    }

    /// Adds `left.len()` frames of the note.
    ///
    /// Realtime-safe: yes.
    pub fn render_add(&mut self, left: &mut [f32], right: &mut [f32], expression: Expression) {
        let (mut l, mut r) = ([0.0; TICK], [0.0; TICK]);
        let mut done = 0;
        while done < left.len() {
            let frame = (self.age_frames % TICK as u64) as usize;
            if frame == 0 {
                self.tick(expression);
                if self.is_over {
                    break;
                }
            }
            let count = (TICK - frame).min(left.len() - done);
            let (l, r) = (&mut l[..count], &mut r[..count]);
            self.sound.generator().render(l, r, frame);
            self.shape(l, r);
            for index in 0..count {
                left[done + index] += l[index];
                right[done + index] += r[index];
                self.peak = self.peak.max(l[index].abs().max(r[index].abs()));
            }
            done += count;
            self.age_frames += count as u64;
        }
    }

    fn tick(&mut self, expression: Expression) {
        let may_end = self.hold == Hold::Released || self.sound.generator().decays();
        if self.age_frames > 0 && self.peak < SILENCE && may_end {
            self.silent_ticks += 1;
        } else {
            self.silent_ticks = 0;
        }
        self.is_over |= self.silent_ticks > SILENT_TICKS || self.sound.generator().is_done();
        self.last_peak = self.peak;
        self.peak = 0.0;
        self.sound.generator().tick(expression);
    }

    fn shape(&mut self, left: &mut [f32], right: &mut [f32]) {
        if self.fade_total == 0 {
            return;
        }
        for (l, r) in left.iter_mut().zip(right) {
            self.fade_left = self.fade_left.saturating_sub(1);
            let gain = self.fade_left as f32 / self.fade_total as f32;
            *l *= gain;
            *r *= gain;
        }
        self.is_over |= self.fade_left == 0;
    }
}
