//! How a bank is put together: presets over instruments, what they play, and then the samples that are needed.

use super::super::error::SoundFontError;
use super::super::file::File;
use super::super::generator::{self as gen, Amounts};
use super::super::links::{find, groups};
use super::super::modulator::{Modulator, DEFAULTS};
use super::super::pool::{sample_count, Pool};
use super::super::records::Header;
use super::super::region::{Bounds, Region};
use super::super::zones::{replace, zones, Ranges, Zone};
use super::{Layer, Preset, SoundFont};
use std::collections::HashMap;

/// The most zones of all presets together; FluidR3 has some 9,000.
const MOST_ZONES: usize = 1 << 17;
/// The most pairs of a preset's and an instrument's zones that are looked at.
const MOST_PAIRS: usize = 1 << 22;
/// The most modulators of all layers together.
const MOST_MODULATORS: usize = 1 << 20;
/// An instrument's zone: defaults, global zone and own, one over the other.
struct InstrumentZone {
    ranges: Ranges,
    amounts: Amounts,
    modulators: Vec<Modulator>,
    sample: usize,
}

/// A layer before its samples are laid out.
struct Draft {
    ranges: Ranges,
    amounts: Amounts,
    bounds: Bounds,
    sample: usize,
    modulators: (u32, u16),
}

pub(super) struct Builder<'a> {
    file: &'a File<'a>,
    /// How many samples the file has.
    count: u32,
    drafts: Vec<Draft>,
    instruments: Vec<Option<Vec<InstrumentZone>>>,
    known: HashMap<Vec<Modulator>, (u32, u16)>,
    pairs: usize,
    font: SoundFont,
}

impl<'a> Builder<'a> {
    /// Everything about the wanted presets but their samples.
    pub(super) fn draft(
        file: &'a File<'a>,
        wanted: impl Fn(&Header) -> bool,
    ) -> Result<Self, SoundFontError> {
        let mut builder = Self::new(file)?;
        for index in 0..file.presets.headers.len() - 1 {
            if wanted(&file.presets.headers[index]) {
                builder.add_preset(index)?;
            }
        }
        Ok(builder)
    }

    fn new(file: &'a File<'a>) -> Result<Self, SoundFontError> {
        let font = SoundFont {
            name: file.name.clone(),
            presets: Vec::new(),
            ranges: Vec::new(),
            layers: Vec::new(),
            modulators: Vec::new(),
            samples: Vec::new(),
        };
        Ok(Self {
            file,
            count: sample_count(&file.samples)?,
            drafts: Vec::new(),
            instruments: (1..file.instruments.headers.len()).map(|_| None).collect(),
            known: HashMap::new(),
            pairs: 0,
            font,
        })
    }

    fn add_preset(&mut self, index: usize) -> Result<(), SoundFontError> {
        let level = &self.file.presets;
        let first = self.drafts.len();
        for zone in zones(level, index, gen::INSTRUMENT)? {
            let at = level.generators_offset;
            if zone.target >= self.instruments.len() {
                let (seen, count) = (zone.target, self.instruments.len());
                let what = format!("preset {index} plays instrument {seen}, but there are {count}");
                return Err(SoundFontError::new("pgen", at, what));
            }
            let instrument = match self.instruments[zone.target].take() {
                Some(known) => known,
                None => self.instrument(zone.target)?,
            };
            let added = instrument.iter().try_for_each(|inner| self.add_layer(&zone, inner, at));
            self.instruments[zone.target] = Some(instrument);
            added?;
        }
        let header = &level.headers[index];
        self.font.presets.push(Preset {
            name: header.name.clone(),
            bank: header.bank,
            program: header.program,
            zones: first..self.drafts.len(),
        });
        Ok(())
    }

    fn instrument(&self, index: usize) -> Result<Vec<InstrumentZone>, SoundFontError> {
        let level = &self.file.instruments;
        let mut made = Vec::new();
        for zone in zones(level, index, gen::SAMPLE)? {
            let count = self.file.headers.len();
            if zone.target >= count {
                let what = format!("instrument {index} plays sample {}, but there are {count}", zone.target);
                return Err(SoundFontError::new("igen", level.generators_offset, what));
            }
            let mut amounts = gen::DEFAULTS;
            for &(id, amount) in &zone.amounts {
                amounts[id] = amount;
            }
            let mut modulators = DEFAULTS.to_vec();
            replace(&mut modulators, &zone.modulators);
            made.push(InstrumentZone { ranges: zone.ranges, amounts, modulators, sample: zone.target });
        }
        Ok(made)
    }

