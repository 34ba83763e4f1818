//! Proxmox VE: clusters, their nodes and what runs on them.

mod simulator;
