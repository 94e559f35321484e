//! Writes stereo samples as a WAV file, all at once or as they come.

use crate::noise::Noise;
use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::Path;

/// How samples are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// 16-bit integers with triangular dither.
    Int16,
    /// 24-bit integers.
    Int24,
    /// 32-bit floats.
    Float32,
}

impl Depth {
    /// The depth of this many bits, 16, 24 or 32.
    ///
    /// Realtime-safe: yes.
    pub fn from_bits(bits: u32) -> Option<Self> {
        match bits {
            16 => Some(Self::Int16),
            24 => Some(Self::Int24),
            32 => Some(Self::Float32),
            _ => None,
        }
    }

    fn bytes(self) -> u32 {
        match self {
            Self::Int16 => 2,
            Self::Int24 => 3,
            Self::Float32 => 4,
        }
    }
}

const CHANNELS: u32 = 2;
const HEADER_BYTES: u32 = 44;

/// A WAV file being written; [`WavWriter::finish`] completes its header.
pub struct WavWriter<W: Write + Seek> {
    sink: W,
    depth: Depth,
    data_bytes: u32,
    dither: Noise,
}

impl WavWriter<BufWriter<File>> {
    /// Creates the file.
    ///
    /// Realtime-safe: no (opens a file).
    ///
    /// # Errors
    /// When the file cannot be created.
    pub fn create(path: &Path, rate: u32, depth: Depth) -> io::Result<Self> {
        let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
        let file = File::create(path).map_err(named)?;
        Self::new(BufWriter::new(file), rate, depth).map_err(named)
    }
}

impl<W: Write + Seek> WavWriter<W> {
    /// Starts a file on anything that can be written and wound back.
    ///
    /// Realtime-safe: no (writes).
    ///
    /// # Errors
    /// When writing fails.
    pub fn new(mut sink: W, rate: u32, depth: Depth) -> io::Result<Self> {
        sink.write_all(&header(rate, depth))?;
        Ok(Self { sink, depth, data_bytes: 0, dither: Noise::new(1) })
    }

    /// Appends interleaved stereo samples.
    ///
    /// Realtime-safe: no (writes).
    ///
    /// # Errors
    /// When writing fails or the file would pass the four gigabytes a WAV file can hold.
    pub fn write(&mut self, samples: &[f32]) -> io::Result<()> {
        let added = samples.len() as u64 * u64::from(self.depth.bytes());
        let total = u64::from(self.data_bytes) + added + u64::from(HEADER_BYTES);
        if total > u64::from(u32::MAX) {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "a WAV file holds 4 GiB at most"));
        }
        for &sample in samples {
            self.write_sample(sample)?;
        }
        self.data_bytes += added as u32;
        Ok(())
    }

    /// Completes the header and gives back what was written to.
    ///
    /// Realtime-safe: no (writes).
    ///
    /// # Errors
    /// When writing fails.
    pub fn finish(mut self) -> io::Result<W> {
        if self.data_bytes % 2 == 1 {
            self.sink.write_all(&[0])?;
        }
        self.sink.seek(SeekFrom::Start(4))?;
        let padded = self.data_bytes + self.data_bytes % 2;
        self.sink.write_all(&(padded + HEADER_BYTES - 8).to_le_bytes())?;
        self.sink.seek(SeekFrom::Start(40))?;
        self.sink.write_all(&self.data_bytes.to_le_bytes())?;
        self.sink.flush()?;
        Ok(self.sink)
    }

    fn write_sample(&mut self, sample: f32) -> io::Result<()> {
        match self.depth {
            Depth::Int16 => {
                let dither = 0.5 * (self.dither.sample() + self.dither.sample());
                let scaled = (sample * 32_767.0 + dither).round();
                let value = scaled.clamp(-32_768.0, 32_767.0) as i16;
                self.sink.write_all(&value.to_le_bytes())
            }
            Depth::Int24 => {
                let scaled = (f64::from(sample) * 8_388_607.0).round();
                let value = scaled.clamp(-8_388_608.0, 8_388_607.0) as i32;
                self.sink.write_all(&value.to_le_bytes()[..3])
            }
            Depth::Float32 => self.sink.write_all(&sample.to_le_bytes()),
        }
    }
}

fn header(rate: u32, depth: Depth) -> [u8; HEADER_BYTES as usize] {
    let frame_bytes = CHANNELS * depth.bytes();
    let format: u16 = if depth == Depth::Float32 { 3 } else { 1 };
    let mut bytes = [0; HEADER_BYTES as usize];
    bytes[0..4].copy_from_slice(b"RIFF");
    bytes[4..8].copy_from_slice(&(HEADER_BYTES - 8).to_le_bytes());
    bytes[8..16].copy_from_slice(b"WAVEfmt ");
    bytes[16..20].copy_from_slice(&16u32.to_le_bytes());
    bytes[20..22].copy_from_slice(&format.to_le_bytes());
    bytes[22..24].copy_from_slice(&(CHANNELS as u16).to_le_bytes());
    bytes[24..28].copy_from_slice(&rate.to_le_bytes());
    bytes[28..32].copy_from_slice(&(rate * frame_bytes).to_le_bytes());
    bytes[32..34].copy_from_slice(&(frame_bytes as u16).to_le_bytes());
    bytes[34..36].copy_from_slice(&(8 * depth.bytes() as u16).to_le_bytes());
    bytes[36..40].copy_from_slice(b"data");
    bytes
}

/// Writes a whole WAV file.
///
/// Realtime-safe: no (writes a file).
///
/// # Errors
/// When the file cannot be written.
pub fn write_wav(path: &Path, samples: &[f32], rate: u32, depth: Depth) -> io::Result<()> {
    let mut writer = WavWriter::create(path, rate, depth)?;
    writer.write(samples)?;
    writer.finish().map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    #[test]
    fn the_header_says_what_follows() {
        for (depth, bytes) in [(Depth::Int16, 2), (Depth::Int24, 3), (Depth::Float32, 4)] {
            let mut writer = WavWriter::new(Cursor::new(Vec::new()), 44_100, depth).unwrap();
            writer.write(&[0.0, 0.5, -0.5, 1.0]).unwrap();
            let file = writer.finish().unwrap().into_inner();
            let data = u32::from_le_bytes(file[40..44].try_into().unwrap());
            assert_eq!(data, 4 * bytes);
            assert_eq!(file.len() as u32, 44 + data);
            assert_eq!(u32::from_le_bytes(file[4..8].try_into().unwrap()), 36 + data);
            assert_eq!(u32::from_le_bytes(file[24..28].try_into().unwrap()), 44_100);
        }
    }

    #[test]
    fn full_scale_and_beyond_is_clipped_not_wrapped() {
        let mut writer = WavWriter::new(Cursor::new(Vec::new()), 48_000, Depth::Int24).unwrap();
        writer.write(&[2.0, -2.0]).unwrap();
        let file = writer.finish().unwrap().into_inner();
        assert_eq!(file[44..47], [0xFF, 0xFF, 0x7F]);
        assert_eq!(file[47..50], [0x00, 0x00, 0x80]);
    }
}
