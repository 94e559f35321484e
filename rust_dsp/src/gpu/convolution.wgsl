// Convolution by Fourier transforms, many blocks at once.
//
// `butterfly` is one stage of a self-sorting (Stockham) transform of radix two, for every block; a transform of 2^n
// points takes n stages from one buffer to the other and back. The twiddle factors come from the CPU, rounded once.
// `multiply` adds up, for each block and bin, the products of the blocks before it with the partitions of the impulse
// response.

const ROW = 32768u;

struct Settings {
    // Invocations that have something to do.
    count: u32,
    // Half the points of a transform.
    half: u32,
    // 1, 2, 4, ... from stage to stage.
    stride: u32,
    // 1 there, -1 back.
    direction: f32,
    partitions: u32,
    spare_0: u32,
    spare_1: u32,
    spare_2: u32,
}

@group(0) @binding(0) var<uniform> settings: Settings;
@group(0) @binding(1) var<storage, read> twiddles: array<vec2<f32>>;
@group(0) @binding(2) var<storage, read> points: array<vec2<f32>>;
@group(0) @binding(3) var<storage, read_write> results: array<vec2<f32>>;
@group(0) @binding(4) var<storage, read> impulse: array<vec2<f32>>;

fn product(a: vec2<f32>, b: vec2<f32>) -> vec2<f32> {
    return vec2<f32>(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x);
}

@compute @workgroup_size(64)
fn butterfly(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) i: u32) {
    let n = (group.y * ROW + group.x) * 64u + i;
    if n >= settings.count {
        return;
    }
    let j = n & (settings.half - 1u);
    let base = 2u * (n - j);
    let within = j & (settings.stride - 1u);
    let a = points[base + j];
    let b = points[base + j + settings.half];
    let twiddle = twiddles[j - within] * vec2<f32>(1.0, settings.direction);
    let at = base + 2u * j - within;
    results[at] = a + b;
    results[at + settings.stride] = product(a - b, twiddle);
}

@compute @workgroup_size(64)
fn multiply(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) i: u32) {
    let n = (group.y * ROW + group.x) * 64u + i;
    if n >= settings.count {
        return;
    }
    let size = 2u * settings.half;
    let bin = n & (size - 1u);
    var sum = vec2<f32>(0.0, 0.0);
    for (var p = 0u; p < settings.partitions; p++) {
        sum += product(points[n + (settings.partitions - 1u - p) * size], impulse[p * size + bin]);
    }
    results[n] = sum;
}
