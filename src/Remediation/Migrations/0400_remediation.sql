create table remediation_policy (
  digest     $text$ not null,
  yaml       $text$ not null,
  applied_us bigint not null,
  applied_by $text$ not null,
  sequence   integer primary key                 -- the highest is in force
);

-- Who shall see to a fix, and what people said of it, each for the groups it was said for. The fix itself is derived; line is release/source, so both
-- stay when the version rises.
create table remediation_fix (
  line        $text$ not null,
  group_id    $blob$ not null,
  team        $text$,
  person      $text$,
  assigned_us bigint not null,
  version     bigint not null,
  primary key (line, group_id)
);
create table remediation_comment (
  id      $blob$ primary key,
  line    $text$ not null,
  author  $text$ not null,
  at_us   bigint not null,
  text    $text$ not null
);
create index remediation_comment_line on remediation_comment (line, at_us);
create table remediation_comment_group (
  comment_id $blob$ not null references remediation_comment (id),
  group_id   $blob$ not null,
  primary key (comment_id, group_id)
);

-- The work on one fix of one asset: whose turn, what blocks it, and the only plan that carries it.
create table remediation_work (
  asset_id      $blob$ not null,
  line          $text$ not null,
  fix_key       $text$ not null,
  turn          $text$ not null,
  turn_since_us bigint not null,
  blocked       $text$,
  plan_id       $blob$,                          -- open plan that carries it; null when none: never two
  failures      integer not null,
  failed_key    $text$,
  failed_reason $text$,
  retry_us      bigint,
  primary key (asset_id, line)
);
create index remediation_work_plan on remediation_work (plan_id) where plan_id is not null;

create table remediation_plan (
  id            $blob$ primary key,
  hash          $text$ not null unique,
  state         integer not null,
  version       bigint not null,
  author        $text$ not null,
  rule          $text$ not null,
  policy_digest $text$ not null,
  title         $text$ not null,
  body          $text$ not null,                 -- canonical JSON: what the hash covers
  findings      integer not null,
  risk_per_day  $double$ not null,
  created_us    bigint not null,
  decided_us    bigint,
  decided_by    $text$,
  reason        $text$,
  ended_us      bigint
);
create index remediation_plan_created on remediation_plan (created_us, id);

create table remediation_plan_asset (
  plan_id  $blob$ not null references remediation_plan (id),
  asset_id $blob$ not null,
  fix_key  $text$ not null,
  primary key (plan_id, asset_id, fix_key)
);
create index remediation_plan_asset_asset on remediation_plan_asset (asset_id);

create table remediation_job (
  id              $blob$ primary key,
  plan_id         $blob$ references remediation_plan (id), -- null: a report that a person asked for
  asset_id        $blob$ not null,
  wave            integer not null,
  place           integer not null,              -- order within the asset
  verb            integer not null,
  title           $text$ not null,
  payload         $blob$ not null,               -- the exact bytes signed
  signature       $blob$ not null,
  key_id          $text$ not null,
  changes         $text$ not null,               -- JSON of the plan's changes it carries out: what a verification looks for
  is_follow_up    integer not null,              -- 1: made after a change of the same plan, by a clause of it
  state           integer not null,
  version         bigint not null,
  created_us      bigint not null,
  not_before_us   bigint not null,
  expires_us      bigint not null,
  leased_us       bigint,                        -- first lease
  leased_until_us bigint,
  leased_boot     $text$,                        -- boot the agent spoke from when it took the job
  result          $text$,                        -- JSON of the agent's result
  result_us       bigint,
  evidence        $text$,
  evidence_report $blob$,
  contradictions  integer not null default 0,    -- fresh reports that showed it undone
  ended_us        bigint
);
create index remediation_job_asset on remediation_job (asset_id, state);
create index remediation_job_plan on remediation_job (plan_id);
create index remediation_job_created on remediation_job (created_us, id);
create index remediation_job_ready on remediation_job (not_before_us) where state = 2;

create view remediation_plan_v as
select p.id, p.hash, p.state, p.author, p.rule, p.title, p.created_us, p.decided_us, p.decided_by, p.ended_us, pa.asset_id, pa.fix_key
from remediation_plan p join remediation_plan_asset pa on pa.plan_id = p.id;
create view remediation_job_v as
select id, plan_id, asset_id, verb, title, state, created_us, leased_us, result_us, evidence, evidence_report, ended_us from remediation_job;
