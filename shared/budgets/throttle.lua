-- Decides until when a service gets no calls: the later of what holds already and what is asked for. KEYS: the throttle.
-- ARGV: now (-1: Redis tells), for how many ms, parts of one counting as one. Answers now and until when.
local now = tonumber(ARGV[1])
if now < 0 then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local till = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now + math.ceil(tonumber(ARGV[2])))
if till > now then redis.call('SET', KEYS[1], till, 'PX', till - now) end
return { now, till }
