-- Answers the time in microseconds, then where jobs are and what their hashes say, all of one queue in one step.
-- KEYS: completed failed delayed prioritized waiting-children active wait paused prefix
-- ARGV: how far to look in long lists (0: all of it), number of fields, the fields, the ids
local look, count = tonumber(ARGV[1]), tonumber(ARGV[2])
local fields = {}
for i = 1, count do fields[i] = ARGV[2 + i] end

local function scored(key, id)
  local score = redis.pcall('ZSCORE', key, id)
  return type(score) == 'string' and score or nil
end

-- How many jobs of a list run before this one; '' where only its length says that it must be in there.
local function listed(key, id)
  local length = redis.pcall('LLEN', key)
  if type(length) ~= 'number' then return nil end
  local at = redis.pcall('LPOS', key, id, 'RANK', -1, 'MAXLEN', look)
  if not at and look > 0 then at = redis.pcall('LPOS', key, id, 'MAXLEN', look) end
  if at then return tostring(length - 1 - at) end
  return look > 0 and length > 2 * look and '' or nil
end

-- Of many jobs each is looked for in what runs, which is read once: not the whole list once for each of them.
local running
local function runs(id)
  if look == 0 then return type(redis.pcall('LPOS', KEYS[6], id)) == 'number' end
  if not running then
    running = {}
    local ids = redis.pcall('LRANGE', KEYS[6], 0, 99999)
    for i = 1, #ids do running[ids[i]] = true end
  end
  return running[id]
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
  return ahead and 'waiting' or 'unknown', ahead or ''
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
