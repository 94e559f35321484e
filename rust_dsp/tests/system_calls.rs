//! The audio thread asks nothing of the kernel: it waits for no lock, wakes nobody, reads and writes nothing.
//!
//! A callback runs in a forked process whose every system call is caught by the kernel (seccomp) and counted, from a
//! random stream of events on. A lock that is free takes no system call, but one that has to be waited for, or that
//! somebody waits for, takes a futex.
#![cfg(all(target_os = "linux", target_pointer_width = "64"))]
// The helpers here are no tests to clippy, but serve them only.
#![allow(clippy::unwrap_used)]

mod bank;

use sideman_dsp::callback::{Callback, HostClock};
use sideman_dsp::event::Event;
use sideman_dsp::processor::Processor;
use sideman_dsp::ring::{event_ring, EventSender};
use sideman_dsp::seat::Seat;
use sideman_dsp::soundfont::font::SoundFont;
use sideman_dsp::soundfont::midi::MidiEvent;
use sideman_dsp::soundfont::parts::SoundChoice;
use sideman_dsp::soundfont::player::Player;
use sideman_dsp::soundfont::synth::SynthOptions;
use std::io::Write;
use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};
use std::sync::Arc;

const CALLBACKS: usize = 3_000;
/// What the child says where the kernel will not watch it.
const UNWATCHED: i32 = 99;

/// What the child leaves behind, in memory that both have.
#[derive(Default)]
struct Record {
    calls: AtomicU32,
    first: AtomicI32,
}

static mut RECORD: *const Record = std::ptr::null();

extern "C" fn note(_: libc::c_int, info: *mut libc::siginfo_t, _: *mut libc::c_void) {
    // The number of the call follows its address, for which siginfo_t has a pointer's place.
    // SAFETY: the kernel fills a SIGSYS's siginfo so; the record was mapped before the handler was set.
    unsafe {
        let number = *info.cast::<i32>().add(6);
        if (*RECORD).calls.fetch_add(1, Ordering::Relaxed) == 0 {
            (*RECORD).first.store(number, Ordering::Relaxed);
        }
    }
}

/// Catches every system call of this process from now on, but for its end and the return from a signal.
fn catch_all() -> bool {
    let jump = |number: libc::c_long| libc::sock_filter { code: 0x15, jt: 1, jf: 0, k: number as u32 };
    let end = |what: u32| libc::sock_filter { code: 0x06, jt: 0, jf: 0, k: what };
    let mut filter = [
        // The call's number comes first in what the filter sees.
        libc::sock_filter { code: 0x20, jt: 0, jf: 0, k: 0 },
        libc::sock_filter { jt: 2, ..jump(libc::SYS_exit_group) },
        jump(libc::SYS_rt_sigreturn),
        end(libc::SECCOMP_RET_TRAP),
        end(libc::SECCOMP_RET_ALLOW),
    ];
    let program = libc::sock_fprog { len: filter.len() as u16, filter: filter.as_mut_ptr() };
    // SAFETY: a handler with the signature that SA_SIGINFO asks for; the program lives until the kernel has copied it.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = note as *const () as usize;
        action.sa_flags = libc::SA_SIGINFO;
        libc::sigaction(libc::SIGSYS, &raw const action, std::ptr::null_mut()) == 0
            && libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
            && libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const program) == 0
    }
}

/// How many system calls some work takes, and the number of the first; `None` where nobody can tell.
fn system_calls(work: impl FnOnce()) -> Option<(u32, i32)> {
    let size = std::mem::size_of::<Record>();
    // SAFETY: new memory, zeroed, which both processes share; the child runs nothing but the work, which needs no
    // other thread, and ends without unwinding or freeing.
    unsafe {
        let (access, kind) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED | libc::MAP_ANONYMOUS);
        let shared = libc::mmap(std::ptr::null_mut(), size, access, kind, -1, 0);
        assert!(shared != libc::MAP_FAILED);
        let record = shared.cast::<Record>();
        match libc::fork() {
            0 => {
                RECORD = record;
                if !catch_all() {
                    libc::_exit(UNWATCHED);
                }
                work();
                libc::_exit(0);
            }
            child => {
                let mut status = 0;
                assert!(child > 0 && libc::waitpid(child, &raw mut status, 0) == child);
                let seen = ((*record).calls.load(Ordering::Relaxed), (*record).first.load(Ordering::Relaxed));
                libc::munmap(shared, size);
                if libc::WEXITSTATUS(status) == UNWATCHED {
                    let _ = writeln!(std::io::stderr(), "skipped: the kernel watches no system calls here");
                    return None;
                }
                assert!(libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0, "status {status}");
                Some(seen)
            }
        }
    }
}

