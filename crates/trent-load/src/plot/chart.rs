//! A panel: curves in a frame with named axes.

use crate::plot::axis::Axis;
use crate::plot::svg::Svg;

/// In pixels, of the whole picture.
pub(crate) const WIDTH: f64 = 960.0;
/// In pixels, with title and names of the axes.
pub(crate) const PANEL_HEIGHT: f64 = 300.0;

const LEFT: f64 = 72.0;
const RIGHT: f64 = 24.0;
const ABOVE: f64 = 36.0;
const BELOW: f64 = 44.0;
const FRAME: &str = "#606060";
const GRID: &str = "#e0e0e0";

/// Curves in a frame.
pub(crate) struct Panel {
    pub(crate) title: &'static str,
    pub(crate) x_name: &'static str,
    pub(crate) x: Axis,
    pub(crate) y: Axis,
    pub(crate) curves: Vec<Curve>,
}

/// One curve.
pub(crate) struct Curve {
    pub(crate) color: &'static str,
    pub(crate) dashed: bool,
    /// Nothing where there is a gap.
    pub(crate) points: Vec<Option<(f64, f64)>>,
}

impl Panel {
    /// Draws with the upper edge here.
    pub(crate) fn draw(&self, svg: &mut Svg, top: f64) {
        let (right, bottom) = (WIDTH - RIGHT, top + PANEL_HEIGHT - BELOW);
        let top = top + ABOVE;
        let x = |value: f64| LEFT + self.x.place(value) * (right - LEFT);
        let y = |value: f64| bottom - self.y.place(value) * (bottom - top);
        svg.text((LEFT, top - 10.0), "start", self.title);
        for (value, name) in &self.y.ticks {
            svg.line((LEFT, y(*value)), (right, y(*value)), GRID);
            svg.text((LEFT - 6.0, y(*value) + 4.0), "end", name);
        }
        for (value, name) in &self.x.ticks {
            svg.line((x(*value), top), (x(*value), bottom), GRID);
            svg.text((x(*value), bottom + 16.0), "middle", name);
        }
        svg.line((LEFT, top), (LEFT, bottom), FRAME);
        svg.line((LEFT, bottom), (right, bottom), FRAME);
        svg.text((right, bottom + 32.0), "end", self.x_name);
        for curve in &self.curves {
            for part in curve.points.split(Option::is_none) {
                let part = part.iter().flatten();
                let part: Vec<_> = part.map(|(at, value)| (x(*at), y(*value))).collect();
                if !part.is_empty() {
                    svg.curve(&part, curve.color, curve.dashed);
                }
            }
        }
    }
}
