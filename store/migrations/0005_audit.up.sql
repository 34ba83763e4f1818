-- The audit log: who wanted what, whether they might, and what came of it. Rows are added and never changed.

create type audit_kind as enum ('change', 'read', 'shed');
create type audit_decision as enum ('allowed', 'denied', 'failed');

create table audit_entry (
    -- The order in which entries were made; gaps are those of transactions that did not commit.
    id bigint generated always as identity primary key,
    at timestamptz not null,
    kind audit_kind not null,
    -- As the answer's header and the log name the request.
    request_id text not null check (length(request_id) between 1 and 64),
    subject text not null check (length(subject) between 1 and 253),
    name text check (length(name) between 1 and 253),
    -- A mutation's name; `read`; `shed`.
    action text not null check (action ~ '^[A-Za-z][A-Za-z0-9]{0,99}$'),
    permission text check (permission ~ '^[a-z]+:[a-z]+$'),
    -- A global id, as clients hold it, or a field of the schema (`Organization.invoices`).
    target text not null check (length(target) between 1 and 2000),
    -- cloud:environment:cluster:node
    place text check (length(place) between 1 and 1000),
    decision audit_decision not null,
    -- Why it was denied, or why it failed before anything was done.
    decision_reason text check (length(decision_reason) between 1 and 2000),
    -- As given by whoever asked.
    reason text check (length(reason) between 1 and 2000),
    -- What stood there, and what is to stand there.
    before jsonb,
    after jsonb,
    -- How many denied reads one entry of the kind `shed` stands for.
    shed bigint check (shed > 0),
    -- For the chain of hashes that is to come; null: not chained.
    hash bytea check (length(hash) = 32),
    check ((kind = 'shed') = (shed is not null)),
    check ((decision = 'allowed') = (decision_reason is null)),
    check (kind = 'change' or (before is null and after is null and decision = 'denied'))
);
create index audit_entry_at on audit_entry (at);
create index audit_entry_request on audit_entry (request_id);

-- What came of an attempt that was allowed. An attempt without one was cut off: whether it was done is then not known.
create table audit_outcome (
    entry bigint primary key references audit_entry (id),
    at timestamptz not null,
    done boolean not null,
    -- Why it was not done.
    failure text check (length(failure) between 1 and 2000),
    after jsonb,
    check (done = (failure is null))
);

create function audit_is_append_only() returns trigger language plpgsql as $$
begin
    raise exception 'the audit log is append-only: % of % is refused', tg_op, tg_table_name
        using errcode = 'insufficient_privilege';
end $$;
create trigger audit_entry_append_only before update or delete or truncate on audit_entry
    for each statement execute function audit_is_append_only();
create trigger audit_outcome_append_only before update or delete or truncate on audit_outcome
    for each statement execute function audit_is_append_only();
