//! Bytes over the minutes of an hour, as an SVG with a scale of powers of ten.

use std::fmt::Write as _;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 400.0;
/// Around the lines, for the scales; that on the right is for their names.
const LEFT: f64 = 70.0;
const RIGHT: f64 = 190.0;
const TOP: f64 = 20.0;
const BOTTOM: f64 = 40.0;
/// Told apart by those who see few colours, too (Okabe and Ito 2008).
const COLORS: [&str; 4] = ["#d55e00", "#e69f00", "#0072b2", "#009e73"];

/// The lines, each with its name; a point a minute.
pub(super) fn draw(lines: &[(&str, &[usize])]) -> String {
    let all = || lines.iter().flat_map(|(_, points)| points.iter().copied()).filter(|bytes| *bytes > 0);
    let lowest = f64::from(all().min().unwrap_or(1).ilog10());
    let highest = f64::from(all().max().unwrap_or(1).ilog10() + 1);
    let minutes = lines.iter().map(|(_, points)| points.len()).max().unwrap_or(0).saturating_sub(1).max(1) as f64;
    let x = |minute: f64| LEFT + minute / minutes * (WIDTH - LEFT - RIGHT);
    let y = |power: f64| HEIGHT - BOTTOM - (power - lowest) / (highest - lowest) * (HEIGHT - TOP - BOTTOM);

    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"system-ui, sans-serif\" \
         font-size=\"12\" fill=\"#555\">\n<title>Bytes received while following a live blog for an hour</title>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
    );
    for power in lowest as i32..=highest as i32 {
        let at = y(f64::from(power));
        let name = match power {
            ..3 => format!("{} B", 10_u64.pow(power.max(0).unsigned_abs())),
            3..6 => format!("{} kB", 10_u64.pow(power.unsigned_abs() - 3)),
            _ => format!("{} MB", 10_u64.pow(power.unsigned_abs() - 6)),
        };
        let _ = writeln!(
            svg,
            "<path d=\"M{LEFT} {at:.1}H{:.1}\" stroke=\"#ddd\"/><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{name}</text>",
            WIDTH - RIGHT,
            LEFT - 8.0,
            at + 4.0,
        );
    }
    for minute in (0..=minutes as u32).step_by(15) {
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{minute} min</text>",
            x(f64::from(minute)),
            HEIGHT - BOTTOM + 20.0,
        );
    }
    for ((name, points), color) in lines.iter().zip(COLORS) {
        let place = |(minute, bytes): (usize, &usize)| {
            format!("{:.1} {:.1}", x(minute as f64), y((*bytes.max(&1) as f64).log10()))
        };
        let path = points.iter().enumerate().map(place).collect::<Vec<_>>().join("L");
        let last = points.last().map_or(HEIGHT, |bytes| y((*bytes.max(&1) as f64).log10()));
        let _ = writeln!(
            svg,
            "<path d=\"M{path}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"2\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" fill=\"{color}\">{name}</text>",
            WIDTH - RIGHT + 8.0,
            last + 4.0,
        );
    }
    svg + "</svg>\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_begin_and_end_where_their_numbers_are() {
        let svg = draw(&[("a", &[1000, 10_000]), ("b", &[100_000, 999_999])]);
        // From 1 kB at the bottom to 1 MB at the top.
        for part in [">1 kB<", ">1 MB<", "d=\"M70.0 360.0L530.0 246.7\"", "d=\"M70.0 133.3L530.0 20.0\""] {
            assert!(svg.contains(part), "{part} in {svg}");
        }
        assert!(!svg.contains("NaN"));
        assert!(!draw(&[("none", &[])]).contains("NaN"));
    }
}
