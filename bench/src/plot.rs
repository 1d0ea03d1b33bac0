//! A plot of cold starts, as SVG.

use std::fmt::Write;

use crate::report::Row;
use crate::subjects::COMPARED;

const LEFT: f64 = 150.0;
const WIDTH: f64 = 430.0;
const BAR: f64 = 26.0;

/// Returns bars of the time from the start of the process until its first answer, of the compared function and its
/// peers, on a logarithmic scale.
#[must_use]
pub fn cold_starts(rows: &[Row]) -> String {
    let mut rows: Vec<_> = rows.iter().filter(|row| row.name == COMPARED || row.name.starts_with("peer")).collect();
    rows.sort_by(|row, other| row.times.cold.total_cmp(&other.times.cold));
    let largest = rows.last().map_or(1.0, |row| row.times.cold);
    let ours = rows.iter().find(|row| row.name == COMPARED).map_or(1.0, |row| row.times.cold);
    let length = |ms: f64| WIDTH * ms.max(1.0).log10() / largest.max(10.0).log10();
    let height = BAR.mul_add(f64::from(u16::try_from(rows.len()).unwrap_or_default()), 46.0);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 760 {height}\" font-family=\"sans-serif\" \
         font-size=\"13\">\n<rect width=\"760\" height=\"{height}\" fill=\"#fff\"/>\n\
         <text x=\"10\" y=\"20\" font-weight=\"bold\">Cold start of GET /clients/{{client_id}}/infos, in milliseconds \
         (logarithmic scale)</text>\n"
    );
    let mut top = 34.0;
    for row in rows {
        let (colour, name) = match row.name.strip_prefix("peer ") {
            Some(peer) => ("#9aa5b1", peer),
            None => ("#c2410c", "parc"),
        };
        let (width, baseline) = (length(row.times.cold), top + 15.0);
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{baseline}\" text-anchor=\"end\">{}</text>\n\
             <rect x=\"{LEFT}\" y=\"{top}\" width=\"{width:.1}\" height=\"20\" fill=\"{colour}\"/>\n\
             <text x=\"{:.1}\" y=\"{baseline}\">{:.1} ms, {:.1} × parc</text>",
            LEFT - 8.0,
            title(name),
            LEFT + width + 6.0,
            row.times.cold,
            row.times.cold / ours
        );
        top += BAR;
    }
    svg + "</svg>\n"
}

fn title(name: &str) -> &str {
    match name {
        "limit" => "by hand, no SDK",
        "samples" => "Rust samples",
        "samples-without-jitter" => "samples, no jitter",
        "node" => "Node.js, AWS SDK",
        "fastapi" => "FastAPI, boto3",
        other => other,
    }
}
