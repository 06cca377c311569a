//! Where values are on an axis, and which of them are named.

/// The most ticks of a logarithmic axis that are all named.
const NAMED_MAX: usize = 9;

/// One axis of a panel.
pub(crate) struct Axis {
    logarithmic: bool,
    low: f64,
    high: f64,
    /// Values with their names, from low to high.
    pub(crate) ticks: Vec<(f64, String)>,
}

impl Axis {
    /// From 0 to exactly here: time.
    pub(crate) fn until(high: f64) -> Self {
        let high = if high > 0.0 { high } else { 1.0 };
        let step = step(high);
        let ticks = (0_u32..).map(|at| f64::from(at) * step);
        let ticks = ticks.take_while(|tick| *tick <= high * (1.0 + 1e-9));
        Self { logarithmic: false, low: 0.0, high, ticks: named(ticks, step) }
    }

    /// From 0 to the first tick that is not below.
    pub(crate) fn above(high: f64) -> Self {
        let high = if high > 0.0 { high } else { 1.0 };
        let step = step(high);
        Self::until((high / step).ceil() * step)
    }

    /// A logarithmic one around positive values.
    pub(crate) fn around(values: impl Iterator<Item = f64> + Clone) -> Self {
        let positive = values.filter(|value| *value > 0.0 && value.is_finite());
        let (low, high) = positive
            .fold((f64::INFINITY, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)));
        let (low, high) = if high > 0.0 { (low, high) } else { (1.0, 10.0) };
        let first = low.log10().floor() as i32;
        let last = high.log10().ceil() as i32;
        let round = (first..=last)
            .flat_map(|power| [1.0, 2.0, 5.0].map(|digit| (power, digit)))
            .map(|(power, digit)| (digit * 10_f64.powi(power), power, digit < 1.5))
            .collect::<Vec<_>>();
        let below = round.iter().rposition(|(value, ..)| *value <= low).unwrap_or(0);
        let above = round.iter().position(|(value, ..)| *value >= high);
        let above = above.unwrap_or(round.len().saturating_sub(1)).max(below + 1);
        let round = round.get(below..=above).unwrap_or_default();
        let few = round.len() <= NAMED_MAX;
        let shown = round.iter().filter(|(_, _, power_of_ten)| few || *power_of_ten);
        let name = |power: i32| usize::try_from(-power).unwrap_or(0);
        let ticks = shown.map(|(value, power, _)| (*value, format!("{value:.*}", name(*power))));
        Self {
            logarithmic: true,
            low: round.first().map_or(1.0, |(value, ..)| *value),
            high: round.last().map_or(10.0, |(value, ..)| *value),
            ticks: ticks.collect(),
        }
    }

    /// Percentiles by their nines: 90 at 1, 99 at 2, 99.9 at 3.
    pub(crate) fn nines(high: f64) -> Self {
        let high = high.max(1.0);
        let round = [("0", 0.0), ("50", 50.0), ("90", 90.0), ("99", 99.0), ("99.9", 99.9)];
        let round = round.into_iter().chain([
            ("99.99", 99.99),
            ("99.999", 99.999),
            ("99.9999", 99.9999),
            ("99.99999", 99.99999),
        ]);
        let ticks = round.map(|(name, percentile)| (nines(percentile), name.to_owned()));
        let ticks = ticks.filter(|(at, _)| *at <= high + 1e-9).collect();
        Self { logarithmic: false, low: 0.0, high, ticks }
    }

    /// Where a value is, from 0 (the low end) to 1.
    pub(crate) fn place(&self, value: f64) -> f64 {
        let scale = |value: f64| if self.logarithmic { value.log10() } else { value };
        let (low, high) = (scale(self.low), scale(self.high));
        ((scale(value) - low) / (high - low)).clamp(0.0, 1.0)
    }
}

/// How many nines a percentile below 100 has.
pub(crate) fn nines(percentile: f64) -> f64 {
    -(1.0 - percentile / 100.0).log10()
}

/// 1, 2 or 5 times a power of ten, so that there are 4 to 10 steps.
fn step(high: f64) -> f64 {
    let power = 10_f64.powf((high / 5.0).log10().floor());
    [5.0, 2.0]
        .into_iter()
        .map(|digit| digit * power)
        .find(|step| step * 5.0 <= high)
        .unwrap_or(power)
}

fn named(ticks: impl Iterator<Item = f64>, step: f64) -> Vec<(f64, String)> {
    let digits = (-step.log10().floor()).max(0.0) as usize;
    ticks.map(|tick| (tick, format!("{tick:.digits$}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|(_, name)| name.as_str()).collect()
    }

    #[test]
    fn ticks_are_round_and_cover_what_is_shown() {
        assert_eq!(names(&Axis::above(0.0)), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(
            names(&Axis::above(1987.0)),
            ["0", "200", "400", "600", "800", "1000", "1200", "1400", "1600", "1800", "2000"]
        );
        assert_eq!(names(&Axis::until(64.0)), ["0", "10", "20", "30", "40", "50", "60"]);
        assert!((Axis::until(64.0).place(64.0) - 1.0).abs() < 1e-9);
        assert_eq!(
            names(&Axis::around([0.3, 7.0].into_iter())),
            ["0.2", "0.5", "1", "2", "5", "10"]
        );
        assert_eq!(
            names(&Axis::around([0.03, 900.0].into_iter())),
            ["0.1", "1", "10", "100", "1000"]
        );
        assert_eq!(names(&Axis::around([0.0].into_iter())), ["1", "2", "5", "10"]);
        assert_eq!(names(&Axis::nines(3.2)), ["0", "50", "90", "99", "99.9"]);
    }

    #[test]
    fn a_decade_is_a_decade_wherever_it_is() {
        let axis = Axis::around([1.0, 1000.0].into_iter());
        for (value, place) in [(1.0, 0.0), (10.0, 1.0 / 3.0), (100.0, 2.0 / 3.0), (1000.0, 1.0)] {
            assert!((axis.place(value) - place).abs() < 1e-9, "{value}");
        }
        assert!((nines(99.9) - 3.0).abs() < 1e-9);
    }
}
