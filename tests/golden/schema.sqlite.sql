CREATE VIEW advisories_feed_v as
select name, url, records, content_day, content_version, digest, attempted_us, succeeded_us, problem from advisories_feed;

CREATE VIEW exposure_episode_v as
select id, asset_id, release, source, vulnerability, packages, from_version, fixed_version, status, published_us, detected_us, planned_us, approved_us,
       dispatched_us, installed_us, verified_us, closed_us, closed_reason, to_version, opened_report, closed_report, deadline_day, deadline_rule, is_assumed
from exposure_episode;

CREATE VIEW inventory_asset_v as
select a.id, a.ordinal, a.name, a.group_id, g.name as group_name, a.environment, a.observed_only, a.state, a.enrolled_us, a.last_seen_us,
       a.report_id, a.reported_us, a.software_digest, a.state_digest, a.release, a.agent_version, a.boot_id, a.sequence,
       a.full_wanted
from inventory_asset a join platform_group g on g.id = a.group_id;

CREATE VIEW remediation_job_v as
select id, plan_id, asset_id, verb, title, state, created_us, leased_us, result_us, evidence, evidence_report, ended_us from remediation_job;

CREATE VIEW remediation_plan_v as
select p.id, p.hash, p.state, p.author, p.rule, p.title, p.created_us, p.decided_us, p.decided_by, p.ended_us, pa.asset_id, pa.fix_key
from remediation_plan p join remediation_plan_asset pa on pa.plan_id = p.id;

CREATE TABLE advisories_changelog (
  release    text not null,
  source     text not null,
  version    text not null,                    -- version in the security suite whose changelog was read
  content    text not null,                    -- JSON: entries newer than the oldest installed, each with version, day and CVEs
  fetched_us bigint not null,
  primary key (release, source, version)
);

CREATE TABLE advisories_feed (
  name            text primary key,
  url             text,
  records         integer not null,
  content_day     text,                        -- ISO date the publisher states
  content_version text,
  digest          text,                        -- SHA-256 of the bytes in force
  attempted_us    bigint,
  succeeded_us    bigint,
  problem         text
);

CREATE TABLE advisories_fix (
  release       text not null,
  source        text not null,
  vulnerability text not null,
  record        text not null,
  feed          text not null,
  fixed_version text not null,
  published_day text,
  recorded_us   bigint not null,
  withdrawn_us  bigint,
  primary key (release, source, vulnerability, record, feed, fixed_version, recorded_us)
);

CREATE TABLE advisories_source (
  feed          text not null,
  part          text not null,
  url           text not null,
  digest        text,
  etag          text,
  last_modified text,
  attempted_us  bigint,
  succeeded_us  bigint,
  problem       text,
  primary key (feed, part)
);

CREATE TABLE exposure_episode (
  id             blob primary key,
  asset_id       blob not null,
  release        text not null,
  source         text not null,
  vulnerability  text not null,
  packages       text not null,                -- name:architecture, comma separated, ordered
  from_version   text not null,                -- source version when it opened
  fixed_version  text not null,                -- as known when it was last looked at
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
  to_version     text,                         -- source version when it closed
  opened_report  blob,                         -- report that showed it
  closed_report  blob,                         -- report that proved the end
  deadline_day   text,
  deadline_rule  text,
  is_assumed     integer not null default 0,
  version        bigint not null
);

CREATE TABLE exposure_match (
  asset_id   blob primary key,
  report_id  blob not null,
  feeds      text not null,                    -- digest of the snapshot
  matched_us bigint not null
);

CREATE TABLE inventory_approver_set (
  digest     text primary key,                 -- what its signatures are over, lower-case hex
  group_id   blob not null references platform_group (id),
  version    integer not null,
  needed     integer not null,
  document   blob not null,
  signatures text not null,                    -- JSON
  created_us bigint not null,
  created_by text not null,
  unique (group_id, version)
);

CREATE TABLE inventory_asset (
  id              blob primary key,
  ordinal         integer not null unique,       -- dense, never reused: its place in sets
  name            text not null,
  group_id        blob not null references platform_group (id),
  environment     text not null,
  observed_only   integer not null,
  state           integer not null,              -- 1 active, 2 quarantined, 3 retired
  version         bigint not null,
  enrolled_us     bigint not null,
  last_seen_us    bigint,
  boot_id         text,
  sequence        bigint not null,
  report_id       blob,                        -- last report stored
  reported_us     bigint,
  software_digest text,
  state_digest    text,
  indexes_digest  text,                        -- of the package indexes and what they offer
  release         text,
  agent_version   text,
  full_wanted     integer not null default 0
, approvers_digest text, claimed_boot text, claimed_sequence bigint);

CREATE TABLE inventory_boot (
  asset_id blob not null references inventory_asset (id),
  boot_id  text not null,
  first_us bigint not null, first_sequence bigint,
  primary key (asset_id, boot_id)
);

