//! Numbers in bytes, little-endian, and back: whatever the bytes are, reading ends in a value or a reason.

/// Writes.
#[derive(Default)]
pub struct Writer {
    out: Vec<u8>,
}

impl Writer {
    /// Bytes as they are.
    ///
    /// Realtime-safe: no.
    pub fn raw(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    /// One word.
    ///
    /// Realtime-safe: no.
    pub fn word(&mut self, word: u32) {
        self.raw(&word.to_le_bytes());
    }

    /// Bytes and how many.
    ///
    /// Realtime-safe: no.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.word(bytes.len() as u32);
        self.raw(bytes);
    }

    /// Words and how many.
    ///
    /// Realtime-safe: no.
    pub fn words(&mut self, words: &[u32]) {
        self.word(words.len() as u32);
        for &word in words {
            self.word(word);
        }
    }

    /// Floats and how many.
    ///
    /// Realtime-safe: no.
    pub fn floats(&mut self, floats: &[f32]) {
        self.word(floats.len() as u32);
        for float in floats {
            self.raw(&float.to_le_bytes());
        }
    }

    /// All that was written.
    ///
    /// Realtime-safe: no.
    pub fn finish(self) -> Vec<u8> {
        self.out
    }
}

/// Reads what [`Writer`] wrote.
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Reads these bytes.
    ///
    /// Realtime-safe: yes.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The next `count` bytes.
    ///
    /// Realtime-safe: no.
    ///
    /// # Errors
    /// The bytes end early.
    pub fn take(&mut self, count: usize) -> Result<&'a [u8], String> {
        if count > self.rest.len() {
            return Err(format!(
                "the bytes end early: {count} more were promised, {} are left",
                self.rest.len()
            ));
        }
        let (taken, rest) = self.rest.split_at(count);
        self.rest = rest;
        Ok(taken)
    }

    /// One byte.
    ///
    /// Realtime-safe: no.
    ///
    /// # Errors
    /// The bytes end early.
    pub fn byte(&mut self) -> Result<u8, String> {
        Ok(self.take(1)?[0])
    }

    /// One word.
    ///
    /// Realtime-safe: no.
    ///
    /// # Errors
    /// The bytes end early.
    pub fn word(&mut self) -> Result<u32, String> {
        let bytes = self.take(4)?;
        Ok(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    /// Bytes, as many as it says.
    ///
    /// Realtime-safe: no.
    ///
    /// # Errors
    /// The bytes end early.
    pub fn bytes(&mut self) -> Result<Vec<u8>, String> {
        let count = self.word()? as usize;
        Ok(self.take(count)?.to_vec())
    }

    /// Words, as many as it says.
    ///
    /// Realtime-safe: no.
    ///
    /// # Errors
    /// The bytes end early.
    pub fn words(&mut self) -> Result<Vec<u32>, String> {
        let count = self.word()? as usize;
        let bytes = self.take(count.saturating_mul(4))?;
        Ok(bytes.chunks_exact(4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect())
    }

    /// Floats, as many as it says.
    ///
    /// Realtime-safe: no.
    ///
    /// # Errors
    /// The bytes end early.
    pub fn floats(&mut self) -> Result<Vec<f32>, String> {
        Ok(self.words()?.into_iter().map(f32::from_bits).collect())
    }

    /// There must be nothing left.
    ///
    /// Realtime-safe: no.
    ///
    /// # Errors
    /// There is.
    pub fn end(&self) -> Result<(), String> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(format!("{} bytes too many", self.rest.len()))
        }
    }
}
