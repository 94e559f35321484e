//! Convolution in partitions of one size: each block of input is transformed once, and met by every part of the
//! response in the frequency domain (overlap-save; Stockham 1966, Kulp 1988).

use crate::fourier::Fourier;

/// The spectra of an impulse response cut into blocks, for one channel.
pub struct Partitions {
    block: usize,
    bins: usize,
    count: usize,
    re: Vec<f32>,
    im: Vec<f32>,
}

impl Partitions {
    /// Cuts `response` into parts of `block` samples, a power of two.
    ///
    /// Realtime-safe: no (allocates).
    pub fn new(response: &[f32], block: usize) -> Self {
        let mut plan = Fourier::new(2 * block);
        let (bins, count) = (plan.bins(), response.len().div_ceil(block));
        let (mut re, mut im) = (vec![0.0; bins * count], vec![0.0; bins * count]);
        let mut padded = vec![0.0; 2 * block];
        for (part, samples) in response.chunks(block).enumerate() {
            padded.fill(0.0);
            padded[..samples.len()].copy_from_slice(samples);
            let at = part * bins..(part + 1) * bins;
            plan.forward(&padded, &mut re[at.clone()], &mut im[at]);
        }
        Self { block, bins, count, re, im }
    }

    /// Parts there are.
    ///
    /// Realtime-safe: yes.
    pub fn count(&self) -> usize {
        self.count
    }
}

/// One channel's past input as spectra, and the sums they give.
pub struct Partitioned {
    plan: Fourier,
    /// The last two blocks of input.
    input: Vec<f32>,
    /// Spectra of the past, newest at `newest`.
    re: Vec<f32>,
    im: Vec<f32>,
    newest: usize,
    sum_re: Vec<f32>,
    sum_im: Vec<f32>,
    output: Vec<f32>,
}

impl Partitioned {
    /// A silent past, as long as `partitions` reach.
    ///
    /// Realtime-safe: no (allocates).
    pub fn new(partitions: &Partitions) -> Self {
        let spectra = partitions.bins * partitions.count;
        Self {
            plan: Fourier::new(2 * partitions.block),
            input: vec![0.0; 2 * partitions.block],
            re: vec![0.0; spectra],
            im: vec![0.0; spectra],
            newest: 0,
            sum_re: vec![0.0; partitions.bins],
            sum_im: vec![0.0; partitions.bins],
            output: vec![0.0; 2 * partitions.block],
        }
    }

    /// Takes the next block and gives what follows it: the response's first part on this block, its second on the
    /// one before, and so on.
    ///
    /// Realtime-safe: yes.
    pub fn process(&mut self, partitions: &Partitions, block: &[f32]) -> &[f32] {
        let (size, bins, count) = (partitions.block, partitions.bins, partitions.count);
        self.input.copy_within(size.., 0);
        self.input[size..].copy_from_slice(block);
        if count == 0 {
            return &self.output[size..];
        }
        self.newest = (self.newest + count - 1) % count;
        let at = self.newest * bins..(self.newest + 1) * bins;
        self.plan.forward(&self.input, &mut self.re[at.clone()], &mut self.im[at]);
        self.sum_re.fill(0.0);
        self.sum_im.fill(0.0);
        for part in 0..count {
            let past = (self.newest + part) % count * bins;
            let (past, part) = (past..past + bins, part * bins..(part + 1) * bins);
            multiply_add(
                [&self.re[past.clone()], &self.im[past]],
                [&partitions.re[part.clone()], &partitions.im[part]],
                [&mut self.sum_re, &mut self.sum_im],
            );
        }
        self.plan.inverse(&self.sum_re, &self.sum_im, &mut self.output);
        &self.output[size..]
    }

    /// Forgets the past.
    ///
    /// Realtime-safe: yes.
    pub fn reset(&mut self) {
        for values in [&mut self.input, &mut self.re, &mut self.im, &mut self.output] {
            values.fill(0.0);
        }
    }
}

/// Adds the complex product of two spectra to a third.
fn multiply_add(a: [&[f32]; 2], b: [&[f32]; 2], sum: [&mut [f32]; 2]) {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2.
        unsafe { multiply_add_avx2(a, b, sum) };
        return;
    }
    multiply_add_plain(a, b, sum);
}

/// The same arithmetic in the same order in wider registers; no fused multiply-add, so both give the same bits.
// SAFETY: callers check for AVX2 first.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
unsafe fn multiply_add_avx2(a: [&[f32]; 2], b: [&[f32]; 2], sum: [&mut [f32]; 2]) {
    multiply_add_plain(a, b, sum);
}

#[inline(always)]
fn multiply_add_plain([ar, ai]: [&[f32]; 2], [br, bi]: [&[f32]; 2], [sr, si]: [&mut [f32]; 2]) {
    let count = ar.len();
    let (ai, br, bi) = (&ai[..count], &br[..count], &bi[..count]);
    let (sr, si) = (&mut sr[..count], &mut si[..count]);
    for k in 0..count {
        sr[k] += ar[k] * br[k] - ai[k] * bi[k];
        si[k] += ar[k] * bi[k] + ai[k] * br[k];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::noise::Noise;

    #[test]
    fn wide_and_plain_sums_have_the_same_bits() {
        let mut noise = Noise::new(5);
        let mut spectrum = || (0..2_049).map(|_| noise.sample()).collect::<Vec<f32>>();
        let (ar, ai, br, bi) = (spectrum(), spectrum(), spectrum(), spectrum());
        let mut wide = [spectrum(), spectrum()];
        let mut plain = wide.clone();
        let [re, im] = &mut wide;
        multiply_add([&ar, &ai], [&br, &bi], [re, im]);
        let [re, im] = &mut plain;
        multiply_add_plain([&ar, &ai], [&br, &bi], [re, im]);
        assert_eq!(wide, plain);
    }

    #[test]
    fn the_first_part_answers_one_block_late_and_exactly() {
        let mut noise = Noise::new(6);
        let response: Vec<f32> = (0..100).map(|_| noise.sample()).collect();
        let input: Vec<f32> = (0..256).map(|_| noise.sample()).collect();
        let partitions = Partitions::new(&response, 32);
        let mut channel = Partitioned::new(&partitions);
        let mut output = vec![0.0; 32];
        for block in input.chunks(32) {
            output.extend_from_slice(channel.process(&partitions, block));
        }
        for n in 0..256usize {
            let exact: f32 = (0..=n.min(99)).map(|k| response[k] * input[n - k]).sum();
            // Block i's own answer begins with block i: what is circular lies in the half that is thrown away.
            assert!((output[32 + n] - exact).abs() < 1e-4, "{n}");
        }
    }
}