struct Bytes(u32);

impl Bytes {
    fn next(&mut self) -> u8 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 24) as u8
    }
}

fn event(bytes: &mut Bytes, at_micros: i64) -> Event {
    // Notes, controllers, bends, parameters and instruments, sensible and senseless.
    let kind = [0, 1, 1, 1, 2, 2, 3, 4, 5, 6][usize::from(bytes.next() % 10)];
    let most = if kind == 5 { 12 } else { 130 };
    let value = f32::from(bytes.next()) / 127.0 - 1.0;
    let (a, b) = (bytes.next() % most, bytes.next() % 128);
    Event { at_micros, kind, part: bytes.next() % 7, a, b, value }
}

/// A live callback in its seat, as a device has it.
fn seat(has_soundfont: bool) -> (Arc<Seat>, EventSender) {
    let (sender, receiver) = event_ring();
    let mut processor = Processor::live(48_000, true, 128, receiver, Arc::default());
    if has_soundfont {
        let font = Arc::new(SoundFont::parse(&bank::sine().with(8, 9_000).bytes()).unwrap());
        processor.use_soundfont(&SoundChoice { font, presets: [Some((0, 0)); 6] });
    }
    let seat = Seat::new();
    seat.place(Box::new(Callback::new(processor, HostClock::new(0), 48_000)));
    (seat, sender)
}

#[test]
fn a_device_s_callback_makes_no_system_call() {
    for has_soundfont in [false, true] {
        let (seat, mut sender) = seat(has_soundfont);
        let mut out = vec![0.0; 2 * 256];
        let mut bytes = Bytes(5);
        let seen = system_calls(|| {
            for block in 0..CALLBACKS {
                for n in 0..12 {
                    sender.send(event(&mut bytes, block as i64 * 100 + n));
                }
                seat.set_leaving(block % 100 > 90);
                seat.pull(&mut out[..2 * (1 + block * 37 % 256)]);
            }
        });
        assert!(seen.is_none_or(|(calls, _)| calls == 0), "calls, and the first: {seen:?}");
    }
}

#[test]
fn the_soundfont_player_makes_no_system_call() {
    let font = Arc::new(SoundFont::parse(&bank::sine().with(8, 9_000).bytes()).unwrap());
    let mut player = Player::new(font, &SynthOptions { polyphony: 64, ..SynthOptions::default() }, true);
    let mut out = vec![0.0; 2 * 256];
    let mut bytes = Bytes(9);
    let seen = system_calls(|| {
        for _ in 0..CALLBACKS {
            for _ in 0..12 {
                let status = 0x80 + bytes.next() % 0x75;
                if let Some(event) = MidiEvent::from_bytes(status & 15, status, bytes.next(), bytes.next()) {
                    player.midi(event, usize::from(bytes.next()));
                }
            }
            player.process(&mut out);
        }
    });
    assert!(seen.is_none_or(|(calls, _)| calls == 0), "calls, and the first: {seen:?}");
}

#[test]
fn what_does_make_system_calls_is_caught() {
    let seen = system_calls(std::thread::yield_now);
    assert!(seen.is_none_or(|(calls, first)| calls == 1 && i64::from(first) == libc::SYS_sched_yield));
    // Somebody who rings another thread, as a condition variable does.
    let sleeper = std::thread::spawn(std::thread::park);
    std::thread::sleep(std::time::Duration::from_millis(50));
    let thread = sleeper.thread().clone();
    let seen = system_calls(|| thread.unpark());
    thread.unpark();
    sleeper.join().unwrap();
    assert!(seen.is_none_or(|(calls, first)| calls == 1 && i64::from(first) == libc::SYS_futex), "{seen:?}");
}
