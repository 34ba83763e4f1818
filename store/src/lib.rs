//! Everything that is kept, in PostgreSQL: the pool, the only migrations, IPAM tables, overrides, drift history.

/// The database of this gateway. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Database {
    pool: sqlx::PgPool,
}

impl Database {
    /// The pool, for the queries of this package and of the IPAM source.
    pub fn pool(&self) -> &sqlx::PgPool {
        &self.pool
    }
}
