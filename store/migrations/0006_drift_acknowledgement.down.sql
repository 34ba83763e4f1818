drop table drift_acknowledgement;
drop function drift_acknowledgement_changed();
