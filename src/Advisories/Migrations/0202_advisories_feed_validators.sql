-- Validators stand with the address that gave them, in advisories_source.
alter table advisories_feed drop column etag;
alter table advisories_feed drop column last_modified;
