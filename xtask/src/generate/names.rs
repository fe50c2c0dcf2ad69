//! Kafka's names in Rust's case.

/// `TopicId` as `topic_id`; `ISRWithEpochs` as `isr_with_epochs`.
pub(super) fn snake(name: &str) -> String {
    let characters: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (index, character) in characters.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|it| characters.get(it));
        let after = characters.get(index + 1);
        let starts_word = character.is_ascii_uppercase()
            && before.is_some_and(|before| {
                !before.is_ascii_uppercase() || after.is_some_and(char::is_ascii_lowercase)
            });
        if starts_word {
            out.push('_');
        }
        out.push(character.to_ascii_lowercase());
    }
    match out.as_str() {
        "type" | "match" => format!("r#{out}"),
        _ => out,
    }
}

/// `topic_id` and `topicId` as `TopicId`.
pub(super) fn variant(name: &str) -> String {
    let mut characters = name.chars();
    characters
        .next()
        .map(|it| it.to_ascii_uppercase())
        .into_iter()
        .chain(characters)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_snake_case() {
        for (name, expected) in [
            ("TopicId", "topic_id"),
            ("ISR", "isr"),
            ("NewIsrWithEpochs", "new_isr_with_epochs"),
            ("Type", "r#type"),
            ("group", "group"),
            ("LastKnownELR", "last_known_elr"),
        ] {
            assert_eq!(snake(name), expected);
        }
    }
}
