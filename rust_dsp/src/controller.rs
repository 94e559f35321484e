//! The control side's half of the engine: sends events, remembers settings across restarts.

use crate::event::{Event, Kind, PART_COUNT};
use crate::meters::Meters;
use crate::param::PARAMETER_COUNT;
use crate::ring::EventSender;
use std::sync::Arc;

/// Controllers whose last value outlives a restart: modulation, volume, expression.
const KEPT_CONTROLLERS: [u8; 3] = [1, 7, 11];

/// Settings that outlive the processor they were sent to.
#[derive(Clone, Debug)]
struct Settings {
    parameters: [Option<f32>; PARAMETER_COUNT],
    instruments: [Option<u8>; PART_COUNT],
    controllers: [[Option<u8>; KEPT_CONTROLLERS.len()]; PART_COUNT],
}

/// Sends events to whichever processor runs.
pub struct Controller {
    sender: Option<EventSender>,
    meters: Arc<Meters>,
    settings: Settings,
}

impl Controller {
    /// A controller without a processor.
    ///
    /// Realtime-safe: no (allocates).
    pub fn new() -> Self {
        Self {
            sender: None,
            meters: Arc::default(),
            settings: Settings {
                parameters: [None; PARAMETER_COUNT],
                instruments: [None; PART_COUNT],
                controllers: [[None; KEPT_CONTROLLERS.len()]; PART_COUNT],
            },
        }
    }

    /// Connects to a new processor and sends it every setting that was made.
    ///
    /// Realtime-safe: no (frees the old ring).
    pub fn connect(&mut self, mut sender: EventSender, meters: Arc<Meters>) {
        for event in self.settings.events() {
            sender.send(event);
        }
        self.sender = Some(sender);
        self.meters = meters;
    }

    /// Lets go of the processor.
    ///
    /// Realtime-safe: no (frees the ring).
    pub fn disconnect(&mut self) {
        self.sender = None;
    }

    /// What the processor publishes.
    ///
    /// Realtime-safe: yes.
    pub fn meters(&self) -> &Arc<Meters> {
        &self.meters
    }

    /// Sends an event; false when there was no room, or no processor and the event is no setting.
    ///
    /// Realtime-safe: yes.
    pub fn send(&mut self, event: Event) -> bool {
        let is_setting = self.settings.remember(&event);
        match &mut self.sender {
            Some(sender) => {
                let is_sent = sender.send(event);
                if !is_sent {
                    self.meters.dropped.add(1);
                }
                is_sent
            }
            None => is_setting,
        }
    }
}

impl Default for Controller {
    fn default() -> Self {
        Self::new()
    }
}

impl Settings {
    fn remember(&mut self, event: &Event) -> bool {
        let (part, a) = (usize::from(event.part), usize::from(event.a));
        match Kind::from_u8(event.kind) {
            Some(Kind::Parameter) if a < PARAMETER_COUNT => self.parameters[a] = Some(event.value),
            Some(Kind::Instrument) if part < PART_COUNT => self.instruments[part] = Some(event.a),
            Some(Kind::Control) if part < PART_COUNT => {
                let Some(place) = KEPT_CONTROLLERS.iter().position(|&cc| cc == event.a) else {
                    return false;
                };
                self.controllers[part][place] = Some(event.b);
            }
            _ => return false,
        }
        true
    }

    /// The settings as events at the beginning of time, so they are due at once.
    fn events(&self) -> Vec<Event> {
        let mut events = Vec::new();
        for (id, value) in self.parameters.iter().enumerate() {
            events.extend(value.map(|value| Event::parameter(i64::MIN / 2, id as u8, value)));
        }
        for part in 0..PART_COUNT {
            let number = part as u8;
            events.extend(
                self.instruments[part]
                    .map(|instrument| Event::new(i64::MIN / 2, Kind::Instrument, number, instrument, 0)),
            );
            for (place, value) in self.controllers[part].iter().enumerate() {
                let controller = KEPT_CONTROLLERS[place];
                events.extend(value.map(|value| Event::control(i64::MIN / 2, number, controller, value)));
            }
        }
        events
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ring::event_ring;

    #[test]
    fn settings_made_before_the_start_reach_the_processor() {
        let mut controller = Controller::new();
        assert!(controller.send(Event::parameter(0, 3, 1.0)));
        assert!(controller.send(Event::control(0, 2, 7, 90)));
        assert!(!controller.send(Event::note_on(0, 0, 60, 100)));
        let (sender, mut receiver) = event_ring();
        controller.connect(sender, Arc::default());
        let received: Vec<u8> = std::iter::from_fn(|| receiver.receive()).map(|e| e.kind).collect();
        assert_eq!(received, [Kind::Parameter as u8, Kind::Control as u8]);
    }
}
