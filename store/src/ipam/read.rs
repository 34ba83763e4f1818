//! Reads the address plan: four statements in one transaction, however many rows there are.

use schema::Timestamp;

use super::AddressPlan;
use super::rows::{AssignmentRow, PortMapRow, Rows, SubnetRow, VlanRow};
use crate::trouble::{Trouble, trouble_of};
use crate::{Database, ProblemCode};

/// More rows than this in one table are not an address plan; memory is bounded by it.
const MOST_ROWS: usize = 1_000_000;

/// Why the plan could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The database did not give it.
    #[error("the address plan cannot be read")]
    Database(#[from] sqlx::Error),
    /// A table is too large to be one.
    #[error("{0} has more than {MOST_ROWS} rows: this is no address plan")]
    TooMany(&'static str),
}

impl ReadError {
    /// In the words that every source's problems are told in.
    pub fn trouble(&self) -> Trouble {
        match self {
            Self::Database(error) => trouble_of(error),
            Self::TooMany(_) => Trouble { code: ProblemCode::BadResponse, message: self.to_string() },
        }
    }
}

/// The whole plan as of one moment; each fact is marked as seen `at`.
pub async fn read(database: &Database, at: Timestamp) -> Result<AddressPlan, ReadError> {
    database.reach().await?;
    match read_all(database, at).await {
        // Those that there were have ended: why there are no new ones the server says itself.
        Err(ReadError::Database(sqlx::Error::PoolTimedOut)) => {
            Err(database.reach().await.err().unwrap_or(sqlx::Error::PoolTimedOut).into())
        }
        outcome => outcome,
    }
}

async fn read_all(database: &Database, at: Timestamp) -> Result<AddressPlan, ReadError> {
    let limit = i64::try_from(MOST_ROWS + 1).unwrap_or(i64::MAX);
    // One snapshot for all four: a subnet never names a VLAN that is not there.
    let begin = "begin transaction isolation level repeatable read read only";
    let mut transaction = database.pool().begin_with(begin).await?;
    let vlans = sqlx::query_as!(
        VlanRow,
        r#"select id, vlan_id, name, state::text as "state!" from ipam_vlan order by id limit $1"#,
        limit
    )
    .fetch_all(&mut *transaction)
    .await?;
    let subnets = sqlx::query_as!(
        SubnetRow,
        "select id, network, cidr, name, vlan, environment from ipam_subnet order by id limit $1",
        limit
    )
    .fetch_all(&mut *transaction)
    .await?;
    let assignments = sqlx::query_as!(
        AssignmentRow,
        r#"select id, network, address, hostname, vmid, cluster, mac, vlan, owner_team, service,
                  role::text as "role!", status::text as "status!", version
           from ipam_assignment order by id limit $1"#,
        limit
    )
    .fetch_all(&mut *transaction)
    .await?;
    let port_map = sqlx::query_as!(
        PortMapRow,
        "select id, switch, port, node, cluster, panel, nic, lag, vlan, speed_mbps
           from ipam_port_map order by id limit $1",
        limit
    )
    .fetch_all(&mut *transaction)
    .await?;
    transaction.commit().await?;
    for (table, rows) in [
        ("ipam_vlan", vlans.len()),
        ("ipam_subnet", subnets.len()),
        ("ipam_assignment", assignments.len()),
        ("ipam_port_map", port_map.len()),
    ] {
        if rows > MOST_ROWS {
            return Err(ReadError::TooMany(table));
        }
    }
    Ok(Rows { vlans, subnets, assignments, port_map }.into_plan(at))
}
