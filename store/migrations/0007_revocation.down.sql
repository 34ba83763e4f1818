drop table token_not_before;
drop table revocation;
drop function revocation_changed();
drop type revocation_kind;
