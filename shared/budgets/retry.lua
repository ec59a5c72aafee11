-- Decides how many retries a service gets now, and when those that get none are worth another try.
-- KEYS: the bucket. ARGV: now (-1: Redis tells), ratio, capacity, tokens that come in a second anyway, sender, number of
-- this report, first attempts since the last one, retries wanted, longest wait in ms.
-- Answers now, retries granted, when the first refused one may come again, and how many µs after it each further one.
local max, min = math.max, math.min
local now = tonumber(ARGV[1])
if now < 0 then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local ratio, capacity, perMs = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]) / 1000
local sender, number, firsts, wanted = ARGV[5], tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local longest = tonumber(ARGV[9])

-- pace: tokens that came in a ms lately; came: since `paced`. promised: the last time that was told to anybody. seen: by
-- sender, its last report and when.
local packed = redis.call('GET', KEYS[1])
local state = packed and cmsgpack.unpack(packed)
  or { tokens = capacity, at = now, pace = perMs, paced = now, came = 0, promised = 0, seen = {} }

-- A report that Redis carries out twice counts once.
local last = state.seen[sender]
if last and last[1] >= number then firsts = 0 end
state.seen[sender] = { number, now }
for other, report in pairs(state.seen) do
  if report[2] < now - 60000 then state.seen[other] = nil end
end

local came = max(0, now - state.at) * perMs + firsts * ratio
state.at = max(state.at, now)
state.came = state.came + came
if now - state.paced >= 250 then
  local passed = now - state.paced
  state.pace = state.pace + (state.came / passed - state.pace) * min(1, passed / 10000)
  state.paced, state.came = now, 0
end
state.tokens = min(capacity, state.tokens + came)
local granted = min(wanted, math.floor(state.tokens))
state.tokens = state.tokens - granted

-- Those that are refused come again one after another, as tokens do: all at once they would be refused once more.
local every, first = 0, 0
if granted < wanted then
  every = min(longest, 1 / max(state.pace, perMs, 1e-9))
  first = min(now + longest, max(state.promised, now) + every)
  state.promised = min(now + longest, first + (wanted - granted - 1) * every)
end

-- A bucket that has filled up again is as good as none.
local full = perMs > 0 and (capacity - state.tokens) / perMs or 86400000
redis.call('SET', KEYS[1], cmsgpack.pack(state), 'PX', math.ceil(min(604800000, max(60000, full))))
return { now, granted, math.ceil(first), math.floor(every * 1000) }
