-- Answers one page of a queue's events as a JSON array, together with the hashes of the jobs that began.
-- KEYS: stream, the queue's prefix. ARGV: id of the entry read last, how many at most, the fields of a hash
-- Answer: how many were read, the id of the last, whether the entry read last is still there (then none between is lost);
-- then for each that says something its id, event, job and what it says: the hash, one of its fields, or false.
-- An entry that is no event of BullMQ: its id, false, false, its fields.
local pcall, unpack = redis.pcall, unpack
local says = { added = 'name', waiting = 'prev', delayed = 'delay', failed = 'failedReason', progress = 'data', cleaned = 'count' }
local jobless = { drained = true, paused = true, resumed = true, cleaned = true }

local function valueOf(fields, name)
  for i = 1, #fields, 2 do
    if fields[i] == name then return fields[i + 1] end
  end
  return false
end

local function said(event, job, fields)
  if event ~= 'active' then return says[event] and valueOf(fields, says[event]) end
  local hash = pcall('HMGET', KEYS[2] .. job, unpack(ARGV, 3))
  return not hash.err and hash
end

local entries = redis.call('XRANGE', KEYS[1], ARGV[1], '+', 'COUNT', ARGV[2] + 1)
local whole = entries[1] ~= nil and entries[1][1] == ARGV[1]
local first = whole and 2 or 1
local last = math.min(#entries, first - 1 + ARGV[2])
local rows = { last + 1 - first, last > 0 and entries[last][1] or ARGV[1], whole }
local n = 3
for at = first, last do
  local id, fields = entries[at][1], entries[at][2]
  -- BullMQ writes them in this order.
  local event = fields[1] == 'event' and fields[2] or valueOf(fields, 'event')
  local job = fields[3] == 'jobId' and fields[4] or valueOf(fields, 'jobId') or ''
  local isEvent = event ~= false and (job ~= '' or jobless[event] == true)
  local value = fields
  if isEvent then value = said(event, job, fields) or false end
  -- Who adds a job tells that it waits right after that it was added: that says nothing.
  if value or event ~= 'waiting' then
    rows[n + 1], rows[n + 2], rows[n + 3], rows[n + 4] = id, isEvent and event, isEvent and job, value
    n = n + 4
  end
end
return cjson.encode(rows)
