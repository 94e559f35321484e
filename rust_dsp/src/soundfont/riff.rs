//! RIFF: chunks within chunks. Nothing is copied, and no size is believed before it is checked.

use super::error::SoundFontError;

/// Bytes of a chunk's header: its name and its size.
const HEADER: usize = 8;

/// One chunk.
#[derive(Clone, Copy, Debug)]
pub struct Chunk<'a> {
    /// Its four letters.
    pub id: [u8; 4],
    /// Where its data begins, in bytes from the start of the file.
    pub offset: usize,
    /// Its data.
    pub data: &'a [u8],
}

impl<'a> Chunk<'a> {
    /// The chunk that a whole file is.
    ///
    /// Realtime-safe: no (may allocate an error).
    ///
    /// # Errors
    /// The bytes are not what they should be; names the chunk and the place.
    pub fn of_file(bytes: &'a [u8]) -> Result<Self, SoundFontError> {
        if !bytes.starts_with(b"RIFF") {
            return Err(SoundFontError::new("RIFF", 0, "the file does not begin with RIFF"));
        }
        read(bytes, 0, "RIFF")
    }

    /// The chunk's letters as text.
    ///
    /// Realtime-safe: no (allocates).
    pub fn name(&self) -> String {
        self.id.escape_ascii().to_string()
    }

    /// The form of a `RIFF` or `LIST` chunk, its first four letters, and the chunks that follow.
    ///
    /// Realtime-safe: no (allocates).
    ///
    /// # Errors
    /// The bytes are not what they should be; names the chunk and the place.
    pub fn list(&self) -> Result<([u8; 4], Vec<Chunk<'a>>), SoundFontError> {
        let Some((form, mut rest)) = self.data.split_first_chunk::<4>() else {
            return Err(self.error(0, format!("{} bytes, but a list has at least 4", self.data.len())));
        };
        let name = form.escape_ascii().to_string();
        let mut offset = self.offset + 4;
        let mut inside = Vec::new();
        while !rest.is_empty() {
            let chunk = read(rest, offset, &name)?;
            // An odd chunk is followed by one byte that belongs to nobody; at the very end it may be missing.
            let taken = (HEADER + chunk.data.len() + chunk.data.len() % 2).min(rest.len());
            inside.push(chunk);
            rest = &rest[taken..];
            offset += taken;
        }
        Ok((*form, inside))
    }

    /// An error at a place in the chunk's data.
    ///
    /// Realtime-safe: no (allocates).
    pub fn error(&self, at: usize, what: impl Into<String>) -> SoundFontError {
        SoundFontError::new(&self.name(), self.offset + at, what)
    }
}

/// The chunk that `bytes` begin with; `offset` is where they lie in the file, `parent` the list they are in.
fn read<'a>(bytes: &'a [u8], offset: usize, parent: &str) -> Result<Chunk<'a>, SoundFontError> {
    let Some((header, data)) = bytes.split_first_chunk::<HEADER>() else {
        let what = format!("{} bytes are left, but a chunk's header has {HEADER}", bytes.len());
        return Err(SoundFontError::new(parent, offset, what));
    };
    let id = [header[0], header[1], header[2], header[3]];
    let size = u32::from_le_bytes([header[4], header[5], header[6], header[7]]) as usize;
    let Some(data) = data.get(..size) else {
        let name = id.escape_ascii().to_string();
        let what = format!("says it has {size} bytes, but only {} are left in {parent}", data.len());
        return Err(SoundFontError::new(&name, offset, what));
    };
    Ok(Chunk { id, offset: offset + HEADER, data })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_gives_its_chunks_and_where_they_lie() {
        let bytes = b"RIFF\x16\x00\x00\x00sfbkabcd\x01\x00\x00\x00x\x00efgh\x00\x00\x00\x00";
        let (form, inside) = Chunk::of_file(bytes).unwrap().list().unwrap();
        assert_eq!(&form, b"sfbk");
        assert_eq!(inside.iter().map(|chunk| chunk.offset).collect::<Vec<_>>(), [20, 30]);
        assert_eq!(inside[0].data, b"x");
    }

    #[test]
    fn a_chunk_that_lies_about_its_size_is_named() {
        let error = Chunk::of_file(b"RIFF\xff\xff\xff\x7fsfbk").unwrap_err();
        assert_eq!(
            error.to_string(),
            "RIFF at byte 0: says it has 2147483647 bytes, but only 4 are left in RIFF"
        );
    }
}
