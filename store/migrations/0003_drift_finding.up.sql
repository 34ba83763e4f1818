-- The memory of drift: each finding as it was last made, since when, and who knows of it.

create type drift_severity as enum ('info', 'warning', 'error');
create type drift_state as enum ('open', 'acknowledged', 'resolved', 'unknown');

create table drift_finding (
    kind text not null check (kind ~ '^[A-Z][A-Z_]{1,60}$'),
    subject text not null check (octet_length(subject) between 1 and 1000),
    severity drift_severity not null,
    -- A global id, as clients hold it: at whose place the finding counts.
    about text,
    declared text,
    observed text,
    message text not null,
    sources text[] not null,
    -- Of the oldest data that it was last made from.
    seen timestamptz not null,
    first_seen timestamptz not null,
    last_seen timestamptz not null,
    state drift_state not null,
    acknowledged_by text,
    acknowledged_reason text,
    acknowledged_until timestamptz,
    resolved_at timestamptz,
    primary key (kind, subject),
    check (first_seen <= last_seen),
    check ((state = 'resolved') = (resolved_at is not null)),
    check (state <> 'acknowledged' or acknowledged_by is not null),
    check (state not in ('open', 'resolved') or acknowledged_by is null),
    check ((acknowledged_by is null) = (acknowledged_reason is null)),
    check (acknowledged_until is null or acknowledged_by is not null)
);
