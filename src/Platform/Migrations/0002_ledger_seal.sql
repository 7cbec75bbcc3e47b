-- The chain over the ledger. Rows are sealed after they are committed, in a transaction of the sealer: place and hash are null until then.
alter table platform_ledger add column position bigint;
alter table platform_ledger add column hash $blob$;
create unique index platform_ledger_position on platform_ledger (position);
create index platform_ledger_unsealed on platform_ledger (sequence) where position is null;
