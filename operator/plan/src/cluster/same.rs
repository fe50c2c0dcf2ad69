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
        Value::String(it) => it.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The value of a Kubernetes quantity in billionths, away from zero where it is finer, as the server
/// does; that writes `0.5` as `500m`. `None` for other texts and for what is greater than fits.
fn nanos(text: &str) -> Option<i128> {
    let (is_negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let end = unsigned
        .find(|it: char| !it.is_ascii_digit() && it != '.')
        .unwrap_or(unsigned.len());
    let (number, suffix) = unsigned.split_at_checked(end)?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
    let scale = power_of_ten(u32::try_from(fraction.len()).ok()?)?;
    let (unit, divisor) = unit(suffix)?;
    let divisor = scale.checked_mul(divisor)?;
    let total = digits.checked_mul(unit)?;
    let total = total.checked_add(divisor - 1)? / divisor;
    Some(if is_negative { -total } else { total })
}

/// What a suffix multiplies billionths with, and divides them by.
fn unit(suffix: &str) -> Option<(i128, i128)> {
    const ONE: i128 = 1_000_000_000;
    let unit = match suffix {
        "n" => 1,
        "u" => 1_000,
        "m" => 1_000_000,
        "" => ONE,
        "k" => ONE * 1_000,
        "M" => ONE * 1_000_000,
        "G" => ONE * 1_000_000_000,
        "T" => ONE * 1_000_000_000_000,
        "P" => ONE * 1_000_000_000_000_000,
        "E" => ONE * 1_000_000_000_000_000_000,
        "Ki" => ONE << 10,
        "Mi" => ONE << 20,
        "Gi" => ONE << 30,
        "Ti" => ONE << 40,
        "Pi" => ONE << 50,
        "Ei" => ONE << 60,
        _ => {
            let exponent: i32 = suffix.strip_prefix(['e', 'E'])?.parse().ok()?;
            let power = power_of_ten(exponent.unsigned_abs())?;
            return Some(if exponent < 0 {
                (ONE, power)
            } else {
                (ONE.checked_mul(power)?, 1)
            });
        }
    };
    Some((unit, 1))
}

fn power_of_ten(exponent: u32) -> Option<i128> {
    10_i128.checked_pow(exponent)
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
    fn what_the_server_drops_is_no_difference() {
        let rendered = json!({"tolerations": [{"key": "", "operator": "Exists", "effect": ""}]});
        assert!(is_same(
            &rendered,
            &json!({"tolerations": [{"operator": "Exists"}]})
        ));
        assert!(!is_same(
            &rendered,
            &json!({"tolerations": [{"operator": "Exists", "effect": "NoExecute"}]})
        ));
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
            ("1.5e9", "1500M"),
            ("1000e6", "1G"),
            ("1E3", "1k"),
            ("1E", "1000P"),
            ("1Ei", "1024Pi"),
            ("+1Gi", "1Gi"),
            ("25e-1", "2500m"),
            ("-1", "-1000m"),
            (".5", "500m"),
            ("5.", "5"),
            ("0.1n", "1n"),
        ] {
            assert_eq!(nanos(a), nanos(b), "{a} {b}");
            assert!(nanos(a).is_some());
        }
        assert_ne!(nanos("1G"), nanos("1Gi"));
        assert_ne!(nanos("1E"), nanos("1e1"));
        assert_ne!(nanos("1"), nanos("-1"));
        for text in [
            "fast", "", "-", "1e", "1e1.5", "+-1", "1 Gi", "1e99", "1.2.3",
        ] {
            assert_eq!(nanos(text), None, "{text}");
        }
    }
}
