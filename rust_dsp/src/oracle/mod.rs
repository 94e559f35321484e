//! The oracle: which chord comes next.
//!
//! A session teaches it: places in the past that were like the present vote on what comes now, longer agreements
//! louder, some tolerant of a strange chord, some of a transposition. Trained tables say what chords do in general.
//! A small net, the gate, weighs these experts by how sure and how right they have been, and their opinions are
//! multiplied (a logarithmic opinion pool; Genest & Zidek 1986).

pub mod adam;
pub mod calibration;
pub mod chance;
pub mod context;
pub mod count;
pub mod evidence;
pub mod experts;
pub mod gate;
pub mod gate_trainer;
pub mod grid;
pub mod habit;
pub mod kernel;
pub mod ladder;
pub mod lags;
pub mod maths;
pub mod memory;
pub mod mixer;
pub mod packing;
pub mod past;
pub mod places;
pub mod platt;
pub mod pool;
pub mod practice;
pub mod profile;
pub mod pupils;
pub mod recall;
pub mod recall_trainer;
pub mod review;
pub mod review_trainer;
pub mod roles;
pub mod session;
pub mod song;
pub mod tables;
pub mod timeline;
pub mod token;
pub mod trainer;
pub mod wide;
