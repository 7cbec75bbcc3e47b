create table advisories_changelog (
  release text collate "C" not null,
  source text collate "C" not null,
  version text collate "C" not null,
  content text collate "C" not null,
  fetched_us bigint not null,
  PRIMARY KEY (release, source, version)
);

create table advisories_feed (
  name text collate "C" not null,
  url text collate "C",
  records integer not null,
  content_day text collate "C",
  content_version text collate "C",
  digest text collate "C",
  attempted_us bigint,
  succeeded_us bigint,
  problem text collate "C",
  PRIMARY KEY (name)
);

create table advisories_fix (
  release text collate "C" not null,
  source text collate "C" not null,
  vulnerability text collate "C" not null,
  record text collate "C" not null,
  feed text collate "C" not null,
  fixed_version text collate "C" not null,
  published_day text collate "C",
  recorded_us bigint not null,
  withdrawn_us bigint,
  PRIMARY KEY (release, source, vulnerability, record, feed, fixed_version, recorded_us)
);

create table advisories_source (
  feed text collate "C" not null,
  part text collate "C" not null,
  url text collate "C" not null,
  digest text collate "C",
  etag text collate "C",
  last_modified text collate "C",
  attempted_us bigint,
  succeeded_us bigint,
  problem text collate "C",
  PRIMARY KEY (feed, part)
);

create table exposure_episode (
  id bytea not null,
  asset_id bytea not null,
  release text collate "C" not null,
  source text collate "C" not null,
  vulnerability text collate "C" not null,
  packages text collate "C" not null,
  from_version text collate "C" not null,
  fixed_version text collate "C" not null,
  status integer not null,
  published_us bigint,
  detected_us bigint not null,
  planned_us bigint,
  approved_us bigint,
  dispatched_us bigint,
  installed_us bigint,
  verified_us bigint,
  closed_us bigint,
  closed_reason integer,
  to_version text collate "C",
  opened_report bytea,
  closed_report bytea,
  deadline_day text collate "C",
  deadline_rule text collate "C",
  is_assumed integer not null default 0,
  version bigint not null,
  PRIMARY KEY (id)
);

create table exposure_match (
  asset_id bytea not null,
  report_id bytea not null,
  feeds text collate "C" not null,
  matched_us bigint not null,
  PRIMARY KEY (asset_id)
);

create table inventory_approver_set (
  digest text collate "C" not null,
  group_id bytea not null,
  version integer not null,
  needed integer not null,
  document bytea not null,
  signatures text collate "C" not null,
  created_us bigint not null,
  created_by text collate "C" not null,
  FOREIGN KEY (group_id) REFERENCES platform_group(id),
  PRIMARY KEY (digest),
  UNIQUE (group_id, version)
);

create table inventory_asset (
  id bytea not null,
  ordinal integer not null,
  name text collate "C" not null,
  group_id bytea not null,
  environment text collate "C" not null,
  observed_only integer not null,
  state integer not null,
  version bigint not null,
  enrolled_us bigint not null,
  last_seen_us bigint,
  boot_id text collate "C",
  sequence bigint not null,
  report_id bytea,
  reported_us bigint,
  software_digest text collate "C",
  state_digest text collate "C",
  indexes_digest text collate "C",
  release text collate "C",
  agent_version text collate "C",
  full_wanted integer not null default 0,
  approvers_digest text collate "C",
  claimed_boot text collate "C",
  claimed_sequence bigint,
  FOREIGN KEY (group_id) REFERENCES platform_group(id),
  PRIMARY KEY (id),
  UNIQUE (ordinal)
);

create table inventory_boot (
  asset_id bytea not null,
  boot_id text collate "C" not null,
  first_us bigint not null,
  first_sequence bigint,
  FOREIGN KEY (asset_id) REFERENCES inventory_asset(id),
  PRIMARY KEY (asset_id, boot_id)
);

create table inventory_certificate (
  serial text collate "C" not null,
  asset_id bytea not null,
  not_before_us bigint not null,
  not_after_us bigint not null,
  revoked_us bigint,
  FOREIGN KEY (asset_id) REFERENCES inventory_asset(id),
  PRIMARY KEY (serial)
);

create table inventory_context (
  asset_id bytea not null,
  key text collate "C" not null,
  source integer not null,
  value text collate "C" not null,
  at_us bigint not null,
  set_by text collate "C" not null,
  FOREIGN KEY (asset_id) REFERENCES inventory_asset(id),
  PRIMARY KEY (asset_id, key, source)
);

