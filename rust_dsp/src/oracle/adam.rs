//! Steps down a slope, by Adam (Kingma & Ba 2015).

/// Examples a step.
const BATCH: u32 = 64;

/// The memory of the slopes so far.
#[derive(Clone, Debug)]
pub struct Adam {
    /// Slopes of the examples since the last step, to be added to.
    pub gradient: Vec<f32>,
    mean: Vec<f32>,
    spread: Vec<f32>,
    examples: u32,
    steps: i32,
}

impl Adam {
    /// For so many numbers.
    ///
    /// Realtime-safe: no.
    pub fn new(count: usize) -> Self {
        let zeros = || vec![0.0; count];
        Self { gradient: zeros(), mean: zeros(), spread: zeros(), examples: 0, steps: 0 }
    }

    /// One example's slopes were added; after a batch the numbers move.
    ///
    /// Realtime-safe: no.
    pub fn count(&mut self, numbers: &mut [f32], rate: f32, decay: f32) {
        self.examples += 1;
        if self.examples == BATCH {
            self.step(numbers, rate, decay);
            self.examples = 0;
        }
    }

    fn step(&mut self, numbers: &mut [f32], rate: f32, decay: f32) {
        const FIRST: f32 = 0.9;
        const SECOND: f32 = 0.999;
        self.steps += 1;
        let unbias = (1.0 - SECOND.powi(self.steps)).sqrt() / (1.0 - FIRST.powi(self.steps));
        let scale = 1.0 / BATCH as f32;
        for (at, number) in numbers.iter_mut().enumerate() {
            let slope = self.gradient[at] * scale + decay * *number;
            self.mean[at] = FIRST * self.mean[at] + (1.0 - FIRST) * slope;
            self.spread[at] = SECOND * self.spread[at] + (1.0 - SECOND) * slope * slope;
            *number -= rate * unbias * self.mean[at] / (self.spread[at].sqrt() + 1e-8);
        }
        self.gradient.fill(0.0);
    }
}
