//! What a processor was told and still holds, so that another one can take its place: settings, pedals, held keys.

use crate::event::{Event, Kind, PART_COUNT};
use crate::param::PARAMETER_COUNT;

/// Controllers a part has.
const CONTROLLERS: usize = 128;
/// Before everything: due at once.
const AT_ONCE: i64 = i64::MIN / 2;
/// The sustain and the sostenuto pedal: what a pedal alone holds ends with the old processor.
const PEDALS: [usize; 2] = [64, 66];

/// The drums: a stroke is over when it is heard, so none is struck again.
const DRUMS: usize = 1;

/// The memory of one part.
#[derive(Clone, Copy)]
struct PartRecall {
    instrument: Option<u8>,
    bend: f32,
    controllers: [Option<u8>; CONTROLLERS],
    /// The velocity of each key that is down; 0 where it is not.
    keys: [u8; 128],
}

/// The memory.
pub struct Recall {
    parameters: [Option<f32>; PARAMETER_COUNT],
    parts: [PartRecall; PART_COUNT],
}

impl Recall {
    /// Nothing was told yet.
    ///
    /// Realtime-safe: yes.
    pub fn new() -> Self {
        let part =
            PartRecall { instrument: None, bend: 0.0, controllers: [None; CONTROLLERS], keys: [0; 128] };
        Self { parameters: [None; PARAMETER_COUNT], parts: [part; PART_COUNT] }
    }

    /// An event is carried out.
    ///
    /// Realtime-safe: yes.
    pub fn remember(&mut self, event: &Event) {
        let a = usize::from(event.a);
        match Kind::from_u8(event.kind) {
            Some(Kind::Parameter) if a < PARAMETER_COUNT => self.parameters[a] = Some(event.value),
            Some(Kind::Panic) => self.release_all(),
            Some(Kind::NoteOn) if usize::from(event.part) == DRUMS => {}
            Some(kind) => {
                if let Some(part) = self.parts.get_mut(usize::from(event.part)).filter(|_| a < 128) {
                    part.remember(kind, a, event);
                }
            }
            None => {}
        }
    }

    /// All keys are up, and all pedals.
    ///
    /// Realtime-safe: yes.
    pub fn release_all(&mut self) {
        for part in &mut self.parts {
            part.keys = [0; 128];
            for pedal in PEDALS {
                part.controllers[pedal] = None;
            }
        }
    }

    /// Everything as events that are due at once: settings first, then pedals, then keys.
    ///
    /// Realtime-safe: no (allocates).
    pub fn events(&self) -> Vec<Event> {
        let mut events = Vec::new();
        for (id, value) in self.parameters.iter().enumerate() {
            events.extend(value.map(|value| Event::parameter(AT_ONCE, id as u8, value)));
        }
        for (number, part) in self.parts.iter().enumerate() {
            let number = number as u8;
            let new = |kind, a, b| Event::new(AT_ONCE, kind, number, a, b);
            events.extend(part.instrument.map(|instrument| new(Kind::Instrument, instrument, 0)));
            if part.bend != 0.0 {
                events.push(Event { value: part.bend, ..new(Kind::PitchBend, 0, 0) });
            }
            let controllers = part.controllers.iter().enumerate();
            events
                .extend(controllers.filter_map(|(cc, value)| value.map(|v| new(Kind::Control, cc as u8, v))));
            let keys = part.keys.iter().enumerate().filter(|(_, &velocity)| velocity > 0);
            events.extend(keys.map(|(key, &velocity)| new(Kind::NoteOn, key as u8, velocity)));
        }
        events
    }
}

impl PartRecall {
    fn remember(&mut self, kind: Kind, a: usize, event: &Event) {
        match kind {
            Kind::NoteOn => self.keys[a] = event.b,
            Kind::NoteOff => self.keys[a] = 0,
            Kind::Instrument => self.instrument = Some(event.a),
            Kind::PitchBend if event.value.is_finite() => self.bend = event.value,
            Kind::Control => match event.a {
                120 | 123 => self.keys = [0; 128],
                121 => {
                    self.bend = 0.0;
                    // Volume is no controller that a reset moves; which others it moves, the strip knows.
                    let volume = self.controllers[7];
                    self.controllers = [None; CONTROLLERS];
                    self.controllers[7] = volume;
                }
                0..=119 => self.controllers[a] = Some(event.b),
                _ => {}
            },
            _ => {}
        }
    }
}

impl Default for Recall {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn event() -> impl Strategy<Value = Event> {
        (0u8..8, 0u8..8, any::<u8>(), any::<u8>(), -2.0f32..2.0).prop_map(|(kind, part, a, b, value)| Event {
            at_micros: 0,
            kind,
            part,
            a,
            b,
            value,
        })
    }

    proptest! {
        #[test]
        fn who_is_told_what_is_recalled_recalls_the_same(events in prop::collection::vec(event(), 0..300)) {
            let (mut told, mut retold) = (Recall::new(), Recall::new());
            for event in &events {
                told.remember(event);
            }
            let recalled = told.events();
            for event in &recalled {
                retold.remember(event);
            }
            prop_assert_eq!(retold.events(), recalled);
        }

        #[test]
        fn after_every_key_is_up_none_is_struck_again(events in prop::collection::vec(event(), 0..300)) {
            let mut recall = Recall::new();
            for event in &events {
                recall.remember(event);
            }
            for part in 0..PART_COUNT as u8 {
                for pitch in 0..128 {
                    recall.remember(&Event::note_off(0, part, pitch));
                }
            }
            prop_assert!(recall.events().iter().all(|event| event.kind != Kind::NoteOn as u8));
        }
    }

    #[test]
    fn held_keys_are_struck_again_after_their_settings_and_drums_are_not() {
        let mut recall = Recall::new();
        recall.remember(&Event::note_on(5, 3, 60, 90));
        recall.remember(&Event::note_on(5, 1, 49, 127));
        recall.remember(&Event::new(6, Kind::Instrument, 3, 5, 0));
        recall.remember(&Event::control(7, 3, 64, 127));
        let kinds: Vec<u8> = recall.events().iter().map(|event| event.kind).collect();
        assert_eq!(kinds, [Kind::Instrument, Kind::Control, Kind::NoteOn].map(|kind| kind as u8));
        assert!(recall.events().iter().all(|event| event.at_micros < 0));
    }
}
