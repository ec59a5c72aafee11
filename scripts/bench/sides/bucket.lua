-- Decides whether one call may be made, by a bucket that fills evenly: the usual limiter, one script for each call.
-- KEYS: the bucket. ARGV: capacity, tokens that come in a ms. Answers 1 or 0.
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local bucket = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local capacity = tonumber(ARGV[1])
local tokens = math.min(capacity, (bucket[1] or capacity) + (now - (bucket[2] or now)) * ARGV[2])
local granted = tokens >= 1 and 1 or 0
redis.call('HSET', KEYS[1], 'tokens', tokens - granted, 'at', now)
redis.call('PEXPIRE', KEYS[1], 120000)
return granted
