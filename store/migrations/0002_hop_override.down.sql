drop table hop_override;
drop function hop_override_changed();
drop type hop_kind;
