//! The Fourier transform of real samples, for sizes that are powers of two.
//!
//! A real signal of `size` samples is packed into a complex one of half the size, transformed by the iterative
//! radix-2 algorithm, and untangled (Numerical Recipes §12.3). Real and imaginary parts lie in arrays of their own, and each
//! stage's twiddle factors lie in a row, so that the compiler vectorises the butterflies.

use std::f64::consts::TAU;

/// A plan for one size, with its own scratch memory.
#[derive(Clone, Debug)]
pub struct Fourier {
    size: usize,
    /// Twiddle factors of all stages from the second on, one stage after the other.
    cos: Vec<f32>,
    sin: Vec<f32>,
    /// Where each sample of the packed signal goes before the first stage.
    reversed: Vec<u32>,
    /// Turns of the full-size spectrum, for packing and untangling.
    turn_cos: Vec<f32>,
    turn_sin: Vec<f32>,
    re: Vec<f32>,
    im: Vec<f32>,
}

impl Fourier {
    /// A plan for `size` real samples; a size that is no power of two, or below 8, is raised to the next that is.
    ///
    /// Realtime-safe: no (allocates).
    pub fn new(size: usize) -> Self {
        let size = size.max(8).next_power_of_two();
        let half = size / 2;
        let bits = half.trailing_zeros();
        let (mut cos, mut sin) = (Vec::with_capacity(half), Vec::with_capacity(half));
        let mut width = 1;
        while width < half {
            for k in 0..width {
                let angle = -TAU * k as f64 / (2 * width) as f64;
                cos.push(angle.cos() as f32);
                sin.push(angle.sin() as f32);
            }
            width *= 2;
        }
        let turns = (0..=half / 2).map(|k| -TAU * k as f64 / size as f64);
        Self {
            size,
            cos,
            sin,
            reversed: (0..half as u32).map(|n| n.reverse_bits() >> (32 - bits)).collect(),
            turn_cos: turns.clone().map(|angle| angle.cos() as f32).collect(),
            turn_sin: turns.map(|angle| angle.sin() as f32).collect(),
            re: vec![0.0; half],
            im: vec![0.0; half],
        }
    }

    /// Real samples that are transformed at once.
    ///
    /// Realtime-safe: yes.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Complex bins of a spectrum: half the size, and one.
    ///
    /// Realtime-safe: yes.
    pub fn bins(&self) -> usize {
        self.size / 2 + 1
    }

    /// The spectrum of `size` samples; `re` and `im` take one value a bin.
    ///
    /// Realtime-safe: yes.
    pub fn forward(&mut self, samples: &[f32], re: &mut [f32], im: &mut [f32]) {
        let half = self.size / 2;
        for (n, &to) in self.reversed.iter().enumerate() {
            self.re[to as usize] = samples[2 * n];
            self.im[to as usize] = samples[2 * n + 1];
        }
        self.transform();
        for k in 0..=half / 2 {
            let mirror = (half - k) % half;
            let (ar, ai) = (self.re[k], self.im[k]);
            let (br, bi) = (self.re[mirror], self.im[mirror]);
            // Even samples' spectrum, then odd samples' turned by k.
            let (er, ei) = (0.5 * (ar + br), 0.5 * (ai - bi));
            let (or, oi) = (0.5 * (ai + bi), 0.5 * (br - ar));
            let (c, s) = (self.turn_cos[k], self.turn_sin[k]);
            let (tr, ti) = (or * c - oi * s, or * s + oi * c);
            re[k] = er + tr;
            im[k] = ei + ti;
            re[half - k] = er - tr;
            im[half - k] = ti - ei;
        }
    }