CREATE TABLE inventory_certificate (
  serial        text primary key,              -- upper-case hex
  asset_id      blob not null references inventory_asset (id),
  not_before_us bigint not null,
  not_after_us  bigint not null,
  revoked_us    bigint
);

CREATE TABLE inventory_context (
  asset_id blob not null references inventory_asset (id),
  key      text not null,
  source   integer not null,                     -- 1 observed, 2 imported, 3 stated; the highest present is in force
  value    text not null,
  at_us    bigint not null,
  set_by   text not null,
  primary key (asset_id, key, source)
);

CREATE TABLE inventory_enrollment_token (
  id          blob primary key,
  hash        blob not null unique,            -- SHA-256 of the token
  group_id    blob not null references platform_group (id),
  environment text not null,
  created_by  text not null,
  created_us  bigint not null,
  expires_us  bigint not null,
  used_us     bigint,
  asset_id    blob
);

CREATE TABLE inventory_machine_state (
  digest  text primary key,
  content blob not null,                       -- JSON of the state, zstd
  used_us bigint not null
);

CREATE TABLE inventory_ordinal (
  id   integer primary key,
  last integer not null
);

CREATE TABLE inventory_report (
  id              blob primary key,
  asset_id        blob not null references inventory_asset (id),
  boot_id         text not null,
  sequence        bigint not null,
  taken_us        bigint not null,
  received_us     bigint not null,
  clock_wrong     integer not null,              -- 1: the agent's clock was out of bounds, taken_us is ours
  software_digest text references inventory_software_set (digest),
  state_digest    text not null references inventory_machine_state (digest),
  vitals          text not null,
  after_job       blob,
  unique (asset_id, boot_id, sequence)
);

CREATE TABLE inventory_software_set (
  digest   text primary key,
  content  blob not null,                      -- JSON of the packages, zstd
  packages integer not null,
  used_us  bigint not null                       -- last time a report brought it
);

CREATE TABLE platform_group (
  id         blob primary key,
  name       text not null unique,
  created_us bigint not null
);

CREATE TABLE platform_ledger (
  sequence integer primary key autoincrement,
  at_us    bigint not null,
  actor    text not null,
  action   text not null,
  subject  text not null,
  detail   text not null,
  group_id blob                                -- whose scope may read it; null for all groups' only
, position bigint, hash blob);

CREATE TABLE platform_setting (
  name  text primary key,
  value blob not null
);

CREATE TABLE platform_sign_in (
  key        text primary key,                 -- user:NAME or address:ADDRESS
  tries      integer not null,
  last_us    bigint not null,
  blocked_us bigint not null                     -- no further try before
);

CREATE TABLE platform_token (
  id          blob primary key,
  hash        blob not null unique,            -- SHA-256 of the secret
  user_id     blob not null references platform_user (id),
  name        text not null,
  is_session  integer not null,
  roles       integer not null,
  all_groups  integer not null,
  created_us  bigint not null,
  expires_us  bigint not null,
  revoked_us  bigint
);

CREATE TABLE platform_token_group (
  token_id blob not null references platform_token (id),
  group_id blob not null references platform_group (id),
  primary key (token_id, group_id)
);

CREATE TABLE platform_user (
  id            blob primary key,
  name          text not null unique,
  password_hash text,
  code_hash     blob,                          -- one-time sign-in code, SHA-256
  code_until_us bigint,
  roles         integer not null,                -- bit (role - 1)
  all_groups    integer not null,
  is_enabled    integer not null,
  version       bigint not null,
  created_us    bigint not null
);

CREATE TABLE platform_user_group (
  user_id  blob not null references platform_user (id),
  group_id blob not null references platform_group (id),
  primary key (user_id, group_id)
);

CREATE TABLE platform_work (
  id         blob primary key,
  kind       text not null,
  subject    text not null,
  payload    text not null,
  state      integer not null,                   -- 1 waiting, 2 leased, 3 failed
  attempts   integer not null,
  created_us bigint not null,
  due_us     bigint,                             -- when it may be claimed: its due time, or the end of its lease; null when failed
  tried_us   bigint,                             -- last claim
  error      text
);

CREATE TABLE remediation_approval (
  plan_id   blob not null references remediation_plan (id),
  key_id    text not null,
  holder    text not null,
  signature text not null,                     -- JSON
  at_us     bigint not null,
  primary key (plan_id, key_id)
);

CREATE TABLE remediation_comment (
  id      blob primary key,
  line    text not null,
  author  text not null,
  at_us   bigint not null,
  text    text not null
);

CREATE TABLE remediation_comment_group (
  comment_id blob not null references remediation_comment (id),
  group_id   blob not null,
  primary key (comment_id, group_id)
);

CREATE TABLE remediation_fix (
  line        text not null,
  group_id    blob not null,
  team        text,
  person      text,
  assigned_us bigint not null,
  version     bigint not null,
  primary key (line, group_id)
);

