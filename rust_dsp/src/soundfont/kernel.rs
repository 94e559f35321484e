//! Which code renders groups, chosen at run time.

use super::group::{Buses, Group, Task, LANES};
use super::lane::Course;
use super::voice::TICK;

/// Which code renders groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kernel {
    /// Plain code; what every other kernel must equal.
    Scalar,
    /// AVX2 and FMA.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// NEON.
    #[cfg(target_arch = "aarch64")]
    Neon,
}

impl Kernel {
    /// The best this processor has.
    ///
    /// Realtime-safe: yes.
    pub fn best() -> Self {
        #[cfg(target_arch = "x86_64")]
        if super::group_avx2::is_there() {
            return Self::Avx2;
        }
        #[cfg(target_arch = "aarch64")]
        return Self::Neon;
        #[cfg(not(target_arch = "aarch64"))]
        Self::Scalar
    }

    /// Loads a group and adds it to the buses.
    ///
    /// Realtime-safe: yes.
    #[inline]
    pub fn render(
        self,
        group: &mut Group,
        courses: [&Course; LANES],
        pool: &[f32],
        buses: &mut Buses,
        task: &Task,
    ) {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 if group.is_inside(pool.len()) && task.first + task.frames <= TICK => {
                // SAFETY: this kernel is only chosen where the processor has AVX2 and FMA; the rest was just checked.
                unsafe {
                    super::group_avx2::load(group, courses);
                    super::group_avx2::render(group, pool, buses, task);
                }
            }
            #[cfg(target_arch = "aarch64")]
            Self::Neon if group.is_inside(pool.len()) && task.first + task.frames <= TICK => {
                super::group_neon::load(group, courses);
                // SAFETY: what it asks for was just checked.
                unsafe { super::group_neon::render(group, pool, buses, task) };
            }
            _ => {
                group.load(courses);
                group.render(pool, buses, task);
            }
        }
    }

    /// Writes what a bus holds to `out`.
    ///
    /// Realtime-safe: yes.
    #[inline]
    pub fn sum(self, buses: &Buses, bus: usize, out: &mut [f32]) {
        match self {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: this kernel is only chosen where the processor has AVX2.
            Self::Avx2 => unsafe { super::group_avx2::sum(&buses.0[bus], out) },
            #[cfg(target_arch = "aarch64")]
            Self::Neon => super::group_neon::sum(&buses.0[bus], out),
            Self::Scalar => buses.sum(bus, out),
        }
    }
}
