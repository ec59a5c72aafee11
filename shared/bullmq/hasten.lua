-- Makes delayed jobs of one queue wait for a worker now, each just as BullMQ's own promote would (hasten.test.ts compares them).
-- Answers for each: 1 it waits now, 2 it was hastened under this mark before, 0 it was not delayed, -1 there is no such job.
-- KEYS: prefix, wait, meta, delayed, active, events, marker, prioritized, pc. ARGV: mark of who asks ('' none), then ids.
local call = redis.call
local settings = call('HMGET', KEYS[3], 'paused', 'concurrency')
local asleep = settings[1] or (settings[2] and call('LLEN', KEYS[5]) >= tonumber(settings[2]))
local answers, woken = {}, false
for i = 1, #ARGV - 1 do
  local id = ARGV[i + 1]
  if call('ZREM', KEYS[4], id) == 1 then
    local priority = tonumber(call('HGET', KEYS[1] .. id, 'priority')) or 0
    if priority == 0 then call('LPUSH', KEYS[2], id)
    else call('ZADD', KEYS[8], priority * 4294967296 + call('INCR', KEYS[9]) % 4294967296, id) end
    call('XADD', KEYS[6], '*', 'event', 'waiting', 'jobId', id, 'prev', 'delayed')
    call('HSET', KEYS[1] .. id, 'delay', 0)
    if ARGV[1] ~= '' then call('HSET', KEYS[1] .. id, 'k1nOp', ARGV[1]) end
    answers[i], woken = 1, true
  elseif ARGV[1] ~= '' and call('HGET', KEYS[1] .. id, 'k1nOp') == ARGV[1] then
    answers[i] = 2
  else
    answers[i] = call('EXISTS', KEYS[1] .. id) - 1
  end
end
if woken and not asleep then call('ZADD', KEYS[7], 0, '0') end
return answers
