-- Gives an ended job another life in place, in one step, as BullMQ's own reprocessJob would, with a new payload and a
-- delay where asked; or lets a delayed one run now or at another time. Counters start again on request; what was counted
-- before stays in k1nLives and k1nBase. A forced one is marked with the attempt that is forced, and runs before all others.
-- KEYS: job set(failed|completed|delayed) wait meta active marker prioritized pc events delayed
-- ARGV: id, previous state, field of its outcome, finishedOn it must have ('' any), new data ('' keeps it),
--       reset counters (1|0), now, delay in ms, forced (1|0), mark of who asks ('' none)
-- Answers 1, or 2 it was done under this mark before, -1 no such job, -3 not in the set, -4 it ended at another time.
local job, set, wait, meta, events, delayed = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[9], KEYS[10]
local id, previous, now, pause = ARGV[1], ARGV[2], tonumber(ARGV[7]), tonumber(ARGV[8])
local call = redis.call

local hash = call('HMGET', job, 'timestamp', 'finishedOn', 'priority', 'parentKey', 'opts', 'atm', 'ats', 'k1nOp')
if not hash[1] then return -1 end
if ARGV[10] ~= '' and hash[8] == ARGV[10] then return 2 end
if not call('ZSCORE', set, id) then return -3 end
if ARGV[4] ~= '' and ARGV[4] ~= hash[2] then return -4 end
call('ZREM', set, id)
call('HDEL', job, 'k1nForced', 'k1nPark')
if ARGV[10] ~= '' then call('HSET', job, 'k1nOp', ARGV[10]) end
if previous ~= 'delayed' then
  call('HDEL', job, 'finishedOn', 'processedOn', ARGV[3], 'k1nReason', 'k1nCancelled', 'k1nSolo')
  call('HINCRBY', job, 'k1nLives', 1)
end
local made, started = tonumber(hash[6]) or 0, tonumber(hash[7]) or 0
if ARGV[6] == '1' then
  call('HINCRBY', job, 'k1nBase', made)
  call('HDEL', job, 'atm', 'ats', 'stc')
  made, started = 0, 0
end
local forced = ARGV[9] == '1'
-- Workers look for the mark in jobs only that have been started before: so this one has.
if forced then call('HSET', job, 'k1nForced', made + 1, 'ats', math.max(1, started)) end
if ARGV[5] ~= '' then call('HSET', job, 'data', ARGV[5]) end

-- As moveChildBackToParentDependencies: the parent waits for this child again.
local parent = hash[4]
if parent and previous ~= 'delayed' and call('EXISTS', parent) == 1 then
  local back
  if previous == 'failed' then
    back = call('ZREM', parent .. ':unsuccessful', job) == 1 or call('HDEL', parent .. ':failed', job) == 1
  else
    back = call('HDEL', parent .. ':processed', job) == 1
  end
  if back then call('SADD', parent .. ':dependencies', job) end
end

local settings = call('HMGET', meta, 'opts.maxLenEvents', 'paused', 'concurrency')
local length = settings[1] or 10000
if pause > 0 then
  local due = now + pause
  local first, last = due * 4096, (due + 1) * 4096 - 1
  local newest = call('ZREVRANGEBYSCORE', delayed, last, first, 'WITHSCORES', 'LIMIT', 0, 1)[2]
  call('ZADD', delayed, newest and math.min(tonumber(newest) + 1, last) or first, id)
  call('HSET', job, 'delay', pause)
  call('XADD', events, 'MAXLEN', '~', length, '*', 'event', 'delayed', 'jobId', id, 'delay', due)
  call('ZADD', KEYS[6], tonumber(call('ZRANGE', delayed, 0, 0, 'WITHSCORES')[2]) / 4096, '1')
  return 1
end

call('HSET', job, 'delay', 0)
local priority = tonumber(hash[3]) or 0
if forced then
  -- The end from which jobs are taken, before those with a priority too; as BullMQ puts back jobs whose worker died.
  call('RPUSH', wait, id)
elseif priority == 0 then
  local ok, opts = pcall(cjson.decode, hash[5] or '{}')
  call(ok and type(opts) == 'table' and opts.lifo == true and 'RPUSH' or 'LPUSH', wait, id)
else
  call('ZADD', KEYS[7], priority * 4294967296 + call('INCR', KEYS[8]) % 4294967296, id)
end
local asleep = settings[2] or (settings[3] and call('LLEN', KEYS[5]) >= tonumber(settings[3]))
if not asleep then call('ZADD', KEYS[6], 0, '0') end
call('XADD', events, 'MAXLEN', '~', length, '*', 'event', 'waiting', 'jobId', id, 'prev', previous)
return 1
