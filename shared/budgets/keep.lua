-- Decides which good answers of a service are let go so that a new one fits, and keeps that.
-- KEYS: values by name; names by time. ARGV: now (-1: Redis tells), name, value, longest age in ms, most values, most bytes.
-- The sum of the bytes is the value of '' among the values, which is no name.
local call, values, times = redis.call, KEYS[1], KEYS[2]
local now = tonumber(ARGV[1])
if now < 0 then
  local time = call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local name, value, age = ARGV[2], ARGV[3], tonumber(ARGV[4])
local bytes = tonumber(call('HGET', values, '') or 0)

local function letGo(names)
  for _, other in ipairs(names) do
    bytes = bytes - call('HSTRLEN', values, other)
    call('HDEL', values, other)
    call('ZREM', times, other)
  end
  return #names
end

letGo({ name })
-- A few at a time: whoever keeps the next takes the next few.
letGo(call('ZRANGEBYSCORE', times, '-inf', now - age, 'LIMIT', 0, 20))
local kept = string.format('%d:%s', now, value)
while call('ZCARD', times) >= tonumber(ARGV[5]) or bytes + #kept > tonumber(ARGV[6]) do
  if letGo(call('ZRANGE', times, 0, 0)) == 0 then break end
end
call('HSET', values, name, kept, '', bytes + #kept)
call('ZADD', times, now, name)
call('PEXPIRE', values, age)
call('PEXPIRE', times, age)
return 1