create table inventory_enrollment_token (
  id bytea not null,
  hash bytea not null,
  group_id bytea not null,
  environment text collate "C" not null,
  created_by text collate "C" not null,
  created_us bigint not null,
  expires_us bigint not null,
  used_us bigint,
  asset_id bytea,
  FOREIGN KEY (group_id) REFERENCES platform_group(id),
  PRIMARY KEY (id),
  UNIQUE (hash)
);

create table inventory_machine_state (
  digest text collate "C" not null,
  content bytea not null,
  used_us bigint not null,
  PRIMARY KEY (digest)
);

create table inventory_ordinal (
  id integer not null,
  last integer not null,
  PRIMARY KEY (id)
);

create table inventory_report (
  id bytea not null,
  asset_id bytea not null,
  boot_id text collate "C" not null,
  sequence bigint not null,
  taken_us bigint not null,
  received_us bigint not null,
  clock_wrong integer not null,
  software_digest text collate "C",
  state_digest text collate "C" not null,
  vitals text collate "C" not null,
  after_job bytea,
  FOREIGN KEY (asset_id) REFERENCES inventory_asset(id),
  FOREIGN KEY (software_digest) REFERENCES inventory_software_set(digest),
  FOREIGN KEY (state_digest) REFERENCES inventory_machine_state(digest),
  PRIMARY KEY (id),
  UNIQUE (asset_id, boot_id, sequence)
);

create table inventory_software_set (
  digest text collate "C" not null,
  content bytea not null,
  packages integer not null,
  used_us bigint not null,
  PRIMARY KEY (digest)
);

create table platform_group (
  id bytea not null,
  name text collate "C" not null,
  created_us bigint not null,
  PRIMARY KEY (id),
  UNIQUE (name)
);

create table platform_ledger (
  sequence bigint generated always as identity not null,
  at_us bigint not null,
  actor text collate "C" not null,
  action text collate "C" not null,
  subject text collate "C" not null,
  detail text collate "C" not null,
  group_id bytea,
  position bigint,
  hash bytea,
  PRIMARY KEY (sequence)
);

create table platform_setting (
  name text collate "C" not null,
  value bytea not null,
  PRIMARY KEY (name)
);

create table platform_sign_in (
  key text collate "C" not null,
  tries integer not null,
  last_us bigint not null,
  blocked_us bigint not null,
  PRIMARY KEY (key)
);

create table platform_token (
  id bytea not null,
  hash bytea not null,
  user_id bytea not null,
  name text collate "C" not null,
  is_session integer not null,
  roles integer not null,
  all_groups integer not null,
  created_us bigint not null,
  expires_us bigint not null,
  revoked_us bigint,
  FOREIGN KEY (user_id) REFERENCES platform_user(id),
  PRIMARY KEY (id),
  UNIQUE (hash)
);

create table platform_token_group (
  token_id bytea not null,
  group_id bytea not null,
  FOREIGN KEY (group_id) REFERENCES platform_group(id),
  FOREIGN KEY (token_id) REFERENCES platform_token(id),
  PRIMARY KEY (token_id, group_id)
);

create table platform_user (
  id bytea not null,
  name text collate "C" not null,
  password_hash text collate "C",
  code_hash bytea,
  code_until_us bigint,
  roles integer not null,
  all_groups integer not null,
  is_enabled integer not null,
  version bigint not null,
  created_us bigint not null,
  PRIMARY KEY (id),
  UNIQUE (name)
);

create table platform_user_group (
  user_id bytea not null,
  group_id bytea not null,
  FOREIGN KEY (group_id) REFERENCES platform_group(id),
  FOREIGN KEY (user_id) REFERENCES platform_user(id),
  PRIMARY KEY (user_id, group_id)
);

create table platform_work (
  id bytea not null,
  kind text collate "C" not null,
  subject text collate "C" not null,
  payload text collate "C" not null,
  state integer not null,
  attempts integer not null,
  created_us bigint not null,
  due_us bigint,
  tried_us bigint,
  error text collate "C",
  PRIMARY KEY (id)
);

create table remediation_approval (
  plan_id bytea not null,
  key_id text collate "C" not null,
  holder text collate "C" not null,
  signature text collate "C" not null,
  at_us bigint not null,
  FOREIGN KEY (plan_id) REFERENCES remediation_plan(id),
  PRIMARY KEY (plan_id, key_id)
);

create table remediation_comment (
  id bytea not null,
  line text collate "C" not null,
  author text collate "C" not null,
  at_us bigint not null,
  text text collate "C" not null,
  PRIMARY KEY (id)
);

create table remediation_comment_group (
  comment_id bytea not null,
  group_id bytea not null,
  FOREIGN KEY (comment_id) REFERENCES remediation_comment(id),
  PRIMARY KEY (comment_id, group_id)
);

