//! The sound engine of sideman: events in, sound out, and the audio thread never waits.
//!
//! [`Processor::process`](processor::Processor::process) allocates, frees, locks, logs and blocks never; what it
//! tells the outside goes through atomics, what it hears comes through a wait-free ring. The same processor renders
//! offline. Public functions say whether they may run on the audio thread: `Realtime-safe: yes` or `no`.

pub mod denormal;
pub mod event;
pub mod units;

pub mod param;
pub mod param_table;
pub mod smoother;
pub mod values;

pub mod envelope;
pub mod filter;
pub mod fourier;
pub mod modal;
pub mod noise;
pub mod oscillator;
pub mod waveguide;

pub mod bass;
pub mod brush;
pub mod brush_table;
pub mod drum_kit;
pub mod drum_piece;
pub mod drum_table;
pub mod electric_piano;
pub mod governor;
pub mod grand_piano;
pub mod instrument;
pub mod lead;
pub mod nylon_guitar;
pub mod organ;
pub mod pad;
pub mod programs;
pub mod strings;
pub mod upright_bass;

pub mod voice;
pub mod voices;

pub mod compressor;
pub mod effects;
pub mod limiter;
pub mod midi_queue;
pub mod mixer;
pub mod reverb;
pub mod strip;

pub mod controller;
pub mod histogram;
pub mod meters;
pub mod pending;
pub mod processor;
pub mod recall;
pub mod ring;
pub mod timebase;

pub mod heart;
pub mod oracle;
pub mod phrase;

pub mod soundfont;

pub mod backend;
pub mod callback;
pub mod fade;
pub mod live;
pub mod negotiation;
pub mod paced;
pub mod recovery;
pub mod render;
pub mod request;
pub mod seat;
pub mod standing;
pub mod supervisor;
pub mod wav;

#[cfg(feature = "device")]
pub mod device;
#[cfg(feature = "gpu")]
pub mod gpu;
pub mod hardware;
#[cfg(feature = "jack")]
pub mod jack_client;
#[cfg(feature = "jack")]
pub mod jack_gate;
#[cfg(feature = "jack")]
pub mod jack_midi;
#[cfg(not(feature = "jack"))]
#[path = "no_jack_midi.rs"]
pub mod jack_midi;
#[cfg(feature = "jack")]
pub mod jack_midi_out;
#[cfg(feature = "python")]
mod python;
