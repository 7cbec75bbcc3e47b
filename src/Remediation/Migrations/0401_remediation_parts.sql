-- What a plan closes for each fix on each asset: a plan that is renewed for one asset keeps the figures of the others.
alter table remediation_plan_asset add column findings integer not null default 0;
alter table remediation_plan_asset add column risk_per_day $double$ not null default 0;

-- JSON list of installed packages that apt upgrades together with the fix on this asset, as an agent told when it refused a plan without them.
alter table remediation_work add column also $text$;

-- The queue reads the work of the fixes on a page.
create index remediation_work_line on remediation_work (line);
