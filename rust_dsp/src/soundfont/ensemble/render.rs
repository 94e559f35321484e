//! How voices are rendered: up to a frame, eight at a time, those with filters apart.

use super::super::group::{Group, Task, LANES};
use super::super::lane::{Course, Run};
use super::Ensemble;

impl Ensemble {
    /// Renders those in `moving` up to a frame, eight at a time.
    pub(super) fn render_moving(&mut self, pool: &[f32], upto: usize) {
        if self.plan.is_some() {
            self.plan_moving(upto);
            return;
        }
        let mut start = 0;
        // Nearly always they are all at the same frame, and one turn does it.
        while start < upto {
            let mut next = upto;
            self.filtered.clear();
            self.open.clear();
            for &index in &self.moving {
                let voice = &mut self.voices[index as usize];
                if voice.rendered == start && !voice.is_over() {
                    voice.ran(upto - start);
                    let list = if voice.lane.is_filtered { &mut self.filtered } else { &mut self.open };
                    list.push(index);
                } else if voice.rendered > start {
                    next = next.min(voice.rendered);
                }
            }
            self.render_lists(pool, start, upto);
            start = next;
        }
    }

    /// Writes those in `moving` down, up to a frame.
    fn plan_moving(&mut self, upto: usize) {
        let Some(plan) = &mut self.plan else {
            return;
        };
        for &index in &self.moving {
            let voice = &mut self.voices[index as usize];
            let start = voice.rendered;
            if start < upto && !voice.is_over() {
                voice.ran(upto - start);
                if !plan.add(&mut voice.lane, start, upto - start) {
                    voice.end();
                }
            }
        }
    }

    fn render_lists(&mut self, pool: &[f32], start: usize, upto: usize) {
        let (filtered, open) = (std::mem::take(&mut self.filtered), std::mem::take(&mut self.open));
        let rest = filtered.len() % LANES;
        let extra = open.len() % LANES;
        // A filter can be open: two groups that are not full may make one.
        let mixed = if rest > 0 && rest + extra <= LANES { extra } else { 0 };
        let (alone, beside) = open.split_at(open.len() - mixed);
        let mut chunks = filtered.chunks(LANES).peekable();
        while let Some(chunk) = chunks.next() {
            let mut members = [0; LANES];
            members[..chunk.len()].copy_from_slice(chunk);
            let mut count = chunk.len();
            if chunks.peek().is_none() {
                members[count..count + mixed].copy_from_slice(beside);
                count += mixed;
            }
            self.render_members(&members[..count], true, pool, (start, upto));
        }
        for chunk in alone.chunks(LANES) {
            self.render_members(chunk, false, pool, (start, upto));
        }
        (self.filtered, self.open) = (filtered, open);
    }

    fn render_members(&mut self, members: &[u32], is_filtered: bool, pool: &[f32], range: (usize, usize)) {
        let (mut done, upto) = range;
        let most = |&member: &u32| self.voices[member as usize].lane.most_frames(upto - done);
        let most = members.iter().map(most).min().unwrap_or(1);
        while done < upto {
            let frames = most.min(upto - done);
            let mut group = Group::EMPTY;
            for (n, &member) in members.iter().enumerate() {
                let voice = &mut self.voices[member as usize];
                match voice.lane.run(frames).or((done > range.0).then_some(Run::SILENT)) {
                    Some(run) if !voice.is_over() => group.place(n, run),
                    _ => voice.end(),
                }
            }
            self.render_group(&mut group, members, is_filtered, pool, (done, frames));
            for (n, &member) in members.iter().enumerate() {
                let lane = &mut self.voices[member as usize].lane;
                if is_filtered {
                    (lane.course.state[0], lane.course.state[1]) = (group.state[0][n], group.state[1][n]);
                }
                lane.advance(frames);
                lane.prefetch(pool);
            }
            done += frames;
        }
    }

    fn render_group(
        &mut self,
        group: &mut Group,
        members: &[u32],
        is_filtered: bool,
        pool: &[f32],
        (first, frames): (usize, usize),
    ) {
        let mut courses = [&Course::OPEN; LANES];
        let (mut is_gliding, mut has_chorus) = (false, false);
        for (course, &member) in courses.iter_mut().zip(members) {
            let voice = &self.voices[member as usize];
            if !voice.is_over() {
                *course = &voice.lane.course;
                is_gliding |= course.filter_slopes != [0.0; 4];
                has_chorus |= course.gains[3] != 0.0 || course.slopes[3] != 0.0;
            }
        }
        let buses = if has_chorus { self.most_buses } else { self.most_buses.min(3) };
        let mut task = Task { first, frames, is_filtered, is_gliding, is_first: self.written == 0, buses };
        task.is_first &= first == 0 && frames == self.frames;
        if task.is_first {
            self.written = buses;
        } else if self.written < buses {
            self.buses.clear(self.written..buses, self.frames);
            self.written = buses;
        }
        self.kernel.render(group, courses, pool, &mut self.buses, &task);
    }
}
