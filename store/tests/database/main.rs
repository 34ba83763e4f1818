//! The database against real PostgreSQL: the private cluster's life, the migrations, what is read and written.

mod audit;
mod cluster;
mod drift;
mod ipam;
mod migrations;
mod overrides;
mod probe;
mod queries;
mod revocations;
