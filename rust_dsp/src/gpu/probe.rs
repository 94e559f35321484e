//! Whether the device is worth it here: a round trip, and a batch of voices beside the same on the CPU.

use super::device::Gpu;
use super::error::GpuError;
use super::sampler::Sampler;
use crate::noise::Noise;
use crate::soundfont::group::{Buses, Group, Task, LANES};
use crate::soundfont::kernel::Kernel;
use crate::soundfont::lane::{Course, Lane, BUSES};
use crate::soundfont::plan::Plan;
use crate::soundfont::region::{Looping, Region};
use crate::soundfont::voice::TICK;
use std::time::Instant;

/// Voices in the batch.
const VOICES: usize = 256;
/// Ticks in the batch: 0.17 s at 48 kHz; fewer for a program on the CPU, which has lost before it begins.
const TICKS: (usize, usize) = (128, 16);
/// Samples that the voices read.
const SAMPLES: u32 = 1 << 18;
/// Round trips: those that warm the device up, and those that count.
const TRIPS: (usize, usize) = (3, 15);
/// Batches; the best one counts, for others may use the device, too.
const BATCHES: usize = 3;
/// A device must beat one core by this much: the CPU has planning left to do.
const MARGIN: f64 = 1.25;

/// What a device and this CPU were seen to do.
#[derive(Clone, Debug)]
pub struct Probe {
    /// The device's name.
    pub name: String,
    /// How it is spoken to.
    pub api: String,
    /// Whether it is a program on the CPU.
    pub is_software: bool,
    /// The middle one of the times from sending a batch with nothing in it to having its result, in microseconds.
    pub round_trip_micros: f64,
    /// What one frame of one filtered voice takes on the device, transfers included, in nanoseconds.
    pub gpu_nanos: f64,
    /// The same on one core.
    pub cpu_nanos: f64,
}

impl Probe {
    /// Measures; takes some tens of milliseconds on a real device.
    ///
    /// Realtime-safe: no.
    ///
    /// # Errors
    /// The device failed.
    pub fn measure(gpu: &Gpu) -> Result<Self, GpuError> {
        let mut noise = Noise::new(1);
        let pool: Vec<f32> =
            (0..SAMPLES).map(|_| (noise.sample() * 20_000.0).trunc() * (1.0 / 32_768.0)).collect();
        let mut sampler = Sampler::new(gpu, &pool, u64::MAX)?;
        let mut plan = Plan::new();
        let mut batch = |plan: &Plan| {
            let began = Instant::now();
            gpu.collect(sampler.submit(plan)?, |_| ())?;
            Ok(began.elapsed().as_secs_f64())
        };
        plan.begin();
        plan.begin_tick();
        plan.finish();
        let mut trips = Vec::new();
        for _ in 0..TRIPS.0 + TRIPS.1 {
            trips.push(batch(&plan)?);
        }
        let counted = &mut trips[TRIPS.0..];
        counted.sort_by(f64::total_cmp);
        let round_trip_micros = counted[counted.len() / 2] * 1e6;

        let ticks = if gpu.is_software { TICKS.1 } else { TICKS.0 };
        plan_batch(&mut plan, ticks);
        let mut on_gpu = f64::INFINITY;
        for _ in 0..if gpu.is_software { 1 } else { BATCHES } {
            on_gpu = on_gpu.min(batch(&plan)?);
        }
        let on_cpu = (0..BATCHES).map(|_| render_batch(&pool, ticks)).fold(f64::INFINITY, f64::min);
        let frames = (VOICES * ticks * TICK) as f64;
        Ok(Self {
            name: gpu.name.clone(),
            api: gpu.api.clone(),
            is_software: gpu.is_software,
            round_trip_micros,
            gpu_nanos: on_gpu * 1e9 / frames,
            cpu_nanos: on_cpu * 1e9 / frames,
        })
    }

    /// Whether to render on the device.
    ///
    /// Realtime-safe: yes.
    pub fn is_faster(&self) -> bool {
        !self.is_software && self.gpu_nanos * MARGIN < self.cpu_nanos
    }
}

/// Filtered voices, each somewhere else and at its own pitch.
fn lanes() -> Vec<Lane> {
    let lane = |n: usize| {
        let region = Region {
            start: 1_000 + 613 * n as u32,
            end: SAMPLES - 1_000,
            loop_start: 0,
            loop_end: 0,
            loop_seam: 0,
            end_seam: 0,
            looping: Looping::Off,
            rate_hz: 48_000.0,
            root_key: 60.0,
            correction_cents: 0.0,
            peak: 1.0,
        };
        let mut lane = Lane::new(region);
        lane.set_step(0.5 + 0.005 * n as f64);
        lane.is_filtered = true;
        lane.set_resonance(30.0);
        lane.glide_filter(500.0 + 20.0 * n as f32, 48_000.0, TICK as f32, true);
        lane
    };
    (0..VOICES).map(lane).collect()
}

/// Sets a lane's course for a tick.
fn glide(lane: &mut Lane, tick: usize) {
    let level = 0.01 + 0.001 * (tick % 3) as f32;
    lane.glide_gains([level; BUSES], TICK as f32);
}

fn plan_batch(plan: &mut Plan, ticks: usize) {
    let mut lanes = lanes();
    plan.begin();
    for tick in 0..ticks {
        plan.begin_tick();
        for lane in &mut lanes {
            glide(lane, tick);
            plan.add(lane, 0, TICK);
        }
    }
    plan.finish();
}

/// Renders the batch on this core; returns the seconds it took.
fn render_batch(pool: &[f32], ticks: usize) -> f64 {
    let (mut lanes, mut buses, kernel) = (lanes(), Buses::new(), Kernel::best());
    let mut out = [0.0; TICK];
    let began = Instant::now();
    for tick in 0..ticks {
        for (number, members) in lanes.chunks_mut(LANES).enumerate() {
            let (mut group, mut courses) = (Group::EMPTY, [&Course::OPEN; LANES]);
            for (n, lane) in members.iter_mut().enumerate() {
                glide(lane, tick);
                if let Some(run) = lane.run(TICK) {
                    group.place(n, run);
                }
            }
            for (course, lane) in courses.iter_mut().zip(&*members) {
                *course = &lane.course;
            }
            let is_first = number == 0;
            let task =
                Task { first: 0, frames: TICK, is_filtered: true, is_gliding: false, is_first, buses: BUSES };
            kernel.render(&mut group, courses, pool, &mut buses, &task);
            for (n, lane) in members.iter_mut().enumerate() {
                (lane.course.state[0], lane.course.state[1]) = (group.state[0][n], group.state[1][n]);
                lane.advance(TICK);
            }
        }
        for bus in 0..BUSES {
            kernel.sum(&buses, bus, &mut out);
        }
        std::hint::black_box(&out);
    }
    began.elapsed().as_secs_f64()
}
