create table remediation_policy (
  digest     $text$ primary key,
  yaml       $text$ not null,
  applied_us bigint not null,
  applied_by $text$ not null,
  sequence   integer not null unique             -- the highest is in force
);

-- What people said of a fix: whose turn, comments. The fix itself is derived.
create table remediation_fix (
  key           $text$ primary key,
  team          $text$,
  person        $text$,
  turn          $text$ not null,
  turn_since_us bigint not null,
  version       bigint not null
);
create table remediation_comment (
  id      $blob$ primary key,
  fix_key $text$ not null,
  author  $text$ not null,
  at_us   bigint not null,
  text    $text$ not null
);
create index remediation_comment_fix on remediation_comment (fix_key, at_us);

create table remediation_plan (
  id            $blob$ primary key,
  hash          $text$ not null unique,
  state         integer not null,
  version       bigint not null,
  author        $text$ not null,
  rule          $text$ not null,
  policy_digest $text$ not null,
  title         $text$ not null,
  body          $text$ not null,                 -- canonical JSON of the changes: what the hash covers
  findings      integer not null,
  risk_per_day  $double$ not null,
  created_us    bigint not null,
  decided_us    bigint,
  decided_by    $text$,
  reason        $text$,
  ended_us      bigint
);
create index remediation_plan_state on remediation_plan (state, created_us);

create table remediation_plan_asset (
  plan_id  $blob$ not null references remediation_plan (id),
  asset_id $blob$ not null,
  fix_key  $text$ not null,
  primary key (plan_id, asset_id, fix_key)
);
create index remediation_plan_asset_asset on remediation_plan_asset (asset_id);

create table remediation_job (
  id              $blob$ primary key,
  plan_id         $blob$ not null references remediation_plan (id),
  asset_id        $blob$ not null,
  wave            integer not null,
  place           integer not null,              -- order within the asset
  verb            integer not null,
  title           $text$ not null,
  payload         $blob$ not null,               -- the exact bytes signed
  signature       $blob$ not null,
  key_id          $text$ not null,
  change          $text$ not null,               -- JSON of the plan's change: what a verification looks for
  state           integer not null,
  version         bigint not null,
  created_us      bigint not null,
  expires_us      bigint not null,
  leased_us       bigint,
  leased_until_us bigint,
  result          $text$,                        -- JSON of the agent's result
  result_us       bigint,
  evidence        $text$,
  evidence_report $blob$,
  ended_us        bigint
);
create index remediation_job_asset on remediation_job (asset_id, state);
create index remediation_job_plan on remediation_job (plan_id);

create view remediation_plan_v as
select p.id, p.hash, p.state, p.author, p.rule, p.title, p.created_us, p.decided_us, p.decided_by, p.ended_us, pa.asset_id, pa.fix_key
from remediation_plan p join remediation_plan_asset pa on pa.plan_id = p.id;