    /// The samples of a spectrum: the inverse of [`Self::forward`], its scale included.
    ///
    /// Realtime-safe: yes.
    pub fn inverse(&mut self, re: &[f32], im: &[f32], samples: &mut [f32]) {
        let half = self.size / 2;
        for k in 0..=half / 2 {
            let (ar, ai) = (re[k], im[k]);
            let (br, bi) = (re[half - k], -im[half - k]);
            let (er, ei) = (0.5 * (ar + br), 0.5 * (ai + bi));
            let (dr, di) = (0.5 * (ar - br), 0.5 * (ai - bi));
            let (c, s) = (self.turn_cos[k], -self.turn_sin[k]);
            let (or, oi) = (dr * c - di * s, dr * s + di * c);
            // Conjugated, so that the forward transform below turns back.
            self.put(k, er - oi, -(ei + or));
            if k > 0 && k < half {
                self.put(half - k, er + oi, ei - or);
            }
        }
        self.transform();
        let scale = 1.0 / half as f32;
        for (pair, (re, im)) in samples.chunks_exact_mut(2).zip(self.re.iter().zip(&self.im)) {
            pair[0] = re * scale;
            pair[1] = -im * scale;
        }
    }

    #[inline(always)]
    fn put(&mut self, at: usize, re: f32, im: f32) {
        let to = self.reversed[at] as usize;
        self.re[to] = re;
        self.im[to] = im;
    }

    /// The complex transform of what lies in bit-reversed order in `re` and `im`.
    fn transform(&mut self) {
        let half = self.re.len();
        let (mut width, mut at) = (1, 0);
        while width < half {
            let (cos, sin) = (&self.cos[at..at + width], &self.sin[at..at + width]);
            let blocks = self.re.chunks_exact_mut(2 * width).zip(self.im.chunks_exact_mut(2 * width));
            for (re, im) in blocks {
                let ((re_a, re_b), (im_a, im_b)) = (re.split_at_mut(width), im.split_at_mut(width));
                for k in 0..width {
                    let tr = re_b[k] * cos[k] - im_b[k] * sin[k];
                    let ti = re_b[k] * sin[k] + im_b[k] * cos[k];
                    (re_b[k], im_b[k]) = (re_a[k] - tr, im_a[k] - ti);
                    (re_a[k], im_a[k]) = (re_a[k] + tr, im_a[k] + ti);
                }
            }
            at += width;
            width *= 2;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::noise::Noise;

    fn noise(size: usize) -> Vec<f32> {
        let mut noise = Noise::new(size as u32);
        (0..size).map(|_| noise.sample()).collect()
    }

    #[test]
    fn it_is_the_sum_that_defines_it() {
        for size in [8usize, 16, 64, 256] {
            let samples = noise(size);
            let mut plan = Fourier::new(size);
            let (mut re, mut im) = (vec![0.0; plan.bins()], vec![0.0; plan.bins()]);
            plan.forward(&samples, &mut re, &mut im);
            for k in 0..plan.bins() {
                let (mut exact_re, mut exact_im) = (0.0, 0.0);
                for (n, sample) in samples.iter().enumerate() {
                    let angle = -TAU * (k * n % size) as f64 / size as f64;
                    exact_re += f64::from(*sample) * angle.cos();
                    exact_im += f64::from(*sample) * angle.sin();
                }
                let off = (f64::from(re[k]) - exact_re).hypot(f64::from(im[k]) - exact_im);
                assert!(off < 1e-5 * size as f64, "size {size}, bin {k}: {off}");
            }
        }
    }

    #[test]
    fn there_and_back_changes_nothing_to_130_db() {
        for size in [8usize, 32, 128, 4_096] {
            let samples = noise(size);
            let mut plan = Fourier::new(size);
            let (mut re, mut im) = (vec![0.0; plan.bins()], vec![0.0; plan.bins()]);
            plan.forward(&samples, &mut re, &mut im);
            let mut back = vec![0.0; size];
            plan.inverse(&re, &im, &mut back);
            let error: f32 = samples.iter().zip(&back).map(|(a, b)| (a - b).powi(2)).sum();
            let power: f32 = samples.iter().map(|a| a * a).sum();
            assert!(error < 1e-13 * power, "size {size}: {error}");
        }
    }
}
