create table inventory_asset (
  id              $blob$ primary key,
  ordinal         integer not null unique,       -- dense, never reused: its place in sets
  name            $text$ not null,
  group_id        $blob$ not null references platform_group (id),
  environment     $text$ not null,
  observed_only   integer not null,
  state           integer not null,              -- 1 active, 2 quarantined, 3 retired
  version         bigint not null,
  enrolled_us     bigint not null,
  last_seen_us    bigint,
  boot_id         $text$,
  sequence        bigint not null,
  report_id       $blob$,                        -- last report stored
  reported_us     bigint,
  software_digest $text$,
  state_digest    $text$,
  release         $text$,
  agent_version   $text$,
  full_wanted     integer not null default 0
);
create index inventory_asset_group on inventory_asset (group_id);

create table inventory_enrollment_token (
  id          $blob$ primary key,
  hash        $blob$ not null unique,            -- SHA-256 of the token
  group_id    $blob$ not null references platform_group (id),
  environment $text$ not null,
  created_by  $text$ not null,
  created_us  bigint not null,
  expires_us  bigint not null,
  used_us     bigint,
  asset_id    $blob$
);

create table inventory_certificate (
  serial        $text$ primary key,              -- upper-case hex
  asset_id      $blob$ not null references inventory_asset (id),
  not_before_us bigint not null,
  not_after_us  bigint not null,
  revoked_us    bigint
);
create index inventory_certificate_asset on inventory_certificate (asset_id);

-- Equal assets share one software set; times lie outside it.
create table inventory_software_set (
  digest   $text$ primary key,
  content  $blob$ not null,                      -- JSON of the packages, zstd
  packages integer not null
);

create table inventory_report (
  id              $blob$ primary key,
  asset_id        $blob$ not null references inventory_asset (id),
  boot_id         $text$ not null,
  sequence        bigint not null,
  taken_us        bigint not null,
  received_us     bigint not null,
  software_digest $text$,
  state_digest    $text$ not null,
  state           $blob$ not null,               -- JSON of the state, zstd
  vitals          $text$ not null,
  after_job       $blob$,
  unique (asset_id, boot_id, sequence)
);
create index inventory_report_asset on inventory_report (asset_id, received_us);

create table inventory_context (
  asset_id $blob$ not null references inventory_asset (id),
  key      $text$ not null,
  source   integer not null,                     -- 1 observed, 2 imported, 3 stated; the highest present is in force
  value    $text$ not null,
  at_us    bigint not null,
  set_by   $text$ not null,
  primary key (asset_id, key, source)
);

create view inventory_asset_v as
select a.id, a.ordinal, a.name, a.group_id, g.name as group_name, a.environment, a.observed_only, a.state, a.enrolled_us, a.last_seen_us,
       a.report_id, a.reported_us, a.software_digest, a.state_digest, a.release, a.agent_version, a.boot_id, a.sequence
from inventory_asset a join platform_group g on g.id = a.group_id;
