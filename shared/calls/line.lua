-- Decides when those who wait for a service may come again: one after another, from when it is worth asking on.
-- KEYS: the service's line. ARGV: now in ms, -1 for Redis's own; when it is worth asking; µs between two; how many places.
-- Answers the time of the first place in ms and µs; the others follow.
local now = tonumber(ARGV[1])
if now < 0 then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local base, width, count = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local free = tonumber(redis.call('GET', KEYS[1]) or 0)
local first = math.max(base * 1000, free)
local last = first + count * width
redis.call('SET', KEYS[1], string.format('%.0f', last), 'PX', math.ceil(math.max(0, last / 1000 - now)) + 60000)
return { string.format('%.0f', first) }