    /// A preset's zone over an instrument's: one layer, if they have notes in common.
    fn add_layer(&mut self, outer: &Zone, inner: &InstrumentZone, at: usize) -> Result<(), SoundFontError> {
        self.pairs += 1;
        if self.pairs > MOST_PAIRS || self.drafts.len() >= MOST_ZONES {
            let what = format!("the presets have more than {MOST_ZONES} zones in all");
            return Err(SoundFontError::new("pgen", at, what));
        }
        let Some(ranges) = outer.ranges.common(&inner.ranges) else {
            return Ok(());
        };
        let mut amounts = inner.amounts;
        for &(id, amount) in outer.amounts.iter().filter(|(id, _)| gen::is_preset_generator(*id)) {
            amounts[id] = amounts[id].saturating_add(amount);
        }
        let header = &self.file.headers[inner.sample];
        let Some(bounds) = Bounds::new(header, &amounts, self.count)? else {
            return Ok(());
        };
        let modulators = self.intern(added(&inner.modulators, &outer.modulators), at)?;
        self.drafts.push(Draft { ranges, amounts, bounds, sample: inner.sample, modulators });
        Ok(())
    }

    /// Lists of modulators are few and long: each is kept once.
    fn intern(&mut self, list: Vec<Modulator>, at: usize) -> Result<(u32, u16), SoundFontError> {
        if let Some(&known) = self.known.get(&list) {
            return Ok(known);
        }
        let all = &mut self.font.modulators;
        if all.len() + list.len() > MOST_MODULATORS {
            let what = format!("the zones have more than {MOST_MODULATORS} different modulators in all");
            return Err(SoundFontError::new("pmod", at, what));
        }
        let place = (all.len() as u32, list.len() as u16);
        all.extend_from_slice(&list);
        self.known.insert(list, place);
        Ok(place)
    }

    /// The bank, its samples laid out.
    pub(super) fn finish(mut self) -> Result<SoundFont, SoundFontError> {
        let spans = self.drafts.iter().map(|draft| draft.bounds.span());
        let mut pool = Pool::new(&self.file.samples, self.file.low_bytes, spans)?;
        for draft in &self.drafts {
            let Draft { ranges, amounts, bounds, sample, modulators } = draft;
            let region = Region::new(bounds, &self.file.headers[*sample], amounts, &mut pool)?;
            self.font.ranges.push(*ranges);
            self.font.layers.push(Layer { amounts: *amounts, region, modulators: *modulators });
        }
        // The first of several presets with the same numbers is the one that is heard.
        self.font.presets.sort_by_key(|preset| (preset.bank, preset.program));
        self.font.presets.dedup_by_key(|preset| (preset.bank, preset.program));
        self.font.samples = pool.into_samples();
        Ok(self.font)
    }
}

/// A preset's modulators add to the instrument's; those that do nothing are left out.
fn added(inner: &[Modulator], outer: &[Modulator]) -> Vec<Modulator> {
    let mut all = inner.to_vec();
    for group in groups(outer) {
        let added = group[group.len() - 1].amount;
        match find(&all, group) {
            Some(place) => all[place].amount = all[place].amount.saturating_add(added),
            None => all.extend_from_slice(group),
        }
    }
    groups(&all).filter(|group| group[group.len() - 1].amount != 0).flatten().copied().collect()
}

/// Which samples the wanted presets play.
pub(super) fn used_samples(
    file: &File,
    wanted: impl Fn(&Header) -> bool,
) -> Result<Vec<bool>, SoundFontError> {
    let mut used = vec![false; file.headers.len()];
    let mut is_done = vec![false; file.instruments.headers.len()];
    for (index, header) in file.presets.headers.iter().enumerate().take(file.presets.headers.len() - 1) {
        if !wanted(header) {
            continue;
        }
        for zone in zones(&file.presets, index, gen::INSTRUMENT)? {
            let is_new = is_done.get_mut(zone.target).is_some_and(|done| !std::mem::replace(done, true));
            if is_new && zone.target + 1 < file.instruments.headers.len() {
                for inner in zones(&file.instruments, zone.target, gen::SAMPLE)? {
                    used.get_mut(inner.target).into_iter().for_each(|used| *used = true);
                }
            }
        }
    }
    Ok(used)
}
