//! What `config.json` says of a model, and how large one may be.

use serde_json::Value;

/// The longest `config.json` that is read, in bytes.
pub const MOST_CONFIG_BYTES: usize = 1 << 20;
/// The most that is remembered of what was played, in tokens, whatever the model was made for.
pub const MOST_CONTEXT: usize = 2_048;

/// The sizes of a model. All are within the bounds that `parse` states.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// The width of a token's state.
    pub hidden: usize,
    /// Layers.
    pub layers: usize,
    /// Query heads.
    pub heads: usize,
    /// Key and value heads; a divisor of `heads`.
    pub kv_heads: usize,
    /// The width of the feed-forward part.
    pub intermediate: usize,
    /// Tokens that there are.
    pub vocabulary: usize,
    /// Tokens that are remembered at most.
    pub context: usize,
    /// The base of the rotary angles.
    pub rope_theta: f64,
    /// What keeps the norm from dividing by zero.
    pub norm_epsilon: f32,
    /// Whether the embedding is the last matrix, too.
    pub is_tied: bool,
    /// Weights that share a scale, where they are quantised.
    pub group: Option<usize>,
}

impl Config {
    /// The width of a head.
    ///
    /// Realtime-safe: yes.
    pub fn head_width(&self) -> usize {
        self.hidden / self.heads
    }

    /// The width of all keys, or values, of a token.
    ///
    /// Realtime-safe: yes.
    pub fn kv_width(&self) -> usize {
        self.kv_heads * self.head_width()
    }

    /// Reads `config.json`.
    ///
    /// # Errors
    /// A text that says which key is wrong, what it is, and what it may be.
    ///
    /// Realtime-safe: no.
    pub fn parse(json: &[u8]) -> Result<Self, String> {
        if json.len() > MOST_CONFIG_BYTES {
            return Err(format!("config.json: is longer than {MOST_CONFIG_BYTES} bytes"));
        }
        let read: Value =
            serde_json::from_slice(json).map_err(|error| format!("config.json: is no JSON: {error}"))?;
        if !read.is_object() {
            return Err("config.json: is no JSON object".into());
        }
        check_kind(&read)?;
        let heads = whole(&read, "num_attention_heads", 1, 64)?;
        let config = Self {
            hidden: whole(&read, "hidden_size", 8, 2_048)?,
            layers: whole(&read, "num_hidden_layers", 1, 48)?,
            heads,
            kv_heads: if has(&read, "num_key_value_heads") {
                whole(&read, "num_key_value_heads", 1, 64)?
            } else {
                heads
            },
            intermediate: whole(&read, "intermediate_size", 8, 16_384)?,
            vocabulary: whole(&read, "vocab_size", 2, 65_536)?,
            context: if has(&read, "max_position_embeddings") {
                whole(&read, "max_position_embeddings", 8, 1 << 24)?.min(MOST_CONTEXT)
            } else {
                MOST_CONTEXT
            },
            rope_theta: number(&read, "rope_theta", 1_000_000.0, 1.0, 1e12)?,
            norm_epsilon: number(&read, "rms_norm_eps", 1e-6, 1e-12, 1e-1)? as f32,
            is_tied: read.get("tie_word_embeddings").and_then(Value::as_bool).unwrap_or(true),
            group: quantisation(&read)?,
        };
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), String> {
        if self.hidden % self.heads != 0 || self.head_width() % 2 != 0 {
            return Err(format!(
                "config.json: hidden_size {} must be an even multiple of num_attention_heads {}",
                self.hidden, self.heads
            ));
        }
        if self.heads % self.kv_heads != 0 {
            return Err(format!(
                "config.json: num_attention_heads {} must be a multiple of num_key_value_heads {}",
                self.heads, self.kv_heads
            ));
        }
        Ok(())
    }
}

fn has(read: &Value, key: &str) -> bool {
    read.get(key).is_some_and(|value| !value.is_null())
}