CREATE TABLE remediation_job (
  id              blob primary key,
  plan_id         blob references remediation_plan (id), -- null: a report that a person asked for
  asset_id        blob not null,
  wave            integer not null,
  place           integer not null,              -- order within the asset
  verb            integer not null,
  title           text not null,
  payload         blob not null,               -- the exact bytes signed
  signature       blob not null,
  key_id          text not null,
  changes         text not null,               -- JSON of the plan's changes it carries out: what a verification looks for
  is_follow_up    integer not null,              -- 1: made after a change of the same plan, by a clause of it
  state           integer not null,
  version         bigint not null,
  created_us      bigint not null,
  not_before_us   bigint not null,
  expires_us      bigint not null,
  leased_us       bigint,                        -- first lease
  leased_until_us bigint,
  leased_boot     text,                        -- boot the agent spoke from when it took the job
  result          text,                        -- JSON of the agent's result
  result_us       bigint,
  evidence        text,
  evidence_report blob,
  contradictions  integer not null default 0,    -- fresh reports that showed it undone
  ended_us        bigint
);

CREATE TABLE remediation_plan (
  id            blob primary key,
  hash          text not null unique,
  state         integer not null,
  version       bigint not null,
  author        text not null,
  rule          text not null,
  policy_digest text not null,
  title         text not null,
  body          text not null,                 -- canonical JSON: what the hash covers
  findings      integer not null,
  risk_per_day  real not null,
  created_us    bigint not null,
  decided_us    bigint,
  decided_by    text,
  reason        text,
  ended_us      bigint
);

CREATE TABLE remediation_plan_asset (
  plan_id  blob not null references remediation_plan (id),
  asset_id blob not null,
  fix_key  text not null, findings integer not null default 0, risk_per_day real not null default 0,
  primary key (plan_id, asset_id, fix_key)
);

CREATE TABLE remediation_policy (
  digest     text not null,
  yaml       text not null,
  applied_us bigint not null,
  applied_by text not null,
  sequence   integer primary key                 -- the highest is in force
);

CREATE TABLE remediation_work (
  asset_id      blob not null,
  line          text not null,
  fix_key       text not null,
  turn          text not null,
  turn_since_us bigint not null,
  blocked       text,
  plan_id       blob,                          -- open plan that carries it; null when none: never two
  failures      integer not null,
  failed_key    text,
  failed_reason text,
  retry_us      bigint, also text,
  primary key (asset_id, line)
);

CREATE INDEX exposure_episode_asset on exposure_episode (asset_id, closed_us);

CREATE INDEX exposure_episode_detected on exposure_episode (detected_us, id);

CREATE UNIQUE INDEX exposure_episode_open on exposure_episode (asset_id, release, source, vulnerability) where closed_us is null;

CREATE INDEX exposure_episode_verified on exposure_episode (verified_us) where verified_us is not null;

CREATE INDEX inventory_asset_group on inventory_asset (group_id);

CREATE INDEX inventory_asset_name on inventory_asset (name, id);

CREATE INDEX inventory_asset_quarantined on inventory_asset (state) where state = 2;

CREATE INDEX inventory_certificate_asset on inventory_certificate (asset_id);

CREATE INDEX inventory_certificate_not_after on inventory_certificate (not_after_us);

CREATE INDEX inventory_certificate_revoked on inventory_certificate (revoked_us) where revoked_us is not null;

CREATE INDEX inventory_enrollment_token_expires on inventory_enrollment_token (expires_us);

CREATE INDEX inventory_report_asset on inventory_report (asset_id, received_us);

CREATE INDEX inventory_report_software on inventory_report (software_digest);

CREATE INDEX inventory_report_state on inventory_report (state_digest);

CREATE UNIQUE INDEX platform_ledger_position on platform_ledger (position);

CREATE INDEX platform_ledger_subject on platform_ledger (subject, sequence);

CREATE INDEX platform_ledger_unsealed on platform_ledger (sequence) where position is null;

CREATE INDEX platform_sign_in_last on platform_sign_in (last_us);

CREATE INDEX platform_token_user on platform_token (user_id, id);

CREATE INDEX platform_work_due on platform_work (kind, due_us, id);

CREATE UNIQUE INDEX platform_work_waiting on platform_work (kind, subject) where state = 1;

CREATE INDEX remediation_comment_line on remediation_comment (line, at_us);

CREATE INDEX remediation_job_asset on remediation_job (asset_id, state);

CREATE INDEX remediation_job_created on remediation_job (created_us, id);

CREATE INDEX remediation_job_plan on remediation_job (plan_id);

CREATE INDEX remediation_job_ready on remediation_job (not_before_us) where state = 2;

CREATE INDEX remediation_plan_asset_asset on remediation_plan_asset (asset_id);

CREATE INDEX remediation_plan_created on remediation_plan (created_us, id);

CREATE INDEX remediation_work_line on remediation_work (line);

CREATE INDEX remediation_work_plan on remediation_work (plan_id) where plan_id is not null;

