//! What to do about a device that goes, comes back, or is no longer the one that is wanted: a state machine without a
//! clock, a thread or a device.
//!
//! ```text
//!            lost, stalled              due                opened            asks for sound
//! Playing ─────────────────▶ Searching ─────▶ (open) ─────────────▶ Arriving ─────────────▶ (move) ─▶ Playing
//!    │                        ▲      ▲── failed, later each time ──┘   │ ▲
//!    │                        └──────── never asks for sound ──────────┘ │
//!    └── another is preferred ─▶ (open beside the present one) ──────────┘ then Leaving: the present one fades out
//! ```

use crate::backend::Attempt;
use crate::seat::Loss;
use std::time::Duration;

/// A device that has not asked for sound for so long, and for four of its blocks, has stalled.
const STALL: Duration = Duration::from_millis(500);
/// So often a device has asked for sound before the music moves there: more often than to fill its buffers.
const ARRIVAL_PULLS: u64 = 3;
/// A device that stalls after fewer has never played: its buffers were filled, and that was all.
const FEW_PULLS: u64 = 32;
/// A device may take so long until it asks for sound the first time.
const ARRIVAL: Duration = Duration::from_secs(3);
/// The first pause between two attempts to open a device, and the longest; each is twice the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_millis(800);
/// A device that has played so long is trusted: when it goes, the next attempt follows at once.
const TRUST: Duration = Duration::from_secs(5);
/// How often the preferred device is asked for.
const ASK_PAUSE: Duration = Duration::from_secs(1);
/// How long a device may take to fade out: ten milliseconds and a large block or two.
const FADE_OUT: Duration = Duration::from_millis(60);

/// What is seen of the devices at one moment.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Why the present device is of no use, if so.
    pub loss: Option<Loss>,
    /// How often the present device has asked for sound.
    pub pulls: u64,
    /// Whether the present device has faded out.
    pub is_silent: bool,
    /// How often the arriving device has asked for sound, if there is one.
    pub arriving_pulls: u64,
    /// Whether the arriving device has gone already.
    pub is_arrival_lost: bool,
}

/// What is to be done now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing.
    Rest,
    /// Move the music to the null device, then call [`Recovery::retreated`].
    Retreat(Loss),
    /// Open the device, then call [`Recovery::opened`] or [`Recovery::failed`].
    Open,
    /// Ask which device is preferred, then call [`Recovery::prefers`].
    Ask,
    /// Let the present device fade out.
    FadeOut,
    /// Move the music to the device that was opened, then call [`Recovery::moved`].
    Move,
    /// Close the device that was opened: it does not play. Then call [`Recovery::failed`].
    GiveUp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Playing,
    /// On the null device.
    Searching,
    /// A device is open and has not asked for sound often enough.
    Arriving {
        is_playing: bool,
    },
    Leaving {
        until: Duration,
    },
}

/// Whether a device asks for sound.
#[derive(Clone, Copy, Debug, Default)]
struct Pulse {
    /// When it last did, and how often it had by then.
    at: Duration,
    pulls: u64,
    stall: Duration,
}

impl Pulse {
    fn new(now: Duration, block: Duration) -> Self {
        Self { at: now, pulls: 0, stall: STALL.max(4 * block) }
    }

    /// Whether it has stopped.
    fn is_stalled(&mut self, now: Duration, pulls: u64) -> bool {
        if pulls != self.pulls {
            (self.pulls, self.at) = (pulls, now);
        }
        let patience = if self.pulls == 0 { ARRIVAL.max(self.stall) } else { self.stall };
        now.saturating_sub(self.at) >= patience
    }
}

/// The state machine. All times are of one monotonic clock.
#[derive(Clone, Debug)]
pub struct Recovery {
    state: State,
    /// When the present device began.
    since: Duration,
    pulse: Pulse,
    arriving: Pulse,
    is_lenient: bool,
    pause: Duration,
    retry_at: Duration,
    ask_at: Duration,
    id: String,
    /// A preferred device that did not open: left alone until another is preferred.
    refused: Option<String>,
    wanted: Option<String>,
    lost_at: Option<Duration>,
}

impl Recovery {
    /// On the null device, about to look for another.
    ///
    /// Realtime-safe: no (allocates).
    pub fn searching(now: Duration) -> Self {
        Self {
            state: State::Searching,
            since: now,
            pulse: Pulse::new(now, Duration::ZERO),
            arriving: Pulse::default(),
            is_lenient: false,
            pause: FIRST_PAUSE,
            retry_at: now + FIRST_PAUSE,
            ask_at: now + ASK_PAUSE,
            id: String::new(),
            refused: None,
            wanted: None,
            lost_at: Some(now),
        }
    }

    /// On the device `id` with blocks of this length.
    ///
    /// Realtime-safe: no (allocates).
    pub fn playing(now: Duration, id: &str, block: Duration) -> Self {
        let mut recovery = Self { lost_at: None, ..Self::searching(now) };
        recovery.moved(now, id, block);
        recovery
    }

