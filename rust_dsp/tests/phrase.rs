//! What holds for every phrase model: what it says depends on what it has heard, and on nothing else.

// As in the laws.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod checkpoint;

use checkpoint::Checkpoint;
use proptest::prelude::*;
use sideman_dsp::phrase::decoder::Decoder;
use sideman_dsp::phrase::model::Model;
use std::sync::Arc;

fn decoder(checkpoint: &Checkpoint) -> Decoder {
    Decoder::new(Arc::new(Model::parse(&checkpoint.config(), &checkpoint.weights()).unwrap()))
}

fn bits(decoder: &mut Decoder) -> Vec<u32> {
    decoder.logits().iter().map(|score| score.to_bits()).collect()
}

fn tokens(most: usize) -> impl Strategy<Value = Vec<u32>> {
    prop::collection::vec(0u32..24, 1..most)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn however_it_is_cut_a_prompt_gives_the_same_scores(
        prompt in tokens(40), cuts in prop::collection::vec(1usize..7, 40), affine: bool,
    ) {
        let mut whole = decoder(&Checkpoint { affine, ..Checkpoint::default() });
        let mut cut = whole.clone();
        whole.hear(&prompt).unwrap();
        let (mut rest, mut lengths) = (&prompt[..], cuts.iter());
        while !rest.is_empty() {
            let (first, more) = rest.split_at((*lengths.next().unwrap()).min(rest.len()));
            cut.hear(first).unwrap();
            rest = more;
        }
        prop_assert_eq!(bits(&mut whole), bits(&mut cut));
    }

    #[test]
    fn what_is_taken_back_was_never_heard(kept in tokens(20), lost in tokens(20), more in tokens(20)) {
        let mut straight = decoder(&Checkpoint::default());
        let mut corrected = straight.clone();
        straight.hear(&kept).unwrap();
        corrected.hear(&kept).unwrap();
        corrected.hear(&lost).unwrap();
        corrected.roll_back(kept.len());
        prop_assert_eq!(bits(&mut straight), bits(&mut corrected));
        straight.hear(&more).unwrap();
        corrected.hear(&more).unwrap();
        prop_assert_eq!(bits(&mut straight), bits(&mut corrected));
    }

    #[test]
    fn attuned_to_one_prompt_after_another_it_has_heard_the_last(prompts in prop::collection::vec(tokens(12), 1..6)) {
        let mut attuned = decoder(&Checkpoint::default());
        for prompt in &prompts {
            attuned.attune(prompt).unwrap();
        }
        let mut fresh = decoder(&Checkpoint::default());
        fresh.hear(prompts.last().unwrap()).unwrap();
        prop_assert_eq!(attuned.heard(), fresh.heard());
        prop_assert_eq!(bits(&mut attuned), bits(&mut fresh));
    }

    #[test]
    fn tokens_that_are_none_and_prompts_too_long_are_refused_and_change_nothing(
        kept in tokens(20), wrong in prop::collection::vec(any::<u32>(), 0..200),
    ) {
        let mut one = decoder(&Checkpoint::default());
        one.hear(&kept).unwrap();
        let before = bits(&mut one);
        let fits = wrong.iter().all(|&token| token < 24) && wrong.len() + kept.len() <= 64;
        prop_assert_eq!(one.hear(&wrong).is_ok(), fits);
        if !fits {
            prop_assert_eq!(bits(&mut one), before);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn flipped_bytes_are_a_model_or_an_error(
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        in_config: bool, in_header: bool, affine: bool, cut in any::<prop::sample::Index>(), is_cut: bool,
    ) {
        let checkpoint = Checkpoint { layers: 1, affine, ..Checkpoint::default() };
        let (mut config, mut weights) = (checkpoint.config(), checkpoint.weights());
        let bytes = if in_config { &mut config } else { &mut weights };
        let most = if in_header { 3_000.min(bytes.len()) } else { bytes.len() };
        for (place, byte) in flips {
            bytes[place.index(most)] = byte;
        }
        if is_cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        match Model::parse(&config, &weights) {
            Ok(model) => {
                let mut decoder = Decoder::new(Arc::new(model));
                decoder.hear(&[1, 2, 3]).ok();
                decoder.logits();
            }
            Err(error) => prop_assert!(error.starts_with("config.json") || error.starts_with("model.safetensors")),
        }
    }
}

#[test]
fn a_model_that_its_config_makes_huge_is_refused_before_memory_is_asked_for() {
    let checkpoint = Checkpoint::default();
    let huge = Checkpoint {
        hidden: 2_048,
        layers: 48,
        intermediate: 16_384,
        vocabulary: 65_536,
        ..Checkpoint::default()
    };
    let error = Model::parse(&huge.config(), &checkpoint.weights()).unwrap_err();
    assert!(error.contains("embed_tokens") && error.contains("[65536, 2048"), "{error}");
}

#[test]
fn weights_that_are_no_numbers_are_refused_by_name() {
    let checkpoint = Checkpoint::default();
    let mut weights = checkpoint.weights();
    let end = weights.len();
    weights[end - 4..].copy_from_slice(&f32::NAN.to_le_bytes());
    let error = Model::parse(&checkpoint.config(), &weights).unwrap_err();
    assert!(error.contains("model.norm.weight") && error.contains("beyond"), "{error}");
}
