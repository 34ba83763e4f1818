-- The address plan: VLANs, subnets, addresses, cables. Equal addresses mean the same only within one network.

create type ipam_vlan_state as enum ('current', 'planned', 'retired');
create type ipam_role as enum ('host', 'vip', 'anycast', 'gateway', 'infrastructure');
create type ipam_status as enum ('active', 'reserved', 'deprecated', 'migrating');

create table ipam_vlan (
    id bigint generated always as identity primary key,
    network text not null default 'default' check (length(network) between 1 and 100),
    -- IEEE 802.1Q; 0 and 4095 are reserved.
    vlan_id integer not null check (vlan_id between 1 and 4094),
    name text not null check (length(name) between 1 and 253),
    state ipam_vlan_state not null default 'current',
    -- What a subnet's or an address's foreign key names: a VLAN of the same network.
    unique (network, id)
);
-- A number that was retired may be given again.
create unique index ipam_vlan_in_use on ipam_vlan (network, vlan_id) where state <> 'retired';

-- Subnets lie within each other, so overlap is no error; the type cidr refuses host bits.
create table ipam_subnet (
    id bigint generated always as identity primary key,
    network text not null default 'default' check (length(network) between 1 and 100),
    cidr cidr not null,
    name text check (length(name) between 1 and 253),
    vlan bigint,
    environment text check (length(environment) between 1 and 100),
    unique (network, cidr),
    foreign key (network, vlan) references ipam_vlan (network, id)
);
create index ipam_subnet_vlan on ipam_subnet (vlan);

create table ipam_assignment (
    id bigint generated always as identity primary key,
    network text not null default 'default' check (length(network) between 1 and 100),
    -- One address, in the form in which it is compared: never a range, never IPv4 within IPv6.
    address inet not null
        check (masklen(address) = case family(address) when 4 then 32 else 128 end)
        check (not address <<= inet '::ffff:0:0/96')
        check (address not in (inet '0.0.0.0', inet '::')),
    hostname text check (length(hostname) between 1 and 253),
    -- What Proxmox accepts.
    vmid integer check (vmid between 100 and 999999999),
    cluster text check (length(cluster) between 1 and 100),
    mac macaddr,
    vlan bigint,
    owner_team text check (length(owner_team) between 1 and 253),
    service text check (length(service) between 1 and 253),
    role ipam_role not null default 'host',
    status ipam_status not null default 'active',
    -- For optimistic locking: who changes a row names the version that was read.
    version integer not null default 1 check (version > 0),
    foreign key (network, vlan) references ipam_vlan (network, id),
    -- A cluster alone names nothing.
    check (cluster is null or vmid is not null)
);
-- What one machine bears is written down once.
create unique index ipam_assignment_of_one on ipam_assignment (network, address)
    where role not in ('vip', 'anycast');
-- What several may bear is written down once for each of them.
create unique index ipam_assignment_of_several on ipam_assignment
    (network, address, coalesce(cluster, ''), coalesce(vmid, 0), coalesce(hostname, ''))
    where role in ('vip', 'anycast');
create index ipam_assignment_vlan on ipam_assignment (vlan);

create table ipam_port_map (
    id bigint generated always as identity primary key,
    -- By name or MAC.
    switch text not null check (length(switch) between 1 and 253),
    port integer not null check (port between 1 and 65535),
    node text not null check (length(node) between 1 and 253),
    cluster text check (length(cluster) between 1 and 100),
    panel text check (length(panel) between 1 and 253),
    nic text check (length(nic) between 1 and 253),
    lag text check (length(lag) between 1 and 253),
    vlan integer check (vlan between 1 and 4094),
    speed_mbps integer check (speed_mbps > 0),
    -- A port takes one cable.
    unique (switch, port)
);

-- Readers wake when a transaction that changed any of it commits. The payload is the table; equal ones are folded.
create function ipam_changed() returns trigger language plpgsql as $$
begin
    perform pg_notify('fleetgraph_ipam', tg_table_name);
    return null;
end $$;
create trigger ipam_vlan_changed after insert or update or delete or truncate on ipam_vlan
    for each statement execute function ipam_changed();
create trigger ipam_subnet_changed after insert or update or delete or truncate on ipam_subnet
    for each statement execute function ipam_changed();
create trigger ipam_assignment_changed after insert or update or delete or truncate on ipam_assignment
    for each statement execute function ipam_changed();
create trigger ipam_port_map_changed after insert or update or delete or truncate on ipam_port_map
    for each statement execute function ipam_changed();
