-- Answers the time in microseconds, then where jobs are and what their hashes say, all of one queue in one step.
-- KEYS: completed failed delayed prioritized waiting-children active wait paused prefix
-- ARGV: how far to look in lists from either end, number of fields, the fields, the ids
local look, count = tonumber(ARGV[1]), tonumber(ARGV[2])
local fields = {}
for i = 1, count do fields[i] = ARGV[2 + i] end

local function scored(key, id)
  local score = redis.pcall('ZSCORE', key, id)
  return type(score) == 'string' and score or nil
end

-- How many jobs of a list run before those at its two ends. Looking for each of many would go along them as often.
local isMany = #ARGV - 2 - count > 20
local ends = {}
local function endsOf(key, length)
  if ends[key] then return ends[key] end
  local ahead = {}
  for i, id in ipairs(redis.call('LRANGE', key, 0, look - 1)) do ahead[id] = length - i end
  local front = redis.call('LRANGE', key, -look, -1)
  for i, id in ipairs(front) do ahead[id] = #front - i end
  ends[key] = ahead
  return ahead
end

local function aheadOf(key, id, length)
  if isMany then return endsOf(key, length)[id] end
  local at = redis.call('LPOS', key, id, 'RANK', -1, 'MAXLEN', look) or redis.call('LPOS', key, id, 'MAXLEN', look)
  return at and length - 1 - at
end

-- How many jobs of a list run before this one; '>' and how many do at least, where only its length says that it must be in there.
local function listed(key, id)
  local length = redis.pcall('LLEN', key)
  if type(length) ~= 'number' then return nil end
  local ahead = aheadOf(key, id, length)
  if ahead then return tostring(ahead) end
  return length > 2 * look and '>' .. look or nil
end

local running = redis.pcall('LLEN', KEYS[6])
running = type(running) == 'number' and running or 0
local manyRun = running > 2 * look

-- Where more run than are looked through, those in the midst are told by their locks.
local function runs(id)
  if running == 0 then return false end
  return aheadOf(KEYS[6], id, running) or manyRun and redis.call('EXISTS', KEYS[9] .. id .. ':lock') == 1
end

local sets = { 'completed', 'failed', 'delayed', 'prioritized', 'waiting_children' }
local function state(id)
  for i, name in ipairs(sets) do
    local score = scored(KEYS[i], id)
    if score and name == 'prioritized' then return name, tostring(redis.call('ZRANK', KEYS[i], id)) end
    if score then return name, score end
  end
  if runs(id) then return 'active', '' end
  local ahead = listed(KEYS[7], id) or listed(KEYS[8], id)
  if ahead then return 'waiting', ahead end
  -- Its lock ran out: its worker is gone, and BullMQ has not noticed.
  return manyRun and 'active' or 'unknown', ''
end

local clock = redis.call('TIME')
local rows = { clock[1] * 1000000 + clock[2] }
for i = 3 + count, #ARGV do
  local id = ARGV[i]
  local values = redis.pcall('HMGET', KEYS[9] .. id, unpack(fields))
  if values.err then
    rows[#rows + 1] = { 'missing', '' }
  else
    local name, score = state(id)
    local row = { name, score }
    for j = 1, count do row[2 + j] = values[j] end
    rows[#rows + 1] = row
  end
end
return rows
