create table advisories_feed (
  name            $text$ primary key,
  url             $text$,
  records         integer not null,
  content_day     $text$,                        -- ISO date the publisher states
  content_version $text$,
  digest          $text$,                        -- SHA-256 of the bytes in force
  etag            $text$,
  last_modified   $text$,
  attempted_us    bigint,
  succeeded_us    bigint,
  problem         $text$
);

-- Fix records by recorded time: what was known when.
create table advisories_fix (
  release       $text$ not null,
  source        $text$ not null,
  vulnerability $text$ not null,
  record        $text$ not null,
  feed          $text$ not null,
  fixed_version $text$ not null,
  published_day $text$,
  recorded_us   bigint not null,
  withdrawn_us  bigint,
  primary key (release, source, vulnerability, record, feed, fixed_version, recorded_us)
);

-- Changelogs that were read: which CVEs each version of a source fixes.
create table advisories_changelog (
  release    $text$ not null,
  source     $text$ not null,
  version    $text$ not null,                    -- version in the security suite whose changelog was read
  content    $text$ not null,                    -- JSON: entries newer than the oldest installed, each with version, day and CVEs
  fetched_us bigint not null,
  primary key (release, source, version)
);

create view advisories_feed_v as
select name, url, records, content_day, content_version, digest, attempted_us, succeeded_us, problem from advisories_feed;
