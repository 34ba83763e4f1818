//! The address plan: what its tables refuse, what is read from them, and what a program makes of tables that refuse nothing.

use std::time::Duration;

use schema::Timestamp;
use schema::fact::{AssignmentFact, IpRole, IpStatus, PortMapFact, Seen, SubnetFact, VlanFact, VlanState};
use store::ipam::{self, AddressPlan};
use store::testing::TestDatabase;
use store::{Changes, Topic};

const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);
const SEEN: Seen = Seen { at: NOW, stale: false };

/// Statements that must fail, with a part of why.
async fn check_refused(prepare: &str, statement: &str, constraint: &str) {
    let test = TestDatabase::create().await;
    test.run(prepare).await;
    let mut connection = test.connect().await;
    let tried = sqlx::raw_sql(sqlx::AssertSqlSafe(statement.to_owned())).execute(&mut connection).await;
    let refused = tried.expect_err(statement).to_string();
    assert!(refused.contains(constraint), "{statement}: {refused}");
}

#[tokio::test]
async fn wrong_states_cannot_be_written_down() {
    let assign = |values: &str| format!("insert into ipam_assignment (address, role) values {values}");
    for (prepare, statement, why) in [
        ("", "insert into ipam_vlan (vlan_id, name) values (4095, 'x')", "vlan_id_check"),
        ("", "insert into ipam_vlan (vlan_id, name) values (0, 'x')", "vlan_id_check"),
        ("", "insert into ipam_vlan (vlan_id, name) values (5, '')", "name_check"),
        (
            "insert into ipam_vlan (vlan_id, name) values (5, 'a')",
            "insert into ipam_vlan (vlan_id, name) values (5, 'b')",
            "ipam_vlan_in_use",
        ),
        ("", "insert into ipam_subnet (cidr) values ('10.0.0.1/24')", "invalid cidr value"),
        (
            "insert into ipam_subnet (cidr) values ('10.0.0.0/24')",
            "insert into ipam_subnet (cidr) values ('10.0.0.0/24')",
            "ipam_subnet_network_cidr_key",
        ),
        (
            "insert into ipam_vlan (network, vlan_id, name) values ('other', 5, 'a')",
            "insert into ipam_subnet (cidr, vlan) select '10.0.0.0/24', id from ipam_vlan",
            "foreign key",
        ),
        ("", &assign("('10.0.0.0/24', 'host')"), "address_check"),
        ("", &assign("('::ffff:10.0.0.1', 'host')"), "address_check"),
        ("", &assign("('0.0.0.0', 'host')"), "address_check"),
        ("", &assign("('10.0.0.1', 'host'), ('10.0.0.1', 'gateway')"), "ipam_assignment_of_one"),
        ("", &assign("('10.0.0.1', 'vip'), ('10.0.0.1', 'vip')"), "ipam_assignment_of_several"),
        ("", "insert into ipam_assignment (address, vmid) values ('10.0.0.1', 99)", "vmid_check"),
        (
            "",
            "insert into ipam_assignment (address, cluster) values ('10.0.0.1', 'pve')",
            "ipam_assignment_check",
        ),
        (
            "",
            "insert into ipam_port_map (switch, port, node) values ('sw', 1, 'a'), ('sw', 1, 'b')",
            "ipam_port_map_switch_port_key",
        ),
        ("", "insert into ipam_port_map (switch, port, node) values ('sw', 0, 'a')", "port_check"),
    ] {
        check_refused(prepare, statement, why).await;
    }
}

#[tokio::test]
async fn what_is_no_conflict_is_taken() {
    let test = TestDatabase::create().await;
    test.run(
        "insert into ipam_subnet (network, cidr) values ('default', '10.0.0.0/8'), ('default', '10.1.0.0/16'),
             ('other', '10.1.0.0/16'), ('default', 'fd00::/8');
         insert into ipam_vlan (vlan_id, name, state) values (5, 'old', 'retired'), (5, 'new', 'current');
         insert into ipam_assignment (network, address, role, vmid) values ('default', '10.1.0.1', 'host', 100),
             ('other', '10.1.0.1', 'host', 100), ('default', '10.1.0.9', 'vip', 100), ('default', '10.1.0.9', 'vip', 101)",
    )
    .await;
    let plan = ipam::read(test.database(), NOW).await.expect("it is there");
    assert_eq!((plan.subnets.len(), plan.vlans.len(), plan.assignments.len()), (4, 2, 4));
}

