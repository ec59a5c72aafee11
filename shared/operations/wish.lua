-- Notes what somebody wishes of an operation that has not ended: a pause, an end, or another pace.
-- KEYS: operation. ARGV: field, value ('' takes it away), now. Answers 1 when somebody holds it, 2 when nobody does, -3 when it
-- has ended, -1 when there is none.
local status, lease = unpack(redis.call('HMGET', KEYS[1], 'status', 'lease'))
if not status then return -1 end
if status ~= 'queued' and status ~= 'running' and status ~= 'paused' then return -3 end
if ARGV[2] == '' then redis.call('HDEL', KEYS[1], ARGV[1]) else redis.call('HSET', KEYS[1], ARGV[1], ARGV[2]) end
return (tonumber(lease or '') or 0) > tonumber(ARGV[3]) and 1 or 2
