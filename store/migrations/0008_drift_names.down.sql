alter table drift_finding drop column names;
