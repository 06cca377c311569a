//! Which curves a picture has.

use crate::latencies::{Percentiles, Point};
use crate::plot::Drawn;
use crate::plot::axis::{Axis, nines};
use crate::plot::chart::{Curve, Panel};
use crate::run::{Report, Row};

/// What a picture shows, from top to bottom.
pub(crate) fn all(drawn: &[Drawn]) -> Vec<Panel> {
    vec![throughput(drawn), latency_over_time(drawn), latency_by_percentile(drawn)]
}

fn throughput(drawn: &[Drawn]) -> Panel {
    let failed = |row: &Row| row.failed + row.shed;
    // After its end answers are waited for: a part of a second has no rate.
    let whole = |report: &Report, row: &Row| {
        let seconds = report.configuration.warm_up as f64 + report.measured_seconds;
        row.second as f64 <= seconds + 0.1
    };
    let mut curves =
        over_time(drawn, false, |report, row| whole(report, row).then_some(row.succeeded as f64));
    let failing = drawn.iter().filter(|one| one.report.timeline.iter().any(|row| failed(row) > 0));
    curves.extend(over_time(failing, true, |_, row| Some(failed(row) as f64)));
    Panel {
        title: "Requests per second that succeeded (solid), failed or were shed (dashed)",
        x_name: "seconds from the start, warm-up included",
        x: time(drawn),
        y: Axis::above(values(&curves).fold(0.0, f64::max)),
        curves,
    }
}

fn latency_over_time(drawn: &[Drawn]) -> Panel {
    // Of a second in which nothing succeeded there is no latency.
    let some = |row: &Row, value: f64| (row.succeeded > 0 && value > 0.0).then_some(value);
    let mut curves = over_time(drawn, false, |_, row| some(row, row.p99_ms));
    curves.extend(over_time(drawn, true, |_, row| some(row, row.p50_ms)));
    Panel {
        title: "Response time in ms, p99 (solid) and p50 (dashed) of each second",
        x_name: "seconds from the start, warm-up included",
        x: time(drawn),
        y: Axis::around(values(&curves)),
        curves,
    }
}

fn latency_by_percentile(drawn: &[Drawn]) -> Panel {
    let curve = |one: &Drawn, dashed: bool, points: &[Point], percentiles: &Percentiles| Curve {
        color: one.color,
        dashed,
        points: by_nines(points, percentiles),
    };
    let curves: Vec<_> = drawn
        .iter()
        .flat_map(|one| {
            let (points, read) = (&one.report.distribution, &one.report.latency);
            [
                curve(one, false, &points.response, &read.response),
                curve(one, true, &points.service, &read.service),
            ]
        })
        .collect();
    let reached = curves.iter().flat_map(|curve| curve.points.iter().flatten().map(|(at, _)| *at));
    Panel {
        title: "Latency in ms by percentile, response (solid) and service (dashed)",
        x_name: "percentile",
        x: Axis::nines(reached.fold(1.0, f64::max)),
        y: Axis::around(values(&curves)),
        curves,
    }
}

/// A curve for each report, with a point in the middle of each second.
fn over_time<'a>(
    drawn: impl IntoIterator<Item = &'a Drawn>,
    dashed: bool,
    value: impl Fn(&Report, &Row) -> Option<f64>,
) -> Vec<Curve> {
    let curve = |one: &'a Drawn| {
        let point = |row: &Row| Some((row.second as f64 - 0.5, value(&one.report, row)?));
        let points = one.report.timeline.iter().map(point).collect();
        Curve { color: one.color, dashed, points }
    };
    drawn.into_iter().map(curve).collect()
}

fn time(drawn: &[Drawn]) -> Axis {
    let seconds = drawn.iter().flat_map(|one| one.report.timeline.iter().map(|row| row.second));
    Axis::until(seconds.max().unwrap_or_default() as f64)
}

/// A report without a curve has four points that are as good.
fn by_nines(points: &[Point], read: &Percentiles) -> Vec<Option<(f64, f64)>> {
    let few = [(50.0, read.p50_ms), (90.0, read.p90_ms), (99.0, read.p99_ms), (99.9, read.p999_ms)]
        .map(|(percentile, ms)| Point { percentile, ms });
    let points = if points.is_empty() && read.count > 0 { &few } else { points };
    let place = |point: &Point| (point.ms > 0.0).then(|| (nines(point.percentile), point.ms));
    points.iter().map(place).collect()
}

fn values(curves: &[Curve]) -> impl Iterator<Item = f64> + Clone {
    curves.iter().flat_map(|curve| curve.points.iter().flatten().map(|(_, value)| *value))
}