    /// How the device is to be opened.
    ///
    /// Realtime-safe: yes.
    pub fn attempt(&self, now: Duration) -> Attempt {
        let lost_for = self.lost_at.map_or(Duration::ZERO, |at| now.saturating_sub(at));
        Attempt { lost_for, is_lenient: self.is_lenient }
    }

    /// What is to be done; to be asked until it says [`Step::Rest`], again and again.
    ///
    /// Realtime-safe: yes.
    pub fn tick(&mut self, now: Duration, seen: &Seen) -> Step {
        match self.state {
            State::Searching if now >= self.retry_at => Step::Open,
            State::Searching => Step::Rest,
            State::Playing => self.play(now, seen),
            State::Arriving { is_playing } => self.arrive(now, seen, is_playing),
            State::Leaving { until } => {
                let is_over = seen.is_silent || seen.loss.is_some() || now >= until;
                if is_over {
                    Step::Move
                } else {
                    Step::Rest
                }
            }
        }
    }

    fn play(&mut self, now: Duration, seen: &Seen) -> Step {
        if let Some(loss) = self.trouble(now, seen) {
            return Step::Retreat(loss);
        }
        if self.is_trusted(now) {
            self.pause = FIRST_PAUSE;
        }
        if self.wanted.is_some() {
            return Step::Open;
        }
        if now >= self.ask_at {
            self.ask_at = now + ASK_PAUSE;
            return Step::Ask;
        }
        Step::Rest
    }

    fn arrive(&mut self, now: Duration, seen: &Seen, is_playing: bool) -> Step {
        if is_playing {
            if let Some(loss) = self.trouble(now, seen) {
                return Step::Retreat(loss);
            }
        }
        let is_stalled = self.arriving.is_stalled(now, seen.arriving_pulls);
        if is_stalled || seen.is_arrival_lost {
            self.is_lenient ^= is_stalled;
            return Step::GiveUp;
        }
        if seen.arriving_pulls < ARRIVAL_PULLS {
            return Step::Rest;
        }
        if is_playing {
            self.state = State::Leaving { until: now + FADE_OUT };
            return Step::FadeOut;
        }
        Step::Move
    }

    /// Why the present device is of no use, if so.
    fn trouble(&mut self, now: Duration, seen: &Seen) -> Option<Loss> {
        let is_stalled = self.pulse.is_stalled(now, seen.pulls);
        let loss = seen.loss.or(is_stalled.then_some(Loss::Stalled))?;
        if loss == Loss::Stalled && self.pulse.pulls < FEW_PULLS {
            self.is_lenient = !self.is_lenient;
        }
        Some(loss)
    }

    fn is_trusted(&self, now: Duration) -> bool {
        now.saturating_sub(self.since) >= TRUST
    }

    /// The music is on the null device.
    ///
    /// Realtime-safe: yes.
    pub fn retreated(&mut self, now: Duration) {
        self.lost_at.get_or_insert(now);
        self.wanted = None;
        if let State::Arriving { .. } = self.state {
            self.state = State::Arriving { is_playing: false };
            return;
        }
        self.retry_at = if self.is_trusted(now) { now } else { now + self.pause };
        self.state = State::Searching;
    }

    /// This device is preferred now; `None` where the present one is right as long as it runs.
    ///
    /// Realtime-safe: yes.
    pub fn prefers(&mut self, id: Option<String>) {
        if self.refused != id {
            self.refused = None;
        }
        self.wanted = id.filter(|id| *id != self.id && self.refused.as_ref() != Some(id));
    }

    /// A device with blocks of this length was opened, and has no music yet.
    ///
    /// Realtime-safe: yes.
    pub fn opened(&mut self, now: Duration, block: Duration) {
        self.state = State::Arriving { is_playing: self.state == State::Playing };
        self.arriving = Pulse::new(now, block);
    }

    /// A device did not open, or did not play.
    ///
    /// Realtime-safe: yes.
    pub fn failed(&mut self, now: Duration) {
        let is_playing = matches!(self.state, State::Playing | State::Arriving { is_playing: true });
        if is_playing {
            self.refused = self.wanted.take();
            self.state = State::Playing;
            return;
        }
        self.retry_at = now + self.pause;
        self.pause = (2 * self.pause).min(LONGEST_PAUSE);
        self.state = State::Searching;
    }

    /// The music is on the device `id` with blocks of this length.
    ///
    /// Realtime-safe: no (allocates).
    pub fn moved(&mut self, now: Duration, id: &str, block: Duration) {
        // One that goes again at once is not asked again at once.
        if self.lost_at.is_some() && !self.is_trusted(now) {
            self.pause = (2 * self.pause).min(LONGEST_PAUSE);
        }
        self.state = State::Playing;
        (self.since, self.pulse) = (now, Pulse::new(now, block));
        self.ask_at = now + ASK_PAUSE;
        self.id.clear();
        self.id.push_str(id);
        self.wanted = None;
        self.lost_at = None;
    }
}
