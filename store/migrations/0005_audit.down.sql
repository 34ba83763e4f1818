drop table audit_outcome;
drop table audit_entry;
drop function audit_is_append_only();
drop type audit_decision;
drop type audit_kind;
