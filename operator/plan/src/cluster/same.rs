//! Whether an object still is as it was rendered.
//!
//! In: what was rendered, what the API server has. Out: yes or no. Never here: who changed it.
//!
//! The server adds defaults and other managers add fields; those are theirs. So the question is
//! whether everything that was rendered is there, in the same order, with the same value.

use serde::Serialize;
use serde_json::Value;

use crate::names;

/// Whether `live` says everything that `rendered` says, and was written from the very same manifest.
pub(crate) fn is_same<T: Serialize>(rendered: &T, live: &T) -> bool {
    let plain = |it: &T| serde_json::to_value(it).expect("a manifest is plain data");
    let (rendered, live) = (plain(rendered), plain(live));
    // What a manifest no longer says is not missed by looking for what it says.
    let hash = format!(
        "/metadata/annotations/{}",
        names::HASH_ANNOTATION.replace('/', "~1")
    );
    rendered.pointer(&hash) == live.pointer(&hash) && is_in(&rendered, &live)
}

fn is_in(rendered: &Value, live: &Value) -> bool {
    match (rendered, live) {
        (Value::Object(rendered), Value::Object(live)) => rendered.iter().all(|(key, it)| {
            // Empty values are the same as none: the server drops them.
            live.get(key).map_or(is_empty(it), |live| is_in(it, live))
        }),
        (Value::Array(rendered), Value::Array(live)) => {
            let mut rest = live.iter();
            rendered.iter().all(|it| rest.any(|live| is_in(it, live)))
        }
        (Value::String(a), Value::String(b)) if a != b => {
            let (a, b) = (nanos(a), nanos(b));
            a.is_some() && a == b
        }
        _ => rendered == live,
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Object(it) => it.values().all(is_empty),
        Value::Array(it) => it.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// The value of a Kubernetes quantity in billionths; the server writes `0.5` as `500m`.
/// `None` for other texts and for what is finer or greater than that.
fn nanos(text: &str) -> Option<i128> {
    let end = text
        .find(|it: char| !it.is_ascii_digit() && it != '.')
        .unwrap_or(text.len());
    let (number, suffix) = text.split_at_checked(end)?;
    let unit: i128 = match suffix {
        "n" => 1,
        "u" => 1_000,
        "m" => 1_000_000,
        "" => 1_000_000_000,
        "k" => 1_000_000_000_000,
        "M" => 1_000_000_000_000_000,
        "G" => 1_000_000_000_000_000_000,
        "T" => 1_000_000_000_000_000_000_000,
        "P" => 1_000_000_000_000_000_000_000_000,
        "Ki" => 1_000_000_000 << 10,
        "Mi" => 1_000_000_000 << 20,
        "Gi" => 1_000_000_000 << 30,
        "Ti" => 1_000_000_000 << 40,
        "Pi" => 1_000_000_000 << 50,
        _ => return None,
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let scale = 10_i128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
    let total = digits.checked_mul(unit)?;
    (total % scale == 0).then_some(total / scale)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn defaults_and_other_managers_fields_are_no_difference() {
        let rendered = json!({"a": 1, "list": [{"name": "x"}], "none": {}, "cpu": "0.5"});
        let live = json!({
            "a": 1, "b": 2, "cpu": "500m",
            "list": [{"name": "injected"}, {"name": "x", "policy": "Always"}],
        });
        assert!(is_same(&rendered, &live));
    }

    #[test]
    fn a_changed_or_missing_value_is_a_difference() {
        let rendered = json!({"a": 1, "list": [{"name": "x"}, {"name": "y"}]});
        assert!(!is_same(
            &rendered,
            &json!({"a": 2, "list": [{"name": "x"}, {"name": "y"}]})
        ));
        assert!(!is_same(
            &rendered,
            &json!({"list": [{"name": "x"}, {"name": "y"}]})
        ));
        assert!(!is_same(
            &rendered,
            &json!({"a": 1, "list": [{"name": "x"}]})
        ));
        assert!(!is_same(
            &rendered,
            &json!({"a": 1, "list": [{"name": "y"}, {"name": "x"}]})
        ));
    }

    #[test]
    fn another_manifest_is_a_difference_even_if_it_says_less() {
        let annotated =
            |hash: &str| json!({"metadata": {"annotations": {"tidemill.dev/manifest": hash}}});
        assert!(is_same(&annotated("1"), &annotated("1")));
        assert!(!is_same(&annotated("1"), &annotated("2")));
    }

    #[test]
    fn quantities_are_compared_by_value() {
        for (a, b) in [
            ("1", "1000m"),
            ("0.5", "500m"),
            ("1Gi", "1024Mi"),
            ("1.5Gi", "1536Mi"),
            ("2k", "2000"),
        ] {
            assert_eq!(nanos(a), nanos(b), "{a} {b}");
            assert!(nanos(a).is_some());
        }
        assert_ne!(nanos("1G"), nanos("1Gi"));
        assert_eq!(nanos("fast"), None);
        assert_eq!(nanos(""), None);
    }
}
