-- Says that a process serves the API, by the clock of Redis, which all of them share: one that is wrong would call the others gone.
-- KEYS: the processes. ARGV: time in ms (-1 is Redis's own), who, ms after which one that was not heard has gone.
-- Answers how many serve.
local now = tonumber(ARGV[1])
if now < 0 then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
redis.call('ZADD', KEYS[1], now, ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return redis.call('ZCARD', KEYS[1])
