-- Approvers' own signatures over the hashes of plans. They count together with an approval only, and for assets whose agents demand them.
create table remediation_approval (
  plan_id   $blob$ not null references remediation_plan (id),
  key_id    $text$ not null,
  holder    $text$ not null,
  signature $text$ not null,                     -- JSON
  at_us     bigint not null,
  primary key (plan_id, key_id)
);