create table remediation_fix (
  line text collate "C" not null,
  group_id bytea not null,
  team text collate "C",
  person text collate "C",
  assigned_us bigint not null,
  version bigint not null,
  PRIMARY KEY (line, group_id)
);

create table remediation_job (
  id bytea not null,
  plan_id bytea,
  asset_id bytea not null,
  wave integer not null,
  place integer not null,
  verb integer not null,
  title text collate "C" not null,
  payload bytea not null,
  signature bytea not null,
  key_id text collate "C" not null,
  changes text collate "C" not null,
  is_follow_up integer not null,
  state integer not null,
  version bigint not null,
  created_us bigint not null,
  not_before_us bigint not null,
  expires_us bigint not null,
  leased_us bigint,
  leased_until_us bigint,
  leased_boot text collate "C",
  result text collate "C",
  result_us bigint,
  evidence text collate "C",
  evidence_report bytea,
  contradictions integer not null default 0,
  ended_us bigint,
  FOREIGN KEY (plan_id) REFERENCES remediation_plan(id),
  PRIMARY KEY (id)
);

create table remediation_plan (
  id bytea not null,
  hash text collate "C" not null,
  state integer not null,
  version bigint not null,
  author text collate "C" not null,
  rule text collate "C" not null,
  policy_digest text collate "C" not null,
  title text collate "C" not null,
  body text collate "C" not null,
  findings integer not null,
  risk_per_day double precision not null,
  created_us bigint not null,
  decided_us bigint,
  decided_by text collate "C",
  reason text collate "C",
  ended_us bigint,
  PRIMARY KEY (id),
  UNIQUE (hash)
);

create table remediation_plan_asset (
  plan_id bytea not null,
  asset_id bytea not null,
  fix_key text collate "C" not null,
  findings integer not null default 0,
  risk_per_day double precision not null default 0,
  FOREIGN KEY (plan_id) REFERENCES remediation_plan(id),
  PRIMARY KEY (plan_id, asset_id, fix_key)
);

create table remediation_policy (
  digest text collate "C" not null,
  yaml text collate "C" not null,
  applied_us bigint not null,
  applied_by text collate "C" not null,
  sequence integer not null,
  PRIMARY KEY (sequence)
);

create table remediation_work (
  asset_id bytea not null,
  line text collate "C" not null,
  fix_key text collate "C" not null,
  turn text collate "C" not null,
  turn_since_us bigint not null,
  blocked text collate "C",
  plan_id bytea,
  failures integer not null,
  failed_key text collate "C",
  failed_reason text collate "C",
  retry_us bigint,
  also text collate "C",
  PRIMARY KEY (asset_id, line)
);

CREATE INDEX exposure_episode_asset ON public.exposure_episode USING btree (asset_id, closed_us);
CREATE INDEX exposure_episode_detected ON public.exposure_episode USING btree (detected_us, id);
CREATE UNIQUE INDEX exposure_episode_open ON public.exposure_episode USING btree (asset_id, release, source, vulnerability) WHERE (closed_us IS NULL);
CREATE INDEX exposure_episode_verified ON public.exposure_episode USING btree (verified_us) WHERE (verified_us IS NOT NULL);
CREATE UNIQUE INDEX inventory_approver_set_group_id_version_key ON public.inventory_approver_set USING btree (group_id, version);
CREATE INDEX inventory_asset_group ON public.inventory_asset USING btree (group_id);
CREATE INDEX inventory_asset_name ON public.inventory_asset USING btree (name, id);
CREATE UNIQUE INDEX inventory_asset_ordinal_key ON public.inventory_asset USING btree (ordinal);
CREATE INDEX inventory_asset_quarantined ON public.inventory_asset USING btree (state) WHERE (state = 2);
CREATE INDEX inventory_certificate_asset ON public.inventory_certificate USING btree (asset_id);
CREATE INDEX inventory_certificate_not_after ON public.inventory_certificate USING btree (not_after_us);
CREATE INDEX inventory_certificate_revoked ON public.inventory_certificate USING btree (revoked_us) WHERE (revoked_us IS NOT NULL);
CREATE INDEX inventory_enrollment_token_expires ON public.inventory_enrollment_token USING btree (expires_us);
CREATE UNIQUE INDEX inventory_enrollment_token_hash_key ON public.inventory_enrollment_token USING btree (hash);
CREATE INDEX inventory_report_asset ON public.inventory_report USING btree (asset_id, received_us);
CREATE UNIQUE INDEX inventory_report_asset_id_boot_id_sequence_key ON public.inventory_report USING btree (asset_id, boot_id, sequence);
CREATE INDEX inventory_report_software ON public.inventory_report USING btree (software_digest);
CREATE INDEX inventory_report_state ON public.inventory_report USING btree (state_digest);
CREATE UNIQUE INDEX platform_group_name_key ON public.platform_group USING btree (name);
CREATE UNIQUE INDEX platform_ledger_position ON public.platform_ledger USING btree ("position");
CREATE INDEX platform_ledger_subject ON public.platform_ledger USING btree (subject, sequence);
CREATE INDEX platform_ledger_unsealed ON public.platform_ledger USING btree (sequence) WHERE ("position" IS NULL);
CREATE INDEX platform_sign_in_last ON public.platform_sign_in USING btree (last_us);
CREATE UNIQUE INDEX platform_token_hash_key ON public.platform_token USING btree (hash);
CREATE INDEX platform_token_user ON public.platform_token USING btree (user_id, id);
CREATE UNIQUE INDEX platform_user_name_key ON public.platform_user USING btree (name);
CREATE INDEX platform_work_due ON public.platform_work USING btree (kind, due_us, id);
CREATE UNIQUE INDEX platform_work_waiting ON public.platform_work USING btree (kind, subject) WHERE (state = 1);
CREATE INDEX remediation_comment_line ON public.remediation_comment USING btree (line, at_us);
CREATE INDEX remediation_job_asset ON public.remediation_job USING btree (asset_id, state);
CREATE INDEX remediation_job_created ON public.remediation_job USING btree (created_us, id);
CREATE INDEX remediation_job_plan ON public.remediation_job USING btree (plan_id);
CREATE INDEX remediation_job_ready ON public.remediation_job USING btree (not_before_us) WHERE (state = 2);
CREATE INDEX remediation_plan_asset_asset ON public.remediation_plan_asset USING btree (asset_id);
CREATE INDEX remediation_plan_created ON public.remediation_plan USING btree (created_us, id);
CREATE UNIQUE INDEX remediation_plan_hash_key ON public.remediation_plan USING btree (hash);
CREATE INDEX remediation_work_line ON public.remediation_work USING btree (line);
CREATE INDEX remediation_work_plan ON public.remediation_work USING btree (plan_id) WHERE (plan_id IS NOT NULL);

