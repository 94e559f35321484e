//! The tensors of a safetensors file, each where the header says; every offset is checked, nothing is copied.
//!
//! Format: eight bytes with the length of the header, a JSON object of `name: {dtype, shape, data_offsets}`, the data.

use serde_json::{Map, Value};

/// The longest header that is read, in bytes.
pub const MOST_HEADER_BYTES: usize = 4 << 20;

/// How numbers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Four bytes.
    F32,
    /// Two bytes, five of their bits the exponent.
    F16,
    /// The upper two bytes of `F32`.
    Bf16,
    /// Four bytes, four weights.
    U32,
}

impl Kind {
    fn named(name: &str) -> Option<Self> {
        match name {
            "F32" => Some(Self::F32),
            "F16" => Some(Self::F16),
            "BF16" => Some(Self::Bf16),
            "U32" => Some(Self::U32),
            _ => None,
        }
    }

    fn bytes(self) -> usize {
        match self {
            Self::F32 | Self::U32 => 4,
            Self::F16 | Self::Bf16 => 2,
        }
    }
}

/// A tensor: its shape and its bytes, which are as many as the shape needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tensor<'a> {
    /// How its numbers are written.
    pub kind: Kind,
    /// Its sizes, the last one fastest.
    pub shape: Vec<usize>,
    /// Its numbers, little-endian.
    pub bytes: &'a [u8],
}

impl Tensor<'_> {
    /// Its numbers.
    ///
    /// # Errors
    /// They are no floats, or one is no number.
    ///
    /// Realtime-safe: no.
    pub fn floats(&self) -> Result<Vec<f32>, String> {
        let numbers: Vec<f32> = match self.kind {
            Kind::F32 => {
                self.bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()
            }
            Kind::Bf16 => {
                self.bytes.chunks_exact(2).map(|b| f32::from_le_bytes([0, 0, b[0], b[1]])).collect()
            }
            Kind::F16 => self.bytes.chunks_exact(2).map(|b| half(u16::from_le_bytes([b[0], b[1]]))).collect(),
            Kind::U32 => return Err("holds whole numbers where floats belong".into()),
        };
        if numbers.iter().all(|number| number.abs() <= 1e6) {
            return Ok(numbers);
        }
        Err("holds a number that is none, or beyond ±1e6".into())
    }
}

/// A half-precision float.
fn half(bits: u16) -> f32 {
    let sign = u32::from(bits >> 15) << 31;
    let (exponent, mantissa) = (u32::from(bits >> 10) & 31, u32::from(bits) & 1_023);
    match exponent {
        0 => f32::from_bits(sign | (mantissa as f32 / 16_777_216.0).to_bits()),
        31 => f32::from_bits(sign | 0x7F80_0000 | mantissa << 13),
        _ => f32::from_bits(sign | (exponent + 112) << 23 | mantissa << 13),
    }
}

/// A file's header, and its data.
#[derive(Debug)]
pub struct Tensors<'a> {
    header: Map<String, Value>,
    data: &'a [u8],
}

impl<'a> Tensors<'a> {
    /// Reads the header.
    ///
    /// # Errors
    /// It is none: why.
    ///
    /// Realtime-safe: no.
    pub fn parse(file: &'a [u8]) -> Result<Self, String> {
        let cut = || "model.safetensors: is cut off in its header".to_string();
        let (length, rest) = file.split_first_chunk::<8>().ok_or_else(cut)?;
        let length = u64::from_le_bytes(*length);
        if length > MOST_HEADER_BYTES as u64 {
            return Err(format!(
                "model.safetensors: its header would be {length} bytes, but may be {MOST_HEADER_BYTES}"
            ));
        }
        let (header, data) = rest.split_at_checked(length as usize).ok_or_else(cut)?;
        match serde_json::from_slice(header) {
            Ok(Value::Object(header)) => Ok(Self { header, data }),
            Ok(_) => Err("model.safetensors: its header is no JSON object".into()),
            Err(error) => Err(format!("model.safetensors: its header is no JSON: {error}")),
        }
    }

    /// Whether there is a tensor of that name.
    ///
    /// Realtime-safe: no.
    pub fn has(&self, name: &str) -> bool {
        self.header.contains_key(name)
    }

    /// The tensor of that name.
    ///
    /// # Errors
    /// It is missing, of another kind, or not where the header says.
    ///
    /// Realtime-safe: no.
    pub fn get(&self, name: &str) -> Result<Tensor<'a>, String> {
        let about = |what: &str| format!("model.safetensors: {name}: {what}");
        let entry = self.header.get(name).ok_or_else(|| about("is missing"))?;
        let dtype = entry.get("dtype").and_then(Value::as_str).unwrap_or("nothing");
        let kind = Kind::named(dtype)
            .ok_or_else(|| about(&format!("must be F32, F16, BF16 or U32, but is {dtype:.20}")))?;
        let shape = sizes(entry.get("shape")).ok_or_else(|| about("has no shape"))?;
        let count = shape.iter().try_fold(kind.bytes(), |all, &size| all.checked_mul(size));
        let span = sizes(entry.get("data_offsets")).unwrap_or_default();
        let bytes = match span[..] {
            [begin, end] if begin <= end => self.data.get(begin..end),
            _ => None,
        };
        let bytes = bytes.ok_or_else(|| about("lies outside of the file"))?;
        if count != Some(bytes.len()) {
            return Err(about(&format!("has {} bytes, not those of its shape {shape:?}", bytes.len())));
        }
        Ok(Tensor { kind, shape, bytes })
    }

    /// The numbers of the tensor of that name, which must have that many in one row.
    ///
    /// # Errors
    /// It has not, or they are no numbers.
    ///
    /// Realtime-safe: no.
    pub fn row(&self, name: &str, width: usize) -> Result<Vec<f32>, String> {
        let tensor = self.get(name)?;
        if tensor.shape != [width] {
            return Err(format!("model.safetensors: {name}: must be [{width}], but is {:?}", tensor.shape));
        }
        tensor.floats().map_err(|what| format!("model.safetensors: {name}: {what}"))
    }
}

fn sizes(value: Option<&Value>) -> Option<Vec<usize>> {
    let list = value?.as_array().filter(|list| list.len() <= 8)?;
    list.iter().map(|size| size.as_u64().map(|size| size as usize)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_read_as_they_are_written() {
        for (bits, value) in
            [(0x3C00, 1.0), (0xC000, -2.0), (0x0001, 2f32.powi(-24)), (0x7BFF, 65_504.0), (0x8000, 0.0)]
        {
            assert_eq!(half(bits), value);
        }
        assert!(half(0x7C00).is_infinite() && half(0x7E00).is_nan());
    }

    #[test]
    fn what_lies_outside_of_the_file_is_refused() {
        let header = br#"{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]},
            "b": {"dtype": "F32", "shape": [18446744073709551615, 8], "data_offsets": [0, 8]},
            "c": {"dtype": "F32", "shape": [1], "data_offsets": [8, 12]}}"#;
        let mut file = (header.len() as u64).to_le_bytes().to_vec();
        file.extend(header);
        file.extend([0u8; 8]);
        let tensors = Tensors::parse(&file).unwrap();
        assert_eq!(tensors.row("a", 2).unwrap(), [0.0, 0.0]);
        assert!(tensors.get("b").unwrap_err().contains("b: has 8 bytes"));
        assert!(tensors.get("c").unwrap_err().contains("outside"));
        assert!(Tensors::parse(&file[..40]).unwrap_err().contains("cut off"));
        assert!(Tensors::parse(&u64::MAX.to_le_bytes()).unwrap_err().contains("bytes, but may be"));
    }
}
