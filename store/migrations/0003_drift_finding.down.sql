drop table drift_finding;
drop type drift_state;
drop type drift_severity;
