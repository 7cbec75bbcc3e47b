-- One stretch of a finding in time (glossary: episode).
create table exposure_episode (
  id             $blob$ primary key,
  asset_id       $blob$ not null,
  release        $text$ not null,
  source         $text$ not null,
  vulnerability  $text$ not null,
  packages       $text$ not null,                -- name:architecture, comma separated, ordered
  from_version   $text$ not null,                -- source version when it opened
  fixed_version  $text$ not null,                -- as known when it was last looked at
  status         integer not null,               -- Finding status: 1 affected, 2 pending effect
  published_us   bigint,
  detected_us    bigint not null,
  planned_us     bigint,
  approved_us    bigint,
  dispatched_us  bigint,
  installed_us   bigint,
  verified_us    bigint,
  closed_us      bigint,
  closed_reason  integer,                        -- 1 fixed in effect, 2 removed, 3 not affected, 4 advisory changed, 5 asset retired
  to_version     $text$,                         -- source version when it closed
  opened_report  $blob$,                         -- report that showed it
  closed_report  $blob$,                         -- report that proved the end
  deadline_day   $text$,
  deadline_rule  $text$,
  is_assumed     integer not null default 0,
  version        bigint not null
);
create unique index exposure_episode_open on exposure_episode (asset_id, release, source, vulnerability) where closed_us is null;
create index exposure_episode_detected on exposure_episode (detected_us, id);
create index exposure_episode_asset on exposure_episode (asset_id, closed_us);

-- When each asset was last matched, and against what.
create table exposure_match (
  asset_id   $blob$ primary key,
  report_id  $blob$ not null,
  feeds      $text$ not null,                    -- digest of the snapshot
  matched_us bigint not null
);

create view exposure_episode_v as
select id, asset_id, release, source, vulnerability, packages, from_version, fixed_version, status, published_us, detected_us, planned_us, approved_us,
       dispatched_us, installed_us, verified_us, closed_us, closed_reason, to_version, opened_report, closed_report, deadline_day, deadline_rule, is_assumed
from exposure_episode;
