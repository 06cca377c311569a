//! Pictures, read again by an XML parser.

use clap::Parser;
use proptest::prelude::*;
use roxmltree::{Document, Node};

use super::*;
use crate::run::{Row, sample};

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    plot: PlotArguments,
}

fn drawn(name: &str, color: usize, report: Report) -> Drawn {
    Drawn { name: name.to_owned(), color: COLORS[color], report: Box::new(report) }
}

/// Elements of this name and colour.
fn colored<'a>(picture: &'a Document<'_>, name: &str, color: usize) -> Vec<Node<'a, 'a>> {
    let of = |node: &Node<'_, '_>| {
        node.has_tag_name(name) && node.attribute("stroke") == Some(COLORS[color])
    };
    picture.descendants().filter(of).collect()
}

fn texts<'a>(picture: &'a Document<'_>) -> Vec<&'a str> {
    picture
        .descendants()
        .filter(|node| node.has_tag_name("text"))
        .filter_map(|node| node.text())
        .collect()
}

/// All numbers of all attributes that are places.
fn places(picture: &Document<'_>) -> Vec<(bool, f64)> {
    let mut places = Vec::new();
    for attribute in picture.descendants().flat_map(|node| node.attributes().collect::<Vec<_>>()) {
        let number = |text: &str| text.parse::<f64>().unwrap();
        match attribute.name() {
            "x" | "x1" | "x2" | "cx" => places.push((true, number(attribute.value()))),
            "y" | "y1" | "y2" | "cy" => places.push((false, number(attribute.value()))),
            "points" => {
                for point in attribute.value().split_whitespace() {
                    let (x, y) = point.split_once(',').unwrap();
                    places.extend([(true, number(x)), (false, number(y))]);
                }
            }
            _ => {}
        }
    }
    places
}

#[test]
fn reports_are_drawn_on_top_of_each_other_with_a_legend() {
    let first = sample::report("--seconds 4 --warm-up 2 --mix encrypt", &[vec![3000; 4000]]);
    let second = sample::report("--seconds 4 --rate 9 --mix encrypt", &[vec![900; 400]]);
    let text = picture(&[drawn("first", 0, first), drawn("second", 1, second)]);
    let picture = Document::parse(&text).unwrap();
    assert!(picture.root_element().has_tag_name(("http://www.w3.org/2000/svg", "svg")));
    // Legend, throughput, two of latency over time, two by percentile; nothing failed.
    for color in [0, 1] {
        assert_eq!(colored(&picture, "polyline", color).len(), 6);
    }
    let texts = texts(&picture);
    let legend = "first: closed loop, 64 connections, 1 keys, 0 principals, 4.0 s; 1000 \
                  requests/s, p99 3.00 ms, 0 failed, 0 shed";
    assert!(texts.contains(&legend), "{texts:?}");
    assert!(texts.iter().any(|text| text.starts_with("second: open loop at 9/s")), "{texts:?}");
    assert!(texts.contains(&"99.9") && !texts.contains(&"99.99"), "{texts:?}");
}

#[test]
fn seconds_without_an_answer_are_a_gap_and_failures_a_curve() {
    let mut micros = vec![2000; 50];
    // Each second has ten of them, in turn: the third fails.
    micros.iter_mut().skip(2).step_by(5).for_each(|micros| *micros = 0);
    let report = sample::report("--seconds 5 --warm-up 0 --mix encrypt", &[micros]);
    assert_eq!((report.timeline[2].succeeded, report.timeline[2].failed), (0, 10));
    let text = picture(&[drawn("one", 0, report)]);
    let picture = Document::parse(&text).unwrap();
    // Legend, successes, failures, twice two of latency over time, two by percentile.
    assert_eq!(colored(&picture, "polyline", 0).len(), 9);
}

