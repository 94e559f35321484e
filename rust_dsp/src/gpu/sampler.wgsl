// The SoundFont player's voices, parallel over time as well as over voices.
//
// A segment is a stretch of one voice within one tick of 64 frames. `interpolate` looks up every frame of every segment
// at once. A filter is a linear map of its two integrators and its input, so `fold` makes one map of each segment's
// frames, `carry` runs along each voice's chain of maps to find the integrators at every segment's start, and `filter`
// works from there. `mix` adds up what sounds in each frame, always in the same order.

const NONE = 0xffffffffu;
const ROW = 32768u;
const TICK = 64u;
const FRACTION_BITS = 23u;

struct Settings {
    segments: u32,
    links: u32,
    chains: u32,
    ticks: u32,
    pool_length: u32,
    piece_bits: u32,
    is_packed: u32,
    spare: u32,
}

struct Segment {
    base: u32,
    fraction: u32,
    step: u32,
    first: u32,
    count: u32,
    offset: u32,
    link: u32,
    chain: u32,
    gains: vec4<f32>,
    slopes: vec4<f32>,
    filter_now: vec4<f32>,
    filter_slopes: vec4<f32>,
    state: vec4<f32>,
}

// The integrators after a segment are `turn` times those before it, plus `push`. Once `carry` was here, `push` holds
// those before it.
struct Fold {
    turn: vec4<f32>,
    push: vec2<f32>,
}

struct Chain {
    first: u32,
    count: u32,
    origin: u32,
}

@group(0) @binding(0) var<uniform> settings: Settings;
@group(0) @binding(1) var<storage, read> segments: array<Segment>;
@group(0) @binding(2) var<storage, read> pool_0: array<u32>;
@group(0) @binding(3) var<storage, read> pool_1: array<u32>;
@group(0) @binding(4) var<storage, read> pool_2: array<u32>;
@group(0) @binding(5) var<storage, read> pool_3: array<u32>;
@group(0) @binding(6) var<storage, read_write> sound: array<f32>;
@group(0) @binding(7) var<storage, read> links: array<u32>;
@group(0) @binding(8) var<storage, read_write> folds: array<Fold>;
@group(0) @binding(9) var<storage, read> chains: array<Chain>;
@group(0) @binding(10) var<storage, read> states_before: array<vec2<f32>>;
@group(0) @binding(11) var<storage, read_write> states_after: array<vec2<f32>>;
@group(0) @binding(12) var<storage, read> ticks: array<u32>;
@group(0) @binding(13) var<storage, read_write> buses: array<f32>;

fn word(n: u32) -> u32 {
    let within = n & ((1u << settings.piece_bits) - 1u);
    switch n >> settings.piece_bits {
        case 0u: { return pool_0[within]; }
        case 1u: { return pool_1[within]; }
        case 2u: { return pool_2[within]; }
        default: { return pool_3[within]; }
    }
}

fn point(n: u32) -> f32 {
    if settings.is_packed == 0u {
        return bitcast<f32>(word(n));
    }
    let pair = bitcast<i32>(word(n >> 1u));
    return f32(extractBits(pair, (n & 1u) * 16u, 16u)) * (1.0 / 32768.0);
}

// Four-point Hermite interpolation, third order. One workgroup a segment, one invocation a frame.
@compute @workgroup_size(64)
fn interpolate(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) i: u32) {
    let n = group.y * ROW + group.x;
    if n >= settings.segments || i >= segments[n].count {
        return;
    }
    let place = segments[n].fraction + segments[n].step * i;
    let at = segments[n].base + (place >> FRACTION_BITS);
    var y = 0.0;
    if at >= 1u && at + 2u < settings.pool_length {
        let t = f32(place & ((1u << FRACTION_BITS) - 1u)) * (1.0 / f32(1u << FRACTION_BITS));
        let before = point(at - 1u);
        let here = point(at);
        let next = point(at + 1u);
        let after = point(at + 2u);
        let slope = 0.5 * (next - before);
        let bend = before - 2.5 * here + 2.0 * next - 0.5 * after;
        let twist = 0.5 * (after - before) + 1.5 * (here - next);
        y = ((twist * t + bend) * t + slope) * t + here;
    }
    sound[segments[n].offset + i] = y;
}

// One frame of the low-pass filter, which is m, k, q and what goes past it: the integrators after it, and what is heard.
fn turn(state: vec2<f32>, x: f32, c: vec4<f32>) -> vec3<f32> {
    let over = x - state.y;
    let next = (state.y + c.y * state.x) + c.z * over;
    return vec3<f32>(c.x * state.x + c.y * over, next, c.w * x + 0.5 * (state.y + next));
}

@compute @workgroup_size(64)
fn fold(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) i: u32) {
    let n = (group.y * ROW + group.x) * 64u + i;
    if n >= settings.links {
        return;
    }
    let segment = segments[links[n]];
    var c = segment.filter_now;
    var first = vec2<f32>(1.0, 0.0);
    var second = vec2<f32>(0.0, 1.0);
    var push = vec2<f32>(0.0, 0.0);
    for (var k = 0u; k < segment.count; k++) {
        first = turn(first, 0.0, c).xy;
        second = turn(second, 0.0, c).xy;
        push = turn(push, sound[segment.offset + k], c).xy;
        c += segment.filter_slopes;
    }
    folds[n] = Fold(vec4<f32>(first, second), push);
}

@compute @workgroup_size(64)
fn carry(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) i: u32) {
    let n = (group.y * ROW + group.x) * 64u + i;
    if n >= settings.chains {
        return;
    }
    let chain = chains[n];
    var state = vec2<f32>(0.0, 0.0);
    if chain.origin != NONE {
        state = states_before[chain.origin];
    }
    for (var k = chain.first; k < chain.first + chain.count; k++) {
        let fold = folds[k];
        folds[k].push = state;
        state = fold.turn.xy * state.x + fold.turn.zw * state.y + fold.push;
    }
    states_after[n] = state;
}

@compute @workgroup_size(64)
fn filter_segments(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) i: u32) {
    let n = (group.y * ROW + group.x) * 64u + i;
    if n >= settings.links {
        return;
    }
    let segment = segments[links[n]];
    var c = segment.filter_now;
    var state = folds[n].push;
    for (var k = 0u; k < segment.count; k++) {
        let now = turn(state, sound[segment.offset + k], c);
        sound[segment.offset + k] = now.z;
        state = now.xy;
        c += segment.filter_slopes;
    }
}

// One workgroup a tick, one invocation a frame.
@compute @workgroup_size(64)
fn mix_tick(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) i: u32) {
    let tick = group.y * ROW + group.x;
    if tick >= settings.ticks {
        return;
    }
    var sum = vec4<f32>(0.0, 0.0, 0.0, 0.0);
    for (var n = ticks[tick]; n < ticks[tick + 1u]; n++) {
        let k = i - segments[n].first;
        // Before its first frame the difference wraps round to something large.
        if k < segments[n].count {
            let gains = segments[n].gains + segments[n].slopes * f32(k + 1u);
            sum += gains * sound[segments[n].offset + k];
        }
    }
    let frames = settings.ticks * TICK;
    let frame = tick * TICK + i;
    for (var bus = 0u; bus < 4u; bus++) {
        buses[bus * frames + frame] = sum[bus];
    }
}
