-- What was remediated within a window is read by when it was proved.
create index exposure_episode_verified on exposure_episode (verified_us) where verified_us is not null;