/// A plan with every field set, in the numbers that a new database gives.
fn plan() -> AddressPlan {
    AddressPlan {
        vlans: vec![
            VlanFact {
                reference: "1".into(),
                vlan_id: 20,
                name: "servers".into(),
                state: VlanState::Current,
                seen: SEEN,
            },
            VlanFact {
                reference: "2".into(),
                vlan_id: 30,
                name: "cameras".into(),
                state: VlanState::Planned,
                seen: SEEN,
            },
        ],
        subnets: vec![
            SubnetFact {
                reference: "1".into(),
                cidr: "10.20.0.0/24".parse().expect("a range"),
                network: "lab".into(),
                name: Some("servers".into()),
                vlan: Some("1".into()),
                environment: Some("production".into()),
                seen: SEEN,
            },
            SubnetFact {
                reference: "2".into(),
                cidr: "fd00:20::/64".parse().expect("a range"),
                network: "lab".into(),
                name: None,
                vlan: None,
                environment: None,
                seen: SEEN,
            },
        ],
        assignments: vec![
            AssignmentFact {
                reference: "1".into(),
                address: "10.20.0.5".parse().expect("an address"),
                network: "lab".into(),
                hostname: Some("app1".into()),
                vmid: Some(105),
                cluster: Some("pve-lab".into()),
                mac: Some("bc:24:11:00:00:05".parse().expect("a MAC")),
                vlan: Some("1".into()),
                owner_team: Some("platform".into()),
                service: Some("app".into()),
                role: IpRole::Host,
                status: IpStatus::Migrating,
                declared_in: "ipam_assignment".into(),
                version: 1,
                not_a_guest: false,
                seen: SEEN,
            },
            AssignmentFact {
                reference: "2".into(),
                address: "fd00:20::1".parse().expect("an address"),
                network: "lab".into(),
                hostname: None,
                vmid: None,
                cluster: None,
                mac: None,
                vlan: None,
                owner_team: None,
                service: None,
                role: IpRole::Gateway,
                status: IpStatus::Active,
                declared_in: "ipam_assignment".into(),
                version: 1,
                not_a_guest: true,
                seen: SEEN,
            },
        ],
        port_map: vec![PortMapFact {
            reference: "1".into(),
            switch: "sw-rack1".into(),
            port: 7,
            node: "pve1".into(),
            cluster: Some("pve-lab".into()),
            panel: Some("A07".into()),
            nic: Some("eno1".into()),
            lag: Some("1".into()),
            vlan: Some(20),
            speed_mbps: Some(10_000),
            declared_in: "ipam_port_map".into(),
            seen: SEEN,
        }],
        unreadable: vec![],
    }
}

#[tokio::test]
async fn what_is_seeded_is_read_and_seeding_twice_changes_nothing() {
    let test = TestDatabase::create().await;
    ipam::seed(test.database(), &plan()).await.expect("an empty database takes it");
    assert_eq!(ipam::read(test.database(), NOW).await.expect("it is there"), plan());

    test.run("update ipam_assignment set hostname = 'renamed' where id = 1").await;
    ipam::seed(test.database(), &plan()).await.expect("once more");
    let read = ipam::read(test.database(), NOW).await.expect("it is there");
    assert_eq!(read.assignments[0].hostname.as_deref(), Some("renamed"), "what is there stays as it is");
    assert_eq!(read.assignments.len(), 2);
    assert_eq!(
        (&read.vlans, &read.subnets, &read.port_map),
        (&plan().vlans, &plan().subnets, &plan().port_map)
    );
}

#[tokio::test]
async fn tables_without_constraints_hide_no_good_row() {
    let test = TestDatabase::create().await;
    test.run(
        "alter table ipam_vlan drop constraint ipam_vlan_vlan_id_check;
         alter table ipam_assignment drop constraint ipam_assignment_address_check,
             drop constraint ipam_assignment_address_check1, drop constraint ipam_assignment_vmid_check;
         alter table ipam_port_map drop constraint ipam_port_map_port_check;
         alter type ipam_role add value 'router'; ",
    )
    .await;
    test.run(
        "insert into ipam_vlan (vlan_id, name) values (70000, 'much'), (7, 'good');
         insert into ipam_assignment (address, role, vmid) values ('10.0.0.0/8', 'host', null),
             ('10.0.0.1', 'router', null), ('127.0.0.1', 'host', null), ('10.0.0.2', 'host', -5),
             ('::ffff:10.0.0.3', 'host', 103);
         insert into ipam_port_map (switch, port, node) values ('sw', -1, 'a'), ('sw', 2, 'b')",
    )
    .await;
    let plan = ipam::read(test.database(), NOW).await.expect("it is there");
    assert_eq!((plan.vlans.len(), plan.assignments.len(), plan.port_map.len()), (1, 1, 1));
    assert_eq!(plan.assignments[0].address.to_string(), "10.0.0.3", "in the one form");
    let subjects: Vec<_> = plan.unreadable.iter().map(|row| &*row.subject).collect();
    assert_eq!(
        subjects,
        [
            "ipam_vlan 1",
            "ipam_assignment 1",
            "ipam_assignment 2",
            "ipam_assignment 3",
            "ipam_assignment 4",
            "ipam_port_map 1",
        ]
    );
}

#[tokio::test]
async fn a_change_wakes_who_listens() {
    let test = TestDatabase::create().await;
    for change in [
        "insert into ipam_vlan (vlan_id, name) values (5, 'a')",
        "insert into ipam_subnet (cidr) values ('10.0.0.0/24')",
        "insert into ipam_assignment (address) values ('10.0.0.1')",
        "update ipam_assignment set hostname = 'a'",
        "delete from ipam_assignment",
        "insert into ipam_port_map (switch, port, node) values ('sw', 1, 'a')",
        "truncate ipam_port_map",
    ] {
        let mut changes = Changes::listen(test.database(), [Topic::Ipam]).await.expect("it listens");
        test.run(change).await;
        let woken = tokio::time::timeout(Duration::from_secs(30), changes.changed()).await;
        woken.unwrap_or_else(|_| panic!("nobody was told of: {change}")).expect("the server answers");
    }
}
