-- Removes jobs of one queue that nobody runs, each as BullMQ's own removeJob without its children would (remove-many.test.ts
-- compares them), and only from where they were found.
-- KEYS: prefix repeat meta events completed failed delayed prioritized waiting-children wait paused active
-- ARGV: prefix of all queues with its colon, then for each: id, state, the score it must have ('' any)
-- Answers for each 1, or 0 a worker holds it, -1 no such job, -3 not there any more, -4 it ended at another time, -8 it is the
-- next job of a scheduler.
local call = redis.call
local prefix, all = KEYS[1], ARGV[1]
local sets = {
  completed = KEYS[5], failed = KEYS[6], delayed = KEYS[7], prioritized = KEYS[8], waiting_children = KEYS[9]
}
local names = { waiting_children = 'waiting-children', waiting = 'wait' }

local function isNextOfScheduler(id, scheduler)
  local due = scheduler and call('ZSCORE', KEYS[2], scheduler)
  return due and id == 'repeat:' .. scheduler .. ':' .. due
end

-- Of a long line a job leaves from the end it is near to: only for one in the midst the line is gone through.
local function leaves(key, id)
  local length = call('LLEN', key)
  for _, far in ipairs({ 1000, 20000 }) do
    if 2 * far >= length then break end
    if call('LPOS', key, id, 'MAXLEN', far) then break end
    if call('LPOS', key, id, 'RANK', -1, 'MAXLEN', far) then return call('LREM', key, -1, id) == 1 end
  end
  return call('LREM', key, 1, id) == 1
end

-- Takes it out of where it was found; answers where that was in BullMQ's words, or why it is not there.
local function take(id, state, moment)
  local set = sets[state]
  if set then
    local score = call('ZSCORE', set, id)
    if not score then return nil, -3 end
    if moment ~= '' and tonumber(score) ~= tonumber(moment) then return nil, -4 end
    call('ZREM', set, id)
    return names[state] or state
  end
  if state == 'waiting' then
    if leaves(KEYS[10], id) then return 'wait' end
    if leaves(KEYS[11], id) then return 'paused' end
    return nil, -3
  end
  for _, key in pairs(sets) do if call('ZSCORE', key, id) then return nil, -3 end end
  for i = 10, 12 do if call('LPOS', KEYS[i], id) then return nil, -3 end end
  return 'unknown'
end

local function partsOf(parent)
  if string.sub(parent, 1, #all) == all then
    local queue, id = string.match(string.sub(parent, #all + 1), '^([^:]*:)(.+)$')
    if queue then return all .. queue, id end
  end
  local id = string.match(parent, '.*:(.*)')
  return string.sub(parent, 1, #parent - #id), id
end

-- The parent waits for this child no more, and runs when it was the last one.
local function release(job, parent)
  if not parent or parent == '' or call('EXISTS', parent) == 0 then return end
  if call('SREM', parent .. ':dependencies', job) == 0 or call('SCARD', parent .. ':dependencies') > 0 then return end
  local queue, id = partsOf(parent)
  if call('ZREM', queue .. 'waiting-children', id) == 0 then return end
  call('RPUSH', queue .. 'wait', id)
  local settings = call('HMGET', queue .. 'meta', 'paused', 'concurrency')
  local asleep = settings[1] or (settings[2] and call('LLEN', queue .. 'active') >= tonumber(settings[2]))
  if not asleep then call('ZADD', queue .. 'marker', 0, '0') end
  call('XADD', queue .. 'events', '*', 'event', 'waiting', 'jobId', id, 'prev', 'waiting-children')
end

local function forgetDuplicates(id, deduplication)
  if not deduplication or call('GET', prefix .. 'de:' .. deduplication) ~= id then return end
  call('DEL', prefix .. 'de:' .. deduplication, prefix .. 'dn:' .. deduplication)
end

local length
local function tell(id, from)
  length = length or call('HGET', KEYS[3], 'opts.maxLenEvents')
  if not length then
    length = 10000
    call('HSET', KEYS[3], 'opts.maxLenEvents', length)
  end
  call('XADD', KEYS[4], 'MAXLEN', '~', length, '*', 'event', 'removed', 'jobId', id, 'prev', from)
end

local function remove(id, state, moment)
  local job = prefix .. id
  local hash = redis.pcall('HMGET', job, 'timestamp', 'parentKey', 'deid', 'rjk')
  if hash.err or not hash[1] then return -1 end
  if isNextOfScheduler(id, hash[4]) then return -8 end
  if call('EXISTS', job .. ':lock') == 1 then return 0 end
  local from, refusal = take(id, state, moment)
  if not from then return refusal end
  release(job, hash[2])
  forgetDuplicates(id, hash[3])
  call('UNLINK', job, job .. ':logs', job .. ':dependencies', job .. ':processed', job .. ':failed', job .. ':unsuccessful')
  tell(id, from)
  return 1
end

local answers = {}
for i = 2, #ARGV, 3 do answers[#answers + 1] = remove(ARGV[i], ARGV[i + 1], ARGV[i + 2]) end
return answers
