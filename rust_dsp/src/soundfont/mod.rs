//! A player of SoundFonts (SF2 2.04, SF3): a parser that believes nothing, presets compiled to flat tables, and voices that
//! are rendered eight at a time.
//!
//! Sources: the SoundFont Technical Specification 2.04 (section numbers in the text are its), and what synthesisers
//! that banks are made for do where it leaves room.

pub mod error;
pub mod riff;

pub mod generator;
pub mod links;
pub mod maths;
pub mod modulator;

pub mod compressed;
pub mod file;
pub mod font;
pub mod library;
pub mod pool;
pub mod records;
pub mod region;
pub mod zones;

pub mod channel;
pub mod envelope;
pub mod glide;
pub mod held;
pub mod lfo;
pub mod midi;
pub mod sound;
pub mod system;

pub mod group;
#[cfg(target_arch = "x86_64")]
pub mod group_avx2;
#[cfg(target_arch = "aarch64")]
pub mod group_neon;
pub mod kernel;
pub mod lane;
pub mod movers;
pub mod plan;
pub mod tag;
pub mod voice;

pub mod ahead;
pub mod ceiling;
pub mod chorus;
pub mod delay;
pub mod ensemble;
pub mod loudness;
pub mod measure;
pub mod offline;
pub mod parts;
pub mod player;
pub mod repertoire;
pub mod room;
pub mod synth;
