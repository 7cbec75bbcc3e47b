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
  indexes_digest  $text$,                        -- of the package indexes and what they offer
  release         $text$,
  agent_version   $text$,
  full_wanted     integer not null default 0
);
create index inventory_asset_group on inventory_asset (group_id);
create index inventory_asset_name on inventory_asset (name, id);
create index inventory_asset_quarantined on inventory_asset (state) where state = 2;

-- The next ordinal; one row, so that ordinals are handed out one after the other.
create table inventory_ordinal (
  id   integer primary key,
  last integer not null
);
insert into inventory_ordinal (id, last) values (1, 0);

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
create index inventory_enrollment_token_expires on inventory_enrollment_token (expires_us);

create table inventory_certificate (
  serial        $text$ primary key,              -- upper-case hex
  asset_id      $blob$ not null references inventory_asset (id),
  not_before_us bigint not null,
  not_after_us  bigint not null,
  revoked_us    bigint
);
create index inventory_certificate_asset on inventory_certificate (asset_id);
create index inventory_certificate_revoked on inventory_certificate (revoked_us) where revoked_us is not null;
create index inventory_certificate_not_after on inventory_certificate (not_after_us);

-- Equal assets share one software set and one state; times of reports lie outside them.
create table inventory_software_set (
  digest   $text$ primary key,
  content  $blob$ not null,                      -- JSON of the packages, zstd
  packages integer not null,
  used_us  bigint not null                       -- last time a report brought it
);
create table inventory_machine_state (
  digest  $text$ primary key,
  content $blob$ not null,                       -- JSON of the state, zstd
  used_us bigint not null
);

create table inventory_report (
  id              $blob$ primary key,
  asset_id        $blob$ not null references inventory_asset (id),
  boot_id         $text$ not null,
  sequence        bigint not null,
  taken_us        bigint not null,
  received_us     bigint not null,
  clock_wrong     integer not null,              -- 1: the agent's clock was out of bounds, taken_us is ours
  software_digest $text$ references inventory_software_set (digest),
  state_digest    $text$ not null references inventory_machine_state (digest),
  vitals          $text$ not null,
  after_job       $blob$,
  unique (asset_id, boot_id, sequence)
);
create index inventory_report_asset on inventory_report (asset_id, received_us);
create index inventory_report_software on inventory_report (software_digest);
create index inventory_report_state on inventory_report (state_digest);

-- Boots an asset reported from; one that comes back after another was seen shows two holders of one identity.
create table inventory_boot (
  asset_id $blob$ not null references inventory_asset (id),
  boot_id  $text$ not null,
  first_us bigint not null,
  primary key (asset_id, boot_id)
);

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
       a.report_id, a.reported_us, a.software_digest, a.state_digest, a.release, a.agent_version, a.boot_id, a.sequence,
       a.full_wanted
from inventory_asset a join platform_group g on g.id = a.group_id;
