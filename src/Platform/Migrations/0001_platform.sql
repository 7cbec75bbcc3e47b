create table platform_work (
  id         $blob$ primary key,
  kind       $text$ not null,
  subject    $text$ not null,
  payload    $text$ not null,
  state      integer not null,                   -- 1 waiting, 2 leased, 3 failed
  attempts   integer not null,
  created_us bigint not null,
  due_us     bigint,                             -- when it may be claimed: its due time, or the end of its lease; null when failed
  tried_us   bigint,                             -- last claim
  error      $text$
);
create unique index platform_work_waiting on platform_work (kind, subject) where state = 1;
create index platform_work_due on platform_work (kind, due_us, id);

create table platform_ledger (
  sequence $identity$,
  at_us    bigint not null,
  actor    $text$ not null,
  action   $text$ not null,
  subject  $text$ not null,
  detail   $text$ not null,
  group_id $blob$                                -- whose scope may read it; null for all groups' only
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
  version       bigint not null,
  created_us    bigint not null
);

create table platform_user_group (
  user_id  $blob$ not null references platform_user (id),
  group_id $blob$ not null references platform_group (id),
  primary key (user_id, group_id)
);

-- Tries to sign in, by user name and by address. A try is counted before its password is looked at and taken back when it was right.
create table platform_sign_in (
  key        $text$ primary key,                 -- user:NAME or address:ADDRESS
  tries      integer not null,
  last_us    bigint not null,
  blocked_us bigint not null                     -- no further try before
);
create index platform_sign_in_last on platform_sign_in (last_us);

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
create index platform_token_user on platform_token (user_id, id);
create table platform_token_group (
  token_id $blob$ not null references platform_token (id),
  group_id $blob$ not null references platform_group (id),
  primary key (token_id, group_id)
);
