-- What the issuer ended before its time: kept until no token can live that long.

create type revocation_kind as enum ('SESSION', 'SUBJECT');

create table revocation (
    kind revocation_kind not null,
    -- The token's sid or sub.
    name text not null check (octet_length(name) between 1 and 255),
    -- Of a subject: tokens issued up to this second; of a session: all.
    issued_until bigint not null,
    until timestamptz not null,
    primary key (kind, name)
);
create index revocation_until on revocation (until);

-- The realm's not-before, as its issuer last said it.
create table token_not_before (
    issuer text primary key check (octet_length(issuer) between 1 and 2000),
    not_before bigint not null check (not_before >= 0)
);

create function revocation_changed() returns trigger language plpgsql as $$
begin
    perform pg_notify('fleetgraph_revocation', '');
    return null;
end $$;
create trigger revocation_changed after insert or update on revocation
    for each statement execute function revocation_changed();
