//! The parts of a SoundFont file, read and checked, before anything is made of them.

use super::error::SoundFontError;
use super::records::{read_samples, Level, SampleHeader};
use super::riff::Chunk;

/// A file taken apart; the samples still lie where they were.
#[derive(Debug)]
pub struct File<'a> {
    /// The version of the format, 2 and 4 for 2.04; compressed samples are 3.
    pub version: (u16, u16),
    /// The name of the bank.
    pub name: String,
    /// 16-bit samples, little-endian; for compressed banks, Ogg streams end to end.
    pub samples: Chunk<'a>,
    /// The lowest eight bits of 24-bit samples, or nothing.
    pub low_bytes: &'a [u8],
    /// Presets and their zones.
    pub presets: Level,
    /// Instruments and their zones.
    pub instruments: Level,
    /// Sample headers.
    pub headers: Vec<SampleHeader>,
}

impl<'a> File<'a> {
    /// Takes a file apart.
    ///
    /// Realtime-safe: no (allocates).
    ///
    /// # Errors
    /// The bytes are not what they should be; names the chunk and the place.
    pub fn read(bytes: &'a [u8]) -> Result<Self, SoundFontError> {
        let riff = Chunk::of_file(bytes)?;
        let (form, lists) = riff.list()?;
        if &form != b"sfbk" {
            let what = format!("the form is {}, but a SoundFont's is sfbk", form.escape_ascii());
            return Err(riff.error(0, what));
        }
        let info = list(&riff, &lists, *b"INFO")?;
        let sound = list(&riff, &lists, *b"sdta")?;
        let pdta = list(&riff, &lists, *b"pdta")?;
        let table = |id: &[u8; 4]| find(&riff, &pdta, *id);
        let samples = find(&riff, &sound, *b"smpl")?;
        Ok(Self {
            version: version(&find(&riff, &info, *b"ifil")?)?,
            name: optional(&info, *b"INAM").map_or_else(String::new, |chunk| text(chunk.data)),
            samples,
            low_bytes: low_bytes(&samples, optional(&sound, *b"sm24")),
            presets: Level::read(
                [&table(b"phdr")?, &table(b"pbag")?, &table(b"pmod")?, &table(b"pgen")?],
                true,
            )?,
            instruments: Level::read(
                [&table(b"inst")?, &table(b"ibag")?, &table(b"imod")?, &table(b"igen")?],
                false,
            )?,
            headers: read_samples(&table(b"shdr")?)?,
        })
    }
}

/// The chunks of the list with this form.
fn list<'a>(riff: &Chunk<'a>, lists: &[Chunk<'a>], form: [u8; 4]) -> Result<Vec<Chunk<'a>>, SoundFontError> {
    match lists.iter().find(|chunk| &chunk.id == b"LIST" && chunk.data.starts_with(&form)) {
        Some(chunk) => Ok(chunk.list()?.1),
        None => Err(riff.error(0, format!("there is no {} list", form.escape_ascii()))),
    }
}

fn find<'a>(riff: &Chunk<'a>, chunks: &[Chunk<'a>], id: [u8; 4]) -> Result<Chunk<'a>, SoundFontError> {
    optional(chunks, id).ok_or_else(|| riff.error(0, format!("there is no {} chunk", id.escape_ascii())))
}

fn optional<'a>(chunks: &[Chunk<'a>], id: [u8; 4]) -> Option<Chunk<'a>> {
    chunks.iter().find(|chunk| chunk.id == id).copied()
}

fn version(chunk: &Chunk) -> Result<(u16, u16), SoundFontError> {
    let &[a, b, c, d] = chunk.data else {
        return Err(chunk.error(0, format!("{} bytes, but a version has 4", chunk.data.len())));
    };
    let version = (u16::from_le_bytes([a, b]), u16::from_le_bytes([c, d]));
    if !(2..=3).contains(&version.0) {
        let what = format!("version {}.{:02}, but only 2 and 3 can be read", version.0, version.1);
        return Err(chunk.error(0, what));
    }
    Ok(version)
}

/// The low bytes where there is one for each sample; a chunk of any other size is ignored, as the standard says.
fn low_bytes<'a>(samples: &Chunk<'a>, chunk: Option<Chunk<'a>>) -> &'a [u8] {
    let count = samples.data.len() / 2;
    match chunk {
        Some(low) if low.data.len() == count + count % 2 || low.data.len() == count => &low.data[..count],
        _ => &[],
    }
}

fn text(bytes: &[u8]) -> String {
    let letters = bytes.iter().take_while(|&&byte| byte != 0).map(|&byte| char::from(byte));
    letters.collect::<String>().trim().into()
}
