create table platform_work (
  id              $blob$ primary key,
  kind            $text$ not null,
  subject         $text$ not null,
  payload         $text$ not null,
  state           integer not null,              -- 1 waiting, 2 leased, 3 failed
  attempts        integer not null,
  created_us      bigint not null,
  due_us          bigint not null,
  leased_until_us bigint,
  error           $text$
);
create unique index platform_work_waiting on platform_work (kind, subject) where state = 1;
create index platform_work_due on platform_work (state, due_us);

create table platform_ledger (
  sequence $identity$,
  at_us    bigint not null,
  actor    $text$ not null,
  action   $text$ not null,
  subject  $text$ not null,
  detail   $text$ not null
);
create index platform_ledger_subject on platform_ledger (subject, sequence);

create table platform_setting (
  name  $text$ primary key,
  value $blob$ not null
);

create table platform_group (
  id         $blob$ primary key,
  name       $text$ not null unique,
  created_us bigint not null
);

create table platform_user (
  id            $blob$ primary key,
  name          $text$ not null unique,
  password_hash $text$,
  code_hash     $blob$,                          -- one-time sign-in code, SHA-256
  code_until_us bigint,
  roles         integer not null,                -- bit (role - 1)
  all_groups    integer not null,
  is_enabled    integer not null,
  created_us    bigint not null,
  failed_count  integer not null default 0,
  failed_us     bigint
);

create table platform_user_group (
  user_id  $blob$ not null references platform_user (id),
  group_id $blob$ not null references platform_group (id),
  primary key (user_id, group_id)
);

-- Sessions and API tokens; rights are cut with the user's own at every use.
create table platform_token (
  id          $blob$ primary key,
  hash        $blob$ not null unique,            -- SHA-256 of the secret
  user_id     $blob$ not null references platform_user (id),
  name        $text$ not null,
  is_session  integer not null,
  roles       integer not null,
  all_groups  integer not null,
  created_us  bigint not null,
  expires_us  bigint not null,
  revoked_us  bigint
);
create table platform_token_group (
  token_id $blob$ not null references platform_token (id),
  group_id $blob$ not null references platform_group (id),
  primary key (token_id, group_id)
);
