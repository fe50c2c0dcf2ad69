//! Figures: what was measured, on which side, and what it should come to.
//!
//! In: values of single runs. Out: medians and ratios. Never here: how anything was measured.

/// What the ratio of Tidemill's figure to Kafka's should be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Target {
    AtLeast(f64),
    AtMost(f64),
    /// It is told, and nothing is asked of it.
    None,
}

impl Target {
    pub(crate) fn is_met(self, ratio: f64) -> bool {
        match self {
            Target::AtLeast(bound) => ratio >= bound,
            Target::AtMost(bound) => ratio <= bound,
            Target::None => true,
        }
    }

    pub(crate) fn text(self) -> String {
        match self {
            Target::AtLeast(bound) => format!("≥ {bound}"),
            Target::AtMost(bound) => format!("≤ {bound}"),
            Target::None => String::new(),
        }
    }
}

/// One kind of figure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct What {
    /// With its unit.
    pub(crate) name: &'static str,
    pub(crate) target: Target,
}

/// A value of one run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measured {
    pub(crate) what: What,
    pub(crate) value: f64,
}

/// Makes a figure.
pub(crate) fn figure(name: &'static str, target: Target, value: f64) -> Measured {
    Measured {
        what: What { name, target },
        value,
    }
}

/// Makes a figure that should be large.
pub(crate) fn more(name: &'static str, at_least: f64, value: f64) -> Measured {
    figure(name, Target::AtLeast(at_least), value)
}

/// Makes a figure that should be small.
pub(crate) fn less(name: &'static str, at_most: f64, value: f64) -> Measured {
    figure(name, Target::AtMost(at_most), value)
}

/// Makes a figure that is told beside others.
pub(crate) fn also(name: &'static str, value: f64) -> Measured {
    figure(name, Target::None, value)
}

/// All values of one kind of figure.
#[derive(Clone, Debug, Default)]
pub(crate) struct Series {
    pub(crate) ours: Vec<f64>,
    pub(crate) theirs: Vec<f64>,
}

impl Series {
    /// Ratios pair by pair, in ascending order.
    pub(crate) fn ratios(&self) -> Vec<f64> {
        let pairs = self.ours.iter().zip(&self.theirs);
        let mut ratios: Vec<f64> = pairs.map(|(ours, theirs)| ours / theirs).collect();
        ratios.sort_by(f64::total_cmp);
        ratios
    }
}

/// The middle one; of an even number the mean of the two.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    let at = |index: usize| values.get(index).copied().unwrap_or(f64::NAN);
    if values.len() % 2 == 1 {
        at(middle)
    } else {
        (at(middle.wrapping_sub(1)) + at(middle)) / 2.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_of_odd_and_even_numbers() {
        assert!((median(&[3.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!((median(&[4.0, 1.0, 2.0, 3.0]) - 2.5).abs() < f64::EPSILON);
        assert!(median(&[]).is_nan());
    }

    #[test]
    fn ratios_are_of_pairs() {
        let series = Series {
            ours: vec![4.0, 9.0],
            theirs: vec![1.0, 3.0],
        };
        assert_eq!(series.ratios(), [3.0, 4.0]);
        assert!(Target::AtLeast(3.0).is_met(3.0) && !Target::AtMost(3.0).is_met(3.1));
    }
}
