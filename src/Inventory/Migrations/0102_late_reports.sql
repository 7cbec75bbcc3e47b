-- A report may come late: after another boot was seen. Number of each boot's first report, to tell such a one from a second holder's; null for boots of before.
alter table inventory_boot add column first_sequence bigint;

-- A boot that is new and whose number does not follow, with that number: it counts when it speaks a second time.
alter table inventory_asset add column claimed_boot $text$;
alter table inventory_asset add column claimed_sequence bigint;