create view advisories_feed_v as
 SELECT advisories_feed.name,
    advisories_feed.url,
    advisories_feed.records,
    advisories_feed.content_day,
    advisories_feed.content_version,
    advisories_feed.digest,
    advisories_feed.attempted_us,
    advisories_feed.succeeded_us,
    advisories_feed.problem
   FROM advisories_feed;

create view exposure_episode_v as
 SELECT exposure_episode.id,
    exposure_episode.asset_id,
    exposure_episode.release,
    exposure_episode.source,
    exposure_episode.vulnerability,
    exposure_episode.packages,
    exposure_episode.from_version,
    exposure_episode.fixed_version,
    exposure_episode.status,
    exposure_episode.published_us,
    exposure_episode.detected_us,
    exposure_episode.planned_us,
    exposure_episode.approved_us,
    exposure_episode.dispatched_us,
    exposure_episode.installed_us,
    exposure_episode.verified_us,
    exposure_episode.closed_us,
    exposure_episode.closed_reason,
    exposure_episode.to_version,
    exposure_episode.opened_report,
    exposure_episode.closed_report,
    exposure_episode.deadline_day,
    exposure_episode.deadline_rule,
    exposure_episode.is_assumed
   FROM exposure_episode;

create view inventory_asset_v as
 SELECT a.id,
    a.ordinal,
    a.name,
    a.group_id,
    g.name AS group_name,
    a.environment,
    a.observed_only,
    a.state,
    a.enrolled_us,
    a.last_seen_us,
    a.report_id,
    a.reported_us,
    a.software_digest,
    a.state_digest,
    a.release,
    a.agent_version,
    a.boot_id,
    a.sequence,
    a.full_wanted
   FROM (inventory_asset a
     JOIN platform_group g ON ((g.id = a.group_id)));

create view remediation_job_v as
 SELECT remediation_job.id,
    remediation_job.plan_id,
    remediation_job.asset_id,
    remediation_job.verb,
    remediation_job.title,
    remediation_job.state,
    remediation_job.created_us,
    remediation_job.leased_us,
    remediation_job.result_us,
    remediation_job.evidence,
    remediation_job.evidence_report,
    remediation_job.ended_us
   FROM remediation_job;

create view remediation_plan_v as
 SELECT p.id,
    p.hash,
    p.state,
    p.author,
    p.rule,
    p.title,
    p.created_us,
    p.decided_us,
    p.decided_by,
    p.ended_us,
    pa.asset_id,
    pa.fix_key
   FROM (remediation_plan p
     JOIN remediation_plan_asset pa ON ((pa.plan_id = p.id)));

