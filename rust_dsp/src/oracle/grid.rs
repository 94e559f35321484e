//! What one event is: a beat, a chord change or a bar.

use super::context::Context;

/// The grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grid {
    /// An event a beat; the metre is known.
    Beats,
    /// An event a chord change; the same chord never follows itself.
    Changes,
    /// An event a bar.
    Bars,
}

impl Grid {
    /// The grid of this name: `beats`, `changes` or `bars`.
    ///
    /// Realtime-safe: yes.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "beats" => Some(Self::Beats),
            "changes" => Some(Self::Changes),
            "bars" => Some(Self::Bars),
            _ => None,
        }
    }

    /// How fast agreement at a distance is forgotten: a share of 2^-n an event.
    ///
    /// Realtime-safe: yes.
    pub fn forgetting(self) -> u32 {
        match self {
            Self::Beats => 5,
            Self::Changes | Self::Bars => 4,
        }
    }

    /// How much an event says about where we are.
    ///
    /// Realtime-safe: yes.
    pub fn evidence(self, context: &Context, token: u8) -> u8 {
        let changes = context.recent[0].0 != token;
        match (self, changes) {
            (Self::Beats, false) => 1,
            (Self::Bars, false) => 3,
            _ => 4,
        }
    }

    /// The shortest distance that counts as a period.
    ///
    /// Realtime-safe: yes.
    pub fn least_period(self, beats_per_bar: u8) -> usize {
        match self {
            Self::Beats => usize::from(beats_per_bar),
            Self::Changes => 2,
            Self::Bars => 1,
        }
    }

    /// The grid as a number, for files.
    ///
    /// Realtime-safe: yes.
    pub fn number(self) -> u8 {
        match self {
            Self::Beats => 0,
            Self::Changes => 1,
            Self::Bars => 2,
        }
    }
}