#[test]
fn the_wait_for_the_last_answers_is_no_throughput() {
    let mut report = sample::report("--seconds 4 --warm-up 1 --mix encrypt", &[vec![3000; 400]]);
    report.timeline.push(Row { second: 6, succeeded: 1, ..report.timeline[4].clone() });
    let text = picture(&[drawn("one", 0, report)]);
    let picture = Document::parse(&text).unwrap();
    let points = colored(&picture, "polyline", 0)
        .into_iter()
        .map(|curve| curve.attribute("points").unwrap().split_whitespace().count());
    // The legend; throughput with the warm-up; p99 and p50 without it, but with the last answers.
    assert_eq!(points.take(4).collect::<Vec<_>>(), [2, 5, 5, 5]);
}

#[test]
fn old_reports_and_empty_ones_are_drawn() {
    let mut old = sample::report("--seconds 1 --mix encrypt", &[vec![3000; 40]]);
    old.distribution = crate::run::Distribution::default();
    let empty = sample::report("--seconds 1 --mix encrypt", &[vec![]]);
    let text = picture(&[drawn("old", 0, old), drawn("empty", 1, empty)]);
    let picture = Document::parse(&text).unwrap();
    let curves = colored(&picture, "polyline", 0);
    let service = curves.last().unwrap().attribute("points").unwrap();
    assert_eq!(service.split_whitespace().count(), 4);
}

#[test]
fn what_cannot_be_drawn_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let plot = |names: &[&str]| {
        let line = ["x".to_owned(), "-o".to_owned(), path("out.svg")];
        let line = line.into_iter().chain(names.iter().map(|name| path(name)));
        run(&Line::parse_from(line).plot).map_err(|error| error.to_string())
    };
    let report = sample::report("--seconds 1 --mix encrypt", &[vec![3000; 40]]);
    fs::write(path("run"), serde_json::to_string(&report).unwrap()).unwrap();
    let bench = r#"{"at": "", "connections": 1, "seconds": 1, "repeat": 1,
                    "rss_before_load_bytes": 1, "results": [], "failures": []}"#;
    fs::write(path("bench"), bench).unwrap();
    let error = plot(&["run", "bench"]).unwrap_err();
    assert!(error.starts_with(&path("bench")) && error.contains("`trent-load bench`"), "{error}");
    assert!(plot(&["nothing"]).unwrap_err().contains("nothing: No such file"));
    assert!(plot(&["run"; 8]).unwrap_err().contains("more than 7"));
    assert!(!folder.path().join("out.svg").exists());
    plot(&["run"; 7]).unwrap();
    Document::parse(&fs::read_to_string(path("out.svg")).unwrap()).unwrap();
}

#[test]
fn of_a_long_path_the_end_is_shown() {
    assert_eq!(shortened(Path::new("a/b.json")), "a/b.json");
    let long = shortened(Path::new(&format!("{}/after.json", "long".repeat(20))));
    assert_eq!(long.chars().count(), PATH_CHARS);
    assert!(long.starts_with('…') && long.ends_with("g/after.json"), "{long}");
}

proptest! {
    // Few: other tests of this program watch the clock.
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_picture_is_xml_with_everything_in_sight(
        name in any::<String>(),
        micros in prop::collection::vec(
            prop_oneof![Just(0), 1..9_u64, 1..90_000_000_u64, Just(u64::MAX / 2)], 0..60),
        seconds in 1..70_u32,
    ) {
        let line = format!("--seconds {seconds} --mix encrypt");
        let text = picture(&[drawn(&name, 0, sample::report(&line, &[micros]))]);
        let picture = Document::parse(&text).unwrap();
        let height = picture.root_element().attribute("height").unwrap().parse::<f64>().unwrap();
        for (across, place) in places(&picture) {
            let most = if across { WIDTH } else { height };
            prop_assert!((0.0..=most).contains(&place), "{place} of {most}");
        }
        // What XML can say arrives as it was.
        if name.chars().all(|c| !c.is_control() && !('\u{fffe}'..='\u{ffff}').contains(&c)) {
            let legend = format!("{name}: closed loop");
            prop_assert!(texts(&picture)[0].starts_with(&legend));
        }
    }
}
