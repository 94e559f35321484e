//! A SoundFont, ready to play: for each preset a flat table of zones with everything resolved.

use super::compressed;
use super::error::SoundFontError;
use super::file::File;
use super::generator::Amounts;
use super::modulator::Modulator;
use super::records::Header;
use super::region::Region;
use super::riff::Chunk;
use super::zones::Ranges;
use builder::{used_samples, Builder};
use std::ops::Range;

mod builder;

/// The bank of percussion.
pub const PERCUSSION: u16 = 128;

/// A preset.
#[derive(Clone, Debug)]
pub struct Preset {
    /// Its name.
    pub name: String,
    /// Its bank; 128 is percussion.
    pub bank: u16,
    /// Its program, 0 to 127.
    pub program: u16,
    zones: Range<usize>,
}

/// What one note of one zone plays.
#[derive(Clone, Debug)]
pub struct Layer {
    /// Generators: the instrument's, with the preset's added.
    pub amounts: Amounts,
    /// What it plays.
    pub region: Region,
    /// Where its modulators lie in the table of all, and how many there are.
    modulators: (u32, u16),
}

/// A bank of presets with their samples.
#[derive(Debug)]
pub struct SoundFont {
    /// The name of the bank.
    pub name: String,
    presets: Vec<Preset>,
    ranges: Vec<Ranges>,
    layers: Vec<Layer>,
    modulators: Vec<Modulator>,
    samples: Vec<f32>,
}

impl SoundFont {
    /// The bank in the bytes of a file.
    ///
    /// Realtime-safe: no (allocates).
    ///
    /// # Errors
    /// The bytes are no SoundFont, or a broken one: names the chunk and the place.
    pub fn parse(bytes: &[u8]) -> Result<Self, SoundFontError> {
        Self::parse_some(bytes, |_| true)
    }

    /// The presets of a file that are wanted, and only the samples that these play.
    ///
    /// Realtime-safe: no (allocates).
    ///
    /// # Errors
    /// As [`SoundFont::parse`], though what is wrong with samples that are not wanted may not be noticed.
    pub fn parse_some(bytes: &[u8], wanted: impl Fn(&Header) -> bool) -> Result<Self, SoundFontError> {
        let file = File::read(bytes)?;
        if !compressed::is_compressed(&file) {
            return Builder::draft(&file, &wanted)?.finish();
        }
        let expanded = compressed::expand(&file, &used_samples(&file, &wanted)?)?;
        let samples = Chunk { data: &expanded.samples, ..file.samples };
        let file = File { samples, low_bytes: &[], headers: expanded.headers, ..file };
        Builder::draft(&file, &wanted)?.finish()
    }

    /// The headers of a file's presets, in its order; everything but compressed samples has been looked at.
    ///
    /// Realtime-safe: no (allocates).
    ///
    /// # Errors
    /// As [`SoundFont::parse`].
    pub fn check(bytes: &[u8]) -> Result<(String, Vec<Header>), SoundFontError> {
        let file = File::read(bytes)?;
        if compressed::is_compressed(&file) {
            used_samples(&file, |_| true)?;
        } else {
            Builder::draft(&file, |_| true)?;
        }
        let mut headers = file.presets.headers;
        headers.pop();
        Ok((file.name, headers))
    }

    /// The presets, by bank and program.
    ///
    /// Realtime-safe: yes.
    pub fn presets(&self) -> &[Preset] {
        &self.presets
    }

    /// The preset with this bank and program.
    ///
    /// Realtime-safe: yes.
    pub fn find(&self, bank: u16, program: u16) -> Option<usize> {
        self.presets.binary_search_by_key(&(bank, program), |preset| (preset.bank, preset.program)).ok()
    }

    /// The layers that a note of a preset plays, with their numbers.
    ///
    /// Realtime-safe: yes.
    pub fn layers(&self, preset: usize, key: u8, velocity: u8) -> impl Iterator<Item = (usize, &Layer)> {
        let zones = self.presets.get(preset).map_or(0..0, |preset| preset.zones.clone());
        zones
            .filter(move |&zone| self.ranges[zone].contain(key, velocity))
            .map(|zone| (zone, &self.layers[zone]))
    }

    /// The layer with this number.
    ///
    /// Realtime-safe: yes.
    pub fn layer(&self, index: usize) -> Option<&Layer> {
        self.layers.get(index)
    }

    /// The modulators of a layer.
    ///
    /// Realtime-safe: yes.
    pub fn modulators(&self, layer: &Layer) -> &[Modulator] {
        let (start, count) = layer.modulators;
        &self.modulators[start as usize..][..usize::from(count)]
    }

    /// The row of samples that regions lie in.
    ///
    /// Realtime-safe: yes.
    pub fn samples(&self) -> &[f32] {
        &self.samples
    }
}
