//! Every shader is valid, and translates to Metal's shading language; no GPU is needed to know that.

// The helpers here are no tests to clippy, but serve them only.
#![allow(clippy::unwrap_used)]

use naga::back::msl;
use naga::valid::{Capabilities, ValidationFlags, Validator};
use std::path::Path;

/// The most buffers of shaders that every device has (WebGPU's default limit).
const MOST_BUFFERS: usize = 8;

fn shaders() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/gpu");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let shaders = files.filter(|path| path.extension().is_some_and(|extension| extension == "wgsl"));
    shaders.map(|path| (path.display().to_string(), std::fs::read_to_string(path).unwrap())).collect()
}

/// Where each resource goes, as on a real device: a buffer of its own.
fn bindings(module: &naga::Module) -> msl::EntryPointResources {
    let bound =
        module.global_variables.iter().filter_map(|(_, variable)| variable.binding.map(|at| (at, variable)));
    let target = |(at, variable): (naga::ResourceBinding, &naga::GlobalVariable)| {
        let mutable = matches!(variable.space, naga::AddressSpace::Storage { access } if access.contains(naga::StorageAccess::STORE));
        (at, msl::BindTarget { buffer: Some(at.binding as u8), mutable, ..msl::BindTarget::default() })
    };
    msl::EntryPointResources {
        resources: bound.map(target).collect(),
        sizes_buffer: Some(30),
        ..msl::EntryPointResources::default()
    }
}

#[test]
fn every_shader_is_valid_and_translates_to_metal() {
    let shaders = shaders();
    assert!(!shaders.is_empty());
    for (path, source) in shaders {
        let module = naga::front::wgsl::parse_str(&source)
            .unwrap_or_else(|error| panic!("{path}: {}", error.emit_to_string(&source)));
        let mut validator = Validator::new(ValidationFlags::all(), Capabilities::empty());
        let info = validator.validate(&module).unwrap_or_else(|error| panic!("{path}: {error:?}"));
        let entries = module.entry_points.iter().map(|entry| (entry.name.clone(), bindings(&module)));
        let options = msl::Options {
            lang_version: (2, 1),
            per_entry_point_map: entries.collect(),
            fake_missing_bindings: false,
            ..msl::Options::default()
        };
        let (metal, translated) =
            msl::write_string(&module, &info, &options, &msl::PipelineOptions::default()).unwrap();
        for (entry, name) in module.entry_points.iter().zip(translated.entry_point_names) {
            let name = name.unwrap_or_else(|error| panic!("{path}: {}: {error}", entry.name));
            assert!(metal.contains(&format!("kernel void {name}(")), "{path}: {name}");
        }
    }
}

#[test]
fn no_entry_point_sees_more_buffers_than_every_device_has() {
    for (path, source) in shaders() {
        let module = naga::front::wgsl::parse_str(&source).unwrap();
        let mut validator = Validator::new(ValidationFlags::all(), Capabilities::empty());
        let info = validator.validate(&module).unwrap();
        for (n, entry) in module.entry_points.iter().enumerate() {
            let used = module.global_variables.iter().filter(|(handle, variable)| {
                matches!(variable.space, naga::AddressSpace::Storage { .. })
                    && !info.get_entry_point(n)[*handle].is_empty()
            });
            assert!(used.count() <= MOST_BUFFERS, "{path}: {}", entry.name);
        }
    }
}

#[test]
fn no_shader_trusts_the_devices_own_sine_or_power() {
    // WGSL allows a sine to be wrong by 2⁻¹¹, and an exponential by some last bits more the larger it is.
    for (path, source) in shaders() {
        let code: String = source.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        for call in ["sin(", "cos(", "tan(", "exp(", "exp2(", "pow(", "log(", "log2("] {
            let is_called = code
                .match_indices(call)
                .any(|(at, _)| !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_'));
            assert!(!is_called, "{path} calls {call}");
        }
    }
}
