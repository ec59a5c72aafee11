-- Decides how many more places a process gets of those a service has, and keeps what it has for another lease.
-- KEYS: the places. ARGV: now (-1: Redis tells), max, lease ms, holder ('' only looks), places it keeps, places it wants,
-- ms for which it counts as waiting if it gets fewer.
-- Places it keeps are told as they are, not as a change, so that a command which Redis carries out twice does no harm.
-- Answers now, places granted, whether another process waits, and how many places are held in all.
local max, min = math.max, math.min
local now = tonumber(ARGV[1])
if now < 0 then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local limit, leaseMs, holder = tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local kept, wanted, patience = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
-- Who has waited for so long goes before those who only just ask.
local STARVING_MS = 500

-- held: by process, its places and until when. waiting: by process, since when and until when it counts.
local packed = redis.call('GET', KEYS[1])
local state = packed and cmsgpack.unpack(packed) or { held = {}, waiting = {} }
local held, ends = 0, now
for other, lease in pairs(state.held) do
  if lease[2] < now then
    state.held[other] = nil
  elseif other ~= holder then
    held, ends = held + lease[1], max(ends, lease[2])
  end
end
if holder == '' then return { now, 0, 0, held } end

local since = state.waiting[holder] and state.waiting[holder][1] or now
local waiting, starving = 0, 0
for other, wait in pairs(state.waiting) do
  if wait[2] < now then
    state.waiting[other] = nil
  elseif other ~= holder then
    waiting, ends = waiting + 1, max(ends, wait[2])
    if now - wait[1] >= STARVING_MS and wait[1] < since then starving = starving + 1 end
  end
end

local granted = max(0, min(wanted, limit - held - kept - starving))
state.held[holder] = kept + granted > 0 and { kept + granted, now + leaseMs } or nil
state.waiting[holder] = nil
if granted < wanted and waiting < 1000 then
  state.waiting[holder] = { granted > 0 and now or since, now + patience }
end
ends = max(ends, kept + granted > 0 and now + leaseMs or now, granted < wanted and now + patience or now)
if ends > now then
  redis.call('SET', KEYS[1], cmsgpack.pack(state), 'PX', math.ceil(ends - now) + 1000)
else
  redis.call('DEL', KEYS[1])
end
return { now, granted, waiting > 0 and 1 or 0, held + kept + granted }
