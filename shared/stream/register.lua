-- Decides where a consumer reads on: where it was left, at the log's end when it is new. Answers that position.
-- KEYS: positions, log. ARGV: name.
local known = redis.call('HGET', KEYS[1], ARGV[1])
if known then return known end
local newest = redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)[1]
local at = newest and newest[1] or '0-0'
redis.call('HSET', KEYS[1], ARGV[1], at)
return at
