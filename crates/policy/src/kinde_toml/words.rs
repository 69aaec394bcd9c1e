//! Suggestions for misspelled words.

/// Joins words for a sentence, in backticks.
pub fn listed(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// Finds the word with the fewest edits from `written`, if these are at most a third of its length.
pub fn closest<'a>(written: &str, words: &[&'a str]) -> Option<&'a str> {
    let close_enough = written.len().div_ceil(3);
    words
        .iter()
        .map(|word| (strsim::damerau_levenshtein(written, word), *word))
        .filter(|(distance, _)| *distance <= close_enough)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}
