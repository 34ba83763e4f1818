-- People's word that a finding is known. A table of its own: findings are written whole, by whoever last looked, and must
-- not take a word back that they had not heard of.

create table drift_acknowledgement (
    kind text not null check (kind ~ '^[A-Z][A-Z_]{1,60}$'),
    subject text not null check (octet_length(subject) between 1 and 1000),
    acknowledged_by text not null check (length(acknowledged_by) between 1 and 253),
    reason text not null check (length(reason) between 1 and 2000),
    -- Null: until the finding is resolved.
    until timestamptz,
    at timestamptz not null,
    primary key (kind, subject)
);
-- Those that findings bore until now.
insert into drift_acknowledgement (kind, subject, acknowledged_by, reason, until, at)
    select kind, subject, left(acknowledged_by, 253), left(acknowledged_reason, 2000), acknowledged_until, last_seen
    from drift_finding
    where acknowledged_by <> '' and acknowledged_reason <> '';

create function drift_acknowledgement_changed() returns trigger language plpgsql as $$
begin
    perform pg_notify('fleetgraph_acknowledgement', '');
    return null;
end $$;
create trigger drift_acknowledgement_changed after insert or update or delete or truncate on drift_acknowledgement
    for each statement execute function drift_acknowledgement_changed();
