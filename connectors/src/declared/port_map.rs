//! A table of cables: which port of which switch leads to which node.

use schema::fact::{PortMapFact, Seen};

use super::guests::shown;
use super::markdown::{Row, Table};
use super::parsed::{Parsed, reference};

struct Columns {
    switch: Option<usize>,
    port: Option<usize>,
    node: Option<usize>,
    cluster: Option<usize>,
    panel: Option<usize>,
    nic: Option<usize>,
    lag: Option<usize>,
    vlan: Option<usize>,
    speed: Option<usize>,
}

/// Reads the table where it is a port map.
pub(super) fn read(file: &str, table: &Table, parsed: &mut Parsed) {
    let columns = Columns {
        switch: table.column(&["switch"]),
        port: table.column(&["port"]),
        node: table.column(&["node"]).or_else(|| table.column(&["host"])),
        cluster: table.column(&["cluster"]),
        panel: table.column(&["panel"]),
        nic: table.column(&["nic"]),
        lag: table.column(&["lag"]),
        vlan: table.column(&["vlan"]),
        speed: table.column(&["speed"]),
    };
    if columns.switch.is_none() || columns.port.is_none() || columns.node.is_none() {
        return;
    }
    for row in &table.rows {
        match cable(file, row, &columns) {
            Ok(Some(cable)) if parsed.has_room(row.line) => parsed.port_map.push(cable),
            Ok(_) => {}
            Err(message) => parsed.problem(row.line, message),
        }
    }
}

/// `None`: nothing is plugged in.
fn cable(file: &str, row: &Row, columns: &Columns) -> Result<Option<PortMapFact>, String> {
    let Some(node) = row.said(columns.node) else { return Ok(None) };
    let switch = row.said(columns.switch).ok_or("the switch is missing")?;
    let port = row.said(columns.port).ok_or("the port is missing")?;
    let text = |column| row.said(column).map(Into::into);
    Ok(Some(PortMapFact {
        reference: reference(file, row.line, 0),
        switch: switch.into(),
        port: number(port, "port").ok_or_else(|| format!("{} is no port's number", shown(port)))?,
        node: node.into(),
        cluster: text(columns.cluster),
        panel: text(columns.panel),
        nic: text(columns.nic),
        lag: text(columns.lag),
        // "trunk", "all" and a speed in words are no numbers and no fault of the row.
        vlan: row.said(columns.vlan).and_then(|vlan| number(vlan, "vlan")).filter(|vlan| *vlan <= 4094),
        speed_mbps: row.said(columns.speed).and_then(speed),
        declared_in: reference(file, row.line, 0),
        seen: Seen::default(),
    }))
}

/// `7`, `Port 7`, `port7`, `#7`; never 0.
fn number(text: &str, word: &str) -> Option<u16> {
    let lower = text.to_ascii_lowercase();
    let digits = lower.strip_prefix(word).unwrap_or(&lower).trim_start_matches([' ', '#']);
    // `parse` would take "+7".
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|number| plain && *number > 0)
}

/// Mbit/s: `1000`, `100M`, `2.5G`, `10 Gbps`, `10GbE`, `1 Gbit/s`.
fn speed(text: &str) -> Option<u32> {
    let lower = text.to_ascii_lowercase();
    let end = lower.find(|letter: char| !(letter.is_ascii_digit() || letter == '.')).unwrap_or(lower.len());
    let (figure, unit) = lower.split_at(end);
    let factor = match unit.trim() {
        "" | "m" | "mb" | "mbe" | "mbps" | "mbit" | "mbit/s" | "mb/s" => 1,
        "g" | "gb" | "gbe" | "gbps" | "gbit" | "gbit/s" | "gb/s" => 1000,
        _ => return None,
    };
    // In thousandths, so that 2.5 is exact.
    let (whole, fraction) = figure.split_once('.').unwrap_or((figure, ""));
    let thousandths: u32 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    let whole: u32 = whole.parse().ok().filter(|whole| *whole <= 1_000_000)?;
    Some((whole.checked_mul(1000)?.checked_add(thousandths)?).checked_mul(factor)? / 1000)
        .filter(|speed| *speed > 0)
}
