-- Decides who runs an operation: gives it to the caller when nobody holds it, under a fence that is higher than any before.
-- KEYS: operation open. ARGV: id, now, end of the lease. Answers all fields, or false.
local status, lease = unpack(redis.call('HMGET', KEYS[1], 'status', 'lease'))
if status ~= 'queued' and status ~= 'running' then return false end
if (tonumber(lease or '') or 0) > tonumber(ARGV[2]) then return false end
redis.call('HINCRBY', KEYS[1], 'fence', 1)
-- Taken back by the first step that gets on: how often it was taken since then.
redis.call('HINCRBY', KEYS[1], 'tries', 1)
redis.call('HSETNX', KEYS[1], 'started', ARGV[2])
redis.call('HSET', KEYS[1], 'status', 'running', 'lease', ARGV[3])
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
return redis.call('HGETALL', KEYS[1])
