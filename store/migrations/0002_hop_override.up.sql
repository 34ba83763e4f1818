-- Decisions by hand: where a hop of a path leads, whatever the sources say.

create type hop_kind as enum ('PROXY_HOST', 'ADDRESS', 'GUEST', 'NODE', 'SWITCH_PORT');

create table hop_override (
    -- Global ids, as clients hold them.
    path text not null check (path like 'Path:%' and octet_length(path) <= 2000),
    hop hop_kind not null,
    -- Null: it leads nowhere.
    target text check (octet_length(target) between 1 and 2000),
    reason text not null check (length(reason) between 1 and 2000),
    decided_by text not null check (length(decided_by) between 1 and 253),
    decided_at timestamptz not null,
    primary key (path, hop)
);

create function hop_override_changed() returns trigger language plpgsql as $$
begin
    perform pg_notify('fleetgraph_override', '');
    return null;
end $$;
create trigger hop_override_changed after insert or update or delete or truncate on hop_override
    for each statement execute function hop_override_changed();
