-- Decides for some requests, in order, whether each fits into its principal's minute and day, and counts those that do.
-- KEYS: a hash for each request: <second> = units spent in it, d<day> = units of the day, e = second in which the last burst began.
-- ARGV: the time in ms (-1 is Redis's own), how long a burst lasts and rests in s, then for each key five: units (0 only looks, less
-- gives back), the second given back to, the limit of the minute, that of a burst, that of the day.
-- Answers for each: refused by (1 the minute, 2 the day), second, units of the minute, of the day, seconds to wait, burst began.
local given, burst_s, rest_s = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local sec = given < 0 and tonumber(redis.call('TIME')[1]) or math.floor(given / 1000)
local today = 'd' .. math.floor(sec / 86400)

local function read(key)
  local state, flat = { spent = 0, used = 0, seconds = {}, stale = {} }, redis.call('HGETALL', key)
  for i = 1, #flat, 2 do
    local field, value = flat[i], tonumber(flat[i + 1])
    local at = tonumber(field)
    if field == today then state.used = value
    -- What lies far ahead was written by a clock that was set back since.
    elseif field == 'e' and value < sec + 60 then state.began = value
    elseif at and at > sec - 60 and at < sec + 60 then
      state.spent = state.spent + value
      state.seconds[#state.seconds + 1] = { at + 60, value }
    else state.stale[#state.stale + 1] = field end
  end
  return state
end

-- The limit of the minute at a moment.
local function cap(state, limit, burst, at)
  local began = state.began
  if not began or at < began + burst_s or at >= began + burst_s + rest_s then return burst end
  return limit
end

-- Seconds until `fits(units of the minute, moment)` holds if nothing is spent meanwhile.
local function wait(state, fits)
  local moments, left = state.seconds, state.spent
  if state.began then moments[#moments + 1] = { state.began + burst_s + rest_s, 0 } end
  table.sort(moments, function(a, b) return a[1] < b[1] end)
  for _, moment in ipairs(moments) do
    left = left - moment[2]
    if moment[1] > sec and fits(left, moment[1]) then return moment[1] - sec end
  end
  return 0
end

local function spend(key, state, units, limit)
  redis.call('HINCRBY', key, sec, units)
  redis.call('HINCRBY', key, today, units)
  -- A key that is not there yet cannot be given an end.
  if state.used == 0 then redis.call('EXPIRE', key, 86400 - sec % 86400 + burst_s + rest_s) end
  if #state.stale > 0 then redis.call('HDEL', key, unpack(state.stale)) end
  state.spent, state.used = state.spent + units, state.used + units
  state.seconds[#state.seconds + 1] = { sec + 60, units }
  local began = state.began
  if state.spent > limit and not (began and sec < began + burst_s) then
    state.began = sec
    redis.call('HSET', key, 'e', sec)
  end
end

-- A request that was counted and then refused as a whole leaves nothing behind, not even the burst it began.
local function give_back(key, state, units, at, limit)
  for _, field in ipairs({ tostring(at), 'd' .. math.floor(at / 86400) }) do
    if tonumber(redis.call('HGET', key, field) or 0) >= units then redis.call('HINCRBY', key, field, -units) end
  end
  if state.began == at and state.spent - units <= limit then redis.call('HDEL', key, 'e') end
end

local answers = {}
for i, key in ipairs(KEYS) do
  local at = 5 * i - 1
  local units, back_to, limit = tonumber(ARGV[at]), tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
  local burst, day = tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4])
  local state = read(key)
  local refused, seconds = 0, 0
  if units < 0 then give_back(key, state, -units, back_to, limit)
  else
    if state.spent + units > cap(state, limit, burst, sec) then refused = 1 end
    if state.used + units > day then refused = refused + 2 end
    if refused == 0 and units > 0 then spend(key, state, units, limit) end
    local most = math.min(state.spent, limit)
    seconds = refused % 2 == 1
      and wait(state, function(left, moment) return left + units <= cap(state, limit, burst, moment) end)
      or wait(state, function(left) return left < most end)
  end
  answers[i] = { refused, sec, state.spent, state.used, seconds, state.began or -1 }
end
return answers
