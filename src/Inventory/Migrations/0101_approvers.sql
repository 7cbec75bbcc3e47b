-- Whose signatures the agents of a group demand, each set as it was written and signed.
create table inventory_approver_set (
  digest     $text$ primary key,                 -- what its signatures are over, lower-case hex
  group_id   $blob$ not null references platform_group (id),
  version    integer not null,
  needed     integer not null,
  document   $blob$ not null,
  signatures $text$ not null,                    -- JSON
  created_us bigint not null,
  created_by $text$ not null,
  unique (group_id, version)
);

-- The set that the asset's agent said it holds; null when it holds none. May be one that is not known here.
alter table inventory_asset add column approvers_digest $text$;
