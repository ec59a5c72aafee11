-- Removes a slice of the jobs that stand in one place of a queue, each as BullMQ's own removeJob would, and tells so in the stream.
-- Counted under the mark of whoever does it, in the same step, so that nobody who goes on after a crash counts twice.
-- KEYS: prefix, place (a list or a sorted set), meta, events, schedulers, counter
-- ARGV: state told as `prev`, kind of place (list|set), 1 where all of the queue goes, places passed over, most to look at,
--       most to remove in all ('' no limit), latest moment (ms; '' any), what the moment is of (timestamp|score), ms the counter stays
-- Answers: removed in all under the mark, removed now, passed over now, how many were looked at, then the ids of those that
-- only BullMQ can remove, because a parent must hear of it.
local call = redis.call
local prefix, place, counter = KEYS[1], KEYS[2], KEYS[6]
local state, isList, hard = ARGV[1], ARGV[2] == 'list', ARGV[3] == '1'
local passed, most, latest, byScore = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[7]), ARGV[8] == 'score'
local before = tonumber(call('GET', counter) or 0)
local room = ARGV[6] == '' and most or math.min(most, tonumber(ARGV[6]) - before)
if room <= 0 then return { before, 0, 0, 0 } end

-- Those who have stood there longest come first; the tail of a list is its front.
local function look()
  if not isList and byScore and latest then
    return call('ZRANGEBYSCORE', place, '-inf', string.format('%.0f', latest), 'LIMIT', passed, room)
  end
  if not isList then return call('ZRANGE', place, passed, passed + room - 1) end
  local found, ids = call('LRANGE', place, -(passed + room), -(passed + 1)), {}
  for at = #found, 1, -1 do ids[#ids + 1] = found[at] end
  return ids
end

-- The next job of a scheduler carries it on: without it there would be no further one.
local function isNextOfScheduler(id, scheduler)
  if not scheduler or scheduler == '' then return false end
  local at = call('ZSCORE', KEYS[5], scheduler)
  return at and id == 'repeat:' .. scheduler .. ':' .. string.format('%.0f', tonumber(at))
end

local function isAwaited(parent, job)
  return parent and parent ~= '' and call('SISMEMBER', parent .. ':dependencies', job) == 1
end

local function fateOf(id)
  local job = prefix .. id
  local hash = redis.pcall('HMGET', job, 'timestamp', 'parentKey', 'deid', 'rjk')
  if hash.err or not hash[1] and not hash[2] then return 'gone' end
  if latest and not byScore and (tonumber(hash[1] or '') or 0) > latest then return 'kept' end
  if not hard and isNextOfScheduler(id, hash[4]) then return 'kept' end
  if not hard and call('EXISTS', job .. ':lock') == 1 then return 'kept' end
  if isAwaited(hash[2], job) then
    -- A parent of the same queue goes too.
    if not hard or string.sub(hash[2], 1, #prefix) ~= prefix then return 'parent' end
    call('SREM', hash[2] .. ':dependencies', job)
  end
  return 'goes', hash[3]
end

local length = call('HGET', KEYS[3], 'opts.maxLenEvents') or 10000
local function remove(id, duplicates)
  local job = prefix .. id
  if duplicates and call('GET', prefix .. 'de:' .. duplicates) == id then
    call('UNLINK', prefix .. 'de:' .. duplicates, prefix .. 'dn:' .. duplicates)
  end
  call('UNLINK', job, job .. ':logs', job .. ':dependencies', job .. ':processed', job .. ':failed',
    job .. ':unsuccessful', job .. ':lock')
  call('ZREM', prefix .. 'k1n-ttl', id)
  call('XADD', KEYS[4], 'MAXLEN', '~', length, '*', 'event', 'removed', 'jobId', id, 'prev', state)
end

local ids, left, leaves, removed, kept = look(), {}, {}, 0, 0
for at, id in ipairs(ids) do
  local fate, duplicates = fateOf(id)
  if fate == 'goes' then remove(id, duplicates) end
  if fate == 'goes' or fate == 'gone' then leaves[#leaves + 1] = { at, id } else kept = kept + 1 end
  if fate == 'goes' then removed = removed + 1 end
  if fate == 'parent' then left[#left + 1] = id end
end

if not isList then
  for _, leaving in ipairs(leaves) do call('ZREM', place, leaving[2]) end
elseif kept == 0 and passed == 0 then
  call('LTRIM', place, 0, -(#ids + 1))
elseif #leaves > 0 then
  -- Taking each out of the middle would go through the list for each of them.
  for _, leaving in ipairs(leaves) do call('LSET', place, -(passed + leaving[1]), 'k1n-leaves') end
  local fromHead = 2 * passed > call('LLEN', place)
  call('LREM', place, fromHead and #leaves or -#leaves, 'k1n-leaves')
end
if removed > 0 then call('SET', counter, before + removed, 'PX', ARGV[9]) end
local answer = { before + removed, removed, kept, #ids }
for _, id in ipairs(left) do answer[#answer + 1] = id end
return answer
