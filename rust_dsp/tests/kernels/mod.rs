//! Oracles without training, and what they foresee, for tests.
#![allow(dead_code)]

use sideman_dsp::oracle::grid::Grid;
use sideman_dsp::oracle::kernel::Kernel;
use sideman_dsp::oracle::tables::Tables;
use sideman_dsp::oracle::token::{Row, CHORDS, WIDTH};
use std::sync::Arc;

pub fn untrained() -> Tables {
    match Tables::untrained(None) {
        Some(tables) => tables,
        None => panic!("without counts nothing can be wrong"),
    }
}

pub fn fresh(grid: Grid) -> Kernel {
    Kernel::new(grid, 4, Arc::new(untrained()))
}

pub fn foreseen(kernel: &mut Kernel, steps: usize) -> Vec<Row> {
    let mut rows = vec![[0.0; WIDTH]; steps];
    kernel.foresee(&mut rows);
    rows
}

pub fn likeliest(row: &Row) -> u8 {
    (1..CHORDS).fold(0, |best, token| if row[token] > row[best] { token } else { best }) as u8
}
