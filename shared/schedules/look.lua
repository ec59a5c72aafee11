-- Answers how one schedule stands: the time, its record's version, the version that was last acted on, the fields of its state,
-- and the slots that were claimed and whose jobs are not told of yet where they are asked for: they may be megabytes.
-- KEYS: versions heard state, and open. ARGV: id, time in ms (-1: that of Redis), the fields
local now = tonumber(ARGV[2])
if now < 0 then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
return {
  now,
  redis.call('ZSCORE', KEYS[1], ARGV[1]) or '',
  redis.call('HGET', KEYS[2], ARGV[1]) or '',
  redis.call('HMGET', KEYS[3], unpack(ARGV, 3)),
  KEYS[4] and redis.call('HGETALL', KEYS[4]) or {},
}
