-- Addresses that feeds are fetched from: one row a part of a feed. The digest is that of the bytes which the validators speak of.
create table advisories_source (
  feed          $text$ not null,
  part          $text$ not null,
  url           $text$ not null,
  digest        $text$,
  etag          $text$,
  last_modified $text$,
  attempted_us  bigint,
  succeeded_us  bigint,
  problem       $text$,
  primary key (feed, part)
);
