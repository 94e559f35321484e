//! Where a token stands, told by turning its queries and keys (rotary embedding, halves apart as Qwen2 has it).

/// Cosines and sines of every place.
#[derive(Clone, Debug)]
pub struct Rotary {
    half: usize,
    cosines: Vec<f32>,
    sines: Vec<f32>,
}

impl Rotary {
    /// For heads of `width`, an even number, at `places` places.
    ///
    /// Realtime-safe: no.
    pub fn new(width: usize, places: usize, theta: f64) -> Self {
        let half = width / 2;
        let angle = |at: usize| {
            let (place, pair) = (at / half, at % half);
            place as f64 * theta.powf(-((2 * pair) as f64) / width as f64)
        };
        let all = 0..places * half;
        Self {
            half,
            cosines: all.clone().map(|at| angle(at).cos() as f32).collect(),
            sines: all.map(|at| angle(at).sin() as f32).collect(),
        }
    }

    /// Turns every head of a row to its place.
    ///
    /// Realtime-safe: yes.
    pub fn turn(&self, row: &mut [f32], place: usize) {
        let at = place * self.half;
        let (cosines, sines) = (&self.cosines[at..at + self.half], &self.sines[at..at + self.half]);
        for head in row.chunks_exact_mut(2 * self.half) {
            let (low, high) = head.split_at_mut(self.half);
            for (((low, high), &cosine), &sine) in low.iter_mut().zip(high).zip(cosines).zip(sines) {
                let (x, y) = (*low, *high);
                *low = x * cosine - y * sine;
                *high = y * cosine + x * sine;
            }
        }
    }
}
