-- Lets a paused operation go on, and takes back the wish that a running one pauses.
-- KEYS: operation open. ARGV: id, now. Answers 1 when it was paused, 2 when it goes on as it did, -3 when it has ended, -1 when
-- there is none.
local status, wanted = unpack(redis.call('HMGET', KEYS[1], 'status', 'wanted'))
if not status then return -1 end
if status == 'queued' or status == 'running' then
  if wanted == 'pause' then redis.call('HDEL', KEYS[1], 'wanted') end
  return 2
end
if status ~= 'paused' then return -3 end
redis.call('HSET', KEYS[1], 'status', 'queued')
redis.call('HDEL', KEYS[1], 'wanted', 'reason', 'tries')
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
return 1
