//! The present value of every parameter.

use crate::param::{declaration, global_id, part_id, GlobalParameter, PartParameter, PARAMETER_COUNT};

/// The present value of every parameter, each within its range.
#[derive(Clone, Copy, Debug)]
pub struct ParameterValues([f32; PARAMETER_COUNT]);

impl Default for ParameterValues {
    fn default() -> Self {
        let mut values = [0.0; PARAMETER_COUNT];
        for (id, value) in values.iter_mut().enumerate() {
            *value = declaration(id).map_or(0.0, |(_, default)| default);
        }
        Self(values)
    }
}

impl ParameterValues {
    /// Sets a value, clamped to its range; false where there is no such parameter or the value is no number.
    ///
    /// Realtime-safe: yes.
    pub fn set(&mut self, id: usize, value: f32) -> bool {
        match declaration(id) {
            Some((declared, _)) if value.is_finite() => {
                self.0[id] = value.clamp(declared.min, declared.max);
                true
            }
            _ => false,
        }
    }

    /// A part's value.
    ///
    /// Realtime-safe: yes.
    pub fn part(&self, part: usize, parameter: PartParameter) -> f32 {
        self.0[part_id(part, parameter)]
    }

    /// A value of the whole.
    ///
    /// Realtime-safe: yes.
    pub fn global(&self, parameter: GlobalParameter) -> f32 {
        self.0[global_id(parameter)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_clamped_and_nonsense_is_refused() {
        let mut values = ParameterValues::default();
        assert!(values.set(0, 99.0));
        assert_eq!(values.part(0, PartParameter::Level), 12.0);
        assert!(!values.set(0, f32::NAN));
        assert!(!values.set(PARAMETER_COUNT, 0.0));
    }
}
