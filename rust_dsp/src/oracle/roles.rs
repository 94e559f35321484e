//! What a chord would be if it came now: how it is reached, what it is in the key, how many chords ago it was the last
//! time, and where in the phrase this is.

use super::context::{Context, CHORDS_KEPT};
use super::token::{family, seen_from, CHORDS, FAMILIES, SILENCE};

/// Kinds of roles.
pub const ROLES: usize = 4;
/// Bars of a phrase, as far as roles tell.
const PHRASE: u32 = 8;
/// Where the classes of each kind begin.
const FIRST: [usize; ROLES] = [0, CHORDS, 3 * CHORDS, 3 * CHORDS + CHORDS_KEPT + 1];
/// Classes of all kinds.
pub const CLASSES: usize = FIRST[ROLES - 1] + PHRASE as usize * (FAMILIES + 1);

/// A chord's class in each kind.
pub type Roles = [u16; ROLES];

/// The roles of `token`, were it next.
///
/// Realtime-safe: yes.
#[inline]
pub fn roles(context: &Context, key: u8, token: u8) -> Roles {
    let in_key = usize::from(seen_from(token, key % 12)) + usize::from(key / 12) * CHORDS;
    let back = context.recent[1..].iter().position(|&(other, _)| other == token).map_or(0, |at| at + 1);
    let again = if context.recent[0].0 == token { CHORDS_KEPT } else { back };
    let bar = (context.bar % PHRASE) as usize * (FAMILIES + 1);
    let kind = usize::from(family(token.min(SILENCE)));
    let classes = [usize::from(seen_from(token, context.root())), in_key, again, bar + kind];
    std::array::from_fn(|at| (FIRST[at] + classes[at]) as u16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::profile::Profile;
    use crate::oracle::token::transposed;

    #[test]
    fn roles_are_the_same_in_every_key() {
        let profile = Profile::plain();
        let song = [0u8, 35, 49, 1, 0, 35];
        let all = |by: u8| -> Vec<Roles> {
            let mut context = Context::new(4);
            for token in song {
                context.observe(transposed(token, by), &profile);
            }
            (0..CHORDS as u8).map(|token| roles(&context, by, transposed(token, by))).collect()
        };
        let here = all(0);
        assert!((1..12).all(|by| all(by) == here));
        assert!(here.iter().flatten().all(|&class| usize::from(class) < CLASSES));
        // The chord before the last came one ago, the last would come again, and what was never heard is like no other.
        let first = |token: usize| usize::from(here[token][2]) - FIRST[2];
        assert_eq!((first(0), first(35), first(7)), (1, CHORDS_KEPT, 0));
    }
}
