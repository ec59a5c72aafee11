-- Removes dead letters of one queue for good, each as BullMQ's own removeJob would: buried ones, or those in the failed set.
-- KEYS: prefix failed meta events. ARGV: `buried` or `failed`, then for each: id, finishedOn or score it must have
-- Answers for each 1, or 3 the same for one that was cancelled, -1 no such job, -3 not there any more, -4 it ended at another
-- time, -5 it has a parent, which must hear of it: that is left to BullMQ.
local call = redis.call
local prefix, buried = KEYS[1], ARGV[1] == 'buried'
local length = call('HGET', KEYS[3], 'opts.maxLenEvents') or 10000

local function endedElsewhen(text, moment)
  local at = tonumber(text or '')
  return at ~= nil and at >= 1 and at <= 253402300799999 and math.floor(at) ~= tonumber(moment)
end

local function forgetDuplicates(id, deduplication)
  if not deduplication or call('GET', prefix .. 'de:' .. deduplication) ~= id then return end
  call('DEL', prefix .. 'de:' .. deduplication, prefix .. 'dn:' .. deduplication)
end

local function erase(id, moment)
  local job = prefix .. id
  local hash = redis.pcall('HMGET', job, 'timestamp', 'finishedOn', 'k1nBuried', 'parentKey', 'deid', 'k1nCancelled')
  if hash.err or not hash[1] then
    -- A member without a job is nothing that could be kept.
    if not buried then call('ZREM', KEYS[2], id) end
    return -1
  end
  if buried and not hash[3] then return -3 end
  if buried and endedElsewhen(hash[2], moment) then return -4 end
  local score = not buried and call('ZSCORE', KEYS[2], id)
  if not buried and not score then return -3 end
  if score and tonumber(score) ~= tonumber(moment) then return -4 end
  if hash[4] and hash[4] ~= '' then return -5 end
  call('ZREM', KEYS[2], id)
  forgetDuplicates(id, hash[5])
  call('UNLINK', job, job .. ':logs', job .. ':dependencies', job .. ':processed', job .. ':failed', job .. ':unsuccessful')
  call('XADD', KEYS[4], 'MAXLEN', '~', length, '*', 'event', 'removed', 'jobId', id, 'prev', 'failed')
  return hash[6] and 3 or 1
end

local answers = {}
for i = 2, #ARGV, 2 do answers[#answers + 1] = erase(ARGV[i], ARGV[i + 1]) end
return answers