/// Refuses what would be computed otherwise than here.
fn check_kind(read: &Value) -> Result<(), String> {
    match read.get("model_type").and_then(Value::as_str) {
        Some("qwen2") => {}
        Some(other) => return Err(format!("config.json: model_type must be qwen2, but is {other:.40}")),
        None => return Err("config.json: has no model_type (qwen2 is what can be read)".into()),
    }
    for key in ["rope_scaling", "use_sliding_window", "rope_traditional"] {
        if has(read, key) && read.get(key) != Some(&Value::Bool(false)) {
            return Err(format!("config.json: {key} is not supported"));
        }
    }
    Ok(())
}

fn whole(read: &Value, key: &str, low: u64, high: u64) -> Result<usize, String> {
    let seen = read.get(key).unwrap_or(&Value::Null);
    match seen.as_u64() {
        Some(value) if (low..=high).contains(&value) => Ok(value as usize),
        _ => Err(format!(
            "config.json: {key} must be a whole number {low} to {high}, but is {:.40}",
            short(seen)
        )),
    }
}

fn number(read: &Value, key: &str, default: f64, low: f64, high: f64) -> Result<f64, String> {
    if !has(read, key) {
        return Ok(default);
    }
    let seen = &read[key];
    match seen.as_f64() {
        Some(value) if (low..=high).contains(&value) => Ok(value),
        _ => Err(format!(
            "config.json: {key} must be a number {low:e} to {high:e}, but is {:.40}",
            short(seen)
        )),
    }
}

/// The size of the groups that share a scale; None where weights are floats.
fn quantisation(read: &Value) -> Result<Option<usize>, String> {
    let Some(how) = ["quantization", "quantization_config"].iter().find_map(|key| read.get(*key)) else {
        return Ok(None);
    };
    if how.is_null() {
        return Ok(None);
    }
    let bits = whole(how, "bits", 1, 64).map_err(|error| error.replace("bits", "quantization.bits"))?;
    let group = whole(how, "group_size", 1, 1 << 16)
        .map_err(|error| error.replace("group_size", "quantization.group_size"))?;
    let mode = how.get("mode").and_then(Value::as_str).unwrap_or("affine");
    if bits != 8 || ![32, 64, 128].contains(&group) || mode != "affine" {
        return Err(format!(
            "config.json: quantization must be affine, 8 bits, groups of 32, 64 or 128, \
             but is {mode:.20}, {bits} bits, groups of {group}"
        ));
    }
    Ok(Some(group))
}

fn short(value: &Value) -> String {
    value.to_string().chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"model_type": "qwen2", "hidden_size": 64, "num_hidden_layers": 2, "intermediate_size": 128,
        "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 100, "rms_norm_eps": 1e-6}"#;

    #[test]
    fn a_good_one_is_read() {
        let config = Config::parse(GOOD.as_bytes()).unwrap();
        assert_eq!((config.head_width(), config.kv_width(), config.group), (16, 32, None));
    }

    #[test]
    fn errors_name_the_key_what_is_there_and_what_is_allowed() {
        for (from, to, words) in [
            ("64", "10000000", ["hidden_size", "10000000", "2048"]),
            (
                "\"num_key_value_heads\": 2",
                "\"num_key_value_heads\": 3",
                ["num_key_value_heads", "3", "multiple"],
            ),
            ("qwen2", "llama", ["model_type", "llama", "qwen2"]),
            ("1e-6", "\"no\"", ["rms_norm_eps", "no", "number"]),
            (
                "\"rms",
                "\"quantization\": {\"bits\": 4, \"group_size\": 64}, \"rms",
                ["affine", "4 bits", "8 bits"],
            ),
        ] {
            let error = Config::parse(GOOD.replacen(from, to, 1).as_bytes()).unwrap_err();
            assert!(words.iter().all(|word| error.contains(word)), "{error}");
        }
    }
}
