// Decaying sines in closed form: any frame of any note at once.
//
// Phase is counted in 2⁻⁶⁴ turns, so that a note is in tune and in phase after minutes as after a millisecond. The
// sine and the power of two are polynomials of our own, good to some 2⁻²² in the worst place on any device.

const ROW = 32768u;
const TICK = 64u;

struct Mode {
    // Turns a frame: the first 32 bits after the point, and the next.
    step_high: u32,
    step_low: u32,
    // Turns at the first frame.
    phase: u32,
    gain: f32,
    // Powers of two lost a frame.
    fall: f32,
    spare_0: u32,
    spare_1: u32,
    spare_2: u32,
}

struct Ring {
    first_frame: u32,
    frames: u32,
    first_mode: u32,
    modes: u32,
    left: f32,
    right: f32,
    spare_0: u32,
    spare_1: u32,
}

struct Settings {
    ticks: u32,
    spare_0: u32,
    spare_1: u32,
    spare_2: u32,
}

@group(0) @binding(0) var<uniform> settings: Settings;
@group(0) @binding(1) var<storage, read> rings: array<Ring>;
@group(0) @binding(2) var<storage, read> modes: array<Mode>;
// For each tick and one more, the first of `sounding`; the rings that sound in each tick, one tick after the other.
@group(0) @binding(3) var<storage, read> ticks: array<u32>;
@group(0) @binding(4) var<storage, read> sounding: array<u32>;
@group(0) @binding(5) var<storage, read_write> results: array<vec2<f32>>;

// The upper 32 bits of a product.
fn product_high(a: u32, b: u32) -> u32 {
    let a0 = a & 0xffffu;
    let a1 = a >> 16u;
    let b0 = b & 0xffffu;
    let b1 = b >> 16u;
    let low = a0 * b0;
    let middle = a1 * b0 + (low >> 16u);
    let other = a0 * b1 + (middle & 0xffffu);
    return a1 * b1 + (middle >> 16u) + (other >> 16u);
}

// The sine of so many turns over 2³².
fn sine(phase: u32) -> f32 {
    // Mirrored into the half turn around nought, still in integers.
    var folded = bitcast<i32>(phase);
    if ((phase + 0x40000000u) & 0x80000000u) != 0u {
        folded = bitcast<i32>(0x80000000u - phase);
    }
    let t = f32(folded) * (1.0 / 2147483648.0);
    let q = t * t;
    // Taylor's terms of sin(πt); the first one left out is 7e-10 at a quarter turn.
    return t * (3.14159265358979
        + q * (-5.16771278004997
        + q * (2.55016403987735
        + q * (-0.599264529320792
        + q * (0.0821458866111282
        + q * (-0.00737043094571435
        + q * 0.000466302805767613))))));
}

// Two to the power of x, which is nought or less.
fn power_of_two(x: f32) -> f32 {
    let bounded = max(x, -125.0);
    let whole = floor(bounded + 0.5);
    let t = (bounded - whole) * 0.693147180559945;
    // Taylor's terms of eᵗ for |t| ≤ 0.35; the first one left out is 5e-9.
    let mantissa = 1.0 + t * (1.0 + t * (0.5 + t * (0.166666666666667 + t * (0.0416666666666667
        + t * (0.00833333333333333 + t * (0.00138888888888889 + t * 0.000198412698412698))))));
    return mantissa * bitcast<f32>(u32(i32(whole) + 127) << 23u);
}

@compute @workgroup_size(64)
fn render_modes(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) i: u32) {
    let tick = group.y * ROW + group.x;
    if tick >= settings.ticks {
        return;
    }
    let frame = tick * TICK + i;
    var sum = vec2<f32>(0.0, 0.0);
    for (var k = ticks[tick]; k < ticks[tick + 1u]; k++) {
        let ring = rings[sounding[k]];
        let n = frame - ring.first_frame;
        // Before its first frame the difference wraps round to something large.
        if n < ring.frames {
            var mono = 0.0;
            for (var m = ring.first_mode; m < ring.first_mode + ring.modes; m++) {
                let mode = modes[m];
                let phase = mode.phase + mode.step_high * n + product_high(mode.step_low, n);
                mono += mode.gain * power_of_two(-mode.fall * f32(n)) * sine(phase);
            }
            sum += mono * vec2<f32>(ring.left, ring.right);
        }
    }
    results[frame] = sum;
}
