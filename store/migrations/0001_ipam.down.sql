drop table ipam_port_map;
drop table ipam_assignment;
drop table ipam_subnet;
drop table ipam_vlan;
drop function ipam_changed();
drop type ipam_status;
drop type ipam_role;
drop type ipam_vlan_state;
