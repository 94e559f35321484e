//! The likeliest chord of a distribution over tokens, whatever its shade.

/// The most groups there may be.
pub const MOST_GROUPS: usize = 64;

/// The mass of the likeliest group of tokens, and its likeliest token; `group_of` has each token's group.
pub fn likeliest(row: &[f64], group_of: &[u8]) -> (f64, usize) {
    let mut masses = [0.0; MOST_GROUPS];
    for (mass, &group) in row.iter().zip(group_of) {
        masses[usize::from(group) % MOST_GROUPS] += mass;
    }
    let group = first_highest(masses.iter().copied());
    let of_group =
        row.iter().zip(group_of).map(|(&mass, &its)| if usize::from(its) == group { mass } else { -1.0 });
    (masses[group], first_highest(of_group))
}

fn first_highest(numbers: impl Iterator<Item = f64>) -> usize {
    let highest = numbers.enumerate().reduce(|best, next| if next.1 > best.1 { next } else { best });
    highest.map_or(0, |(place, _)| place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_group_wins_and_then_its_best() {
        assert_eq!(likeliest(&[0.4, 0.3, 0.25], &[0, 1, 1]), (0.55, 1));
        assert_eq!(likeliest(&[0.0, 0.0], &[0, 1]), (0.0, 0));
    }
}
