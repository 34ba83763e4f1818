-- What else the texts of a finding name, as global ids: who may not see one of them is not shown the texts, and while what a
-- guest among them bears could not be read the finding is not resolved. Null: it was written before this was kept.
alter table drift_finding add column names text[];
