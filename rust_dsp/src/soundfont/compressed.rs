//! Compressed samples (SF3): each an Ogg Vorbis stream within `smpl`, decoded when the bank is loaded.
//!
//! A sample's header then says where its stream begins and ends, in bytes, and its loop counts from its own start.

use super::error::SoundFontError;
use super::file::File;
use super::records::SampleHeader;
use lewton::inside_ogg::OggStreamReader;
use std::collections::HashMap;
use std::io::Cursor;
use std::ops::Range;

/// The bit of a header's kind that says that the sample is compressed.
const COMPRESSED: u16 = 0x10;
/// Silence after each sample, as the standard asks for.
const SILENCE: usize = 46;
/// The most samples of all streams together: half a gigabyte.
const MOST_SAMPLES: usize = 1 << 28;
/// The most samples that a byte may become, and what any stream may have: speech at its worst needs a tenth of it.
const MOST_A_BYTE: usize = 128;
const ALWAYS_ALLOWED: usize = 1 << 15;

/// Decoded samples, 16 bits each, little-endian, and the headers that fit them.
pub struct Expanded {
    /// The samples.
    pub samples: Vec<u8>,
    /// The headers.
    pub headers: Vec<SampleHeader>,
}

/// Whether a file has compressed samples.
///
/// Realtime-safe: yes.
pub fn is_compressed(file: &File) -> bool {
    file.headers.iter().any(|header| header.kind & COMPRESSED != 0)
}

/// Decodes compressed samples, as far as `used` (one a header) has them; the others are copied, and those that are not
/// used have no length.
///
/// Realtime-safe: no (allocates).
///
/// # Errors
/// A stream lies outside `smpl`, is no Vorbis of one channel, or is too long; names its header.
pub fn expand(file: &File, used: &[bool]) -> Result<Expanded, SoundFontError> {
    let mut expanded = Expanded { samples: Vec::new(), headers: file.headers.clone() };
    let mut known: HashMap<(u32, u32, bool), Range<u32>> = HashMap::new();
    for (header, &is_used) in expanded.headers.iter_mut().zip(used) {
        if !is_used {
            (header.start, header.end, header.loop_start, header.loop_end) = (0, 0, 0, 0);
            continue;
        }
        let is_compressed = header.kind & COMPRESSED != 0;
        let key = (header.start, header.end, is_compressed);
        let place = if let Some(place) = known.get(&key) {
            place.clone()
        } else {
            let place = append(&mut expanded.samples, header, file.samples.data)?;
            known.insert(key, place.clone());
            place
        };
        if is_compressed {
            header.loop_start = place.start.saturating_add(header.loop_start);
            header.loop_end = place.start.saturating_add(header.loop_end);
            header.kind &= !COMPRESSED;
        } else {
            let moved = |at: u32| (i64::from(at) - i64::from(header.start) + i64::from(place.start)).max(0);
            (header.loop_start, header.loop_end) =
                (moved(header.loop_start) as u32, moved(header.loop_end) as u32);
        }
        (header.start, header.end) = (place.start, place.end);
    }
    Ok(expanded)
}

/// Appends one sample; where it lies now, in samples.
fn append(out: &mut Vec<u8>, header: &SampleHeader, smpl: &[u8]) -> Result<Range<u32>, SoundFontError> {
    let error =
        |what: String| SoundFontError::new("shdr", header.offset, format!("sample {:?} {what}", header.name));
    let unit = if header.kind & COMPRESSED != 0 { 1 } else { 2 };
    let (start, end) = (header.start as usize * unit, header.end as usize * unit);
    let Some(bytes) = smpl.get(start..end) else {
        return Err(error(format!("is bytes {start} to {end}, but smpl holds 0 to {}", smpl.len())));
    };
    let first = out.len() / 2;
    if unit == 2 {
        out.extend_from_slice(bytes);
    } else {
        let room = MOST_SAMPLES.saturating_sub(first);
        let most = room.min(ALWAYS_ALLOWED.max(bytes.len().saturating_mul(MOST_A_BYTE)));
        // The decoder believes more than it should: what makes it give up is an error like any other.
        let decoded = std::panic::catch_unwind(|| decode(bytes, most));
        let samples = decoded.unwrap_or_else(|_| Err("is no Ogg Vorbis".to_owned())).map_err(error)?;
        out.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
    }
    let last = out.len() / 2;
    if last > MOST_SAMPLES {
        return Err(error(format!("makes them more than {MOST_SAMPLES} in all")));
    }
    out.resize(out.len() + 2 * SILENCE, 0);
    Ok(first as u32..last as u32)
}

/// The samples of one stream; the text of the error says what is wrong with it.
fn decode(bytes: &[u8], most: usize) -> Result<Vec<i16>, String> {
    let broken = |error: lewton::VorbisError| format!("is no Ogg Vorbis: {error}");
    let mut stream = OggStreamReader::new(Cursor::new(bytes)).map_err(broken)?;
    let channels = stream.ident_hdr.audio_channels;
    if channels != 1 {
        return Err(format!("has {channels} channels, but a sample has 1"));
    }
    let mut samples = Vec::new();
    while let Some(packet) = stream.read_dec_packet_itl().map_err(broken)? {
        if samples.len() + packet.len() > most {
            return Err(format!("is longer than {most} samples, the most for {} bytes", bytes.len()));
        }
        samples.extend_from_slice(&packet);
    }
    Ok(samples)
}
