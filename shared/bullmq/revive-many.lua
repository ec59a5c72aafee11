-- Gives dead letters of one queue another life in place, in one step, each as revive.lua would. The mark stays in the hash
-- (k1nOp): whoever asks again under the same mark is told that it was done.
-- KEYS: prefix failed wait meta active marker prioritized pc events delayed
-- ARGV: mark, reset counters (1|0), now, delay in ms, then for each: id, finishedOn it must have, new data ('' keeps it)
-- Answers for each 1, or 2 it was revived under this mark before, -1 no such job, -3 not in the set, -4 it ended at another time.
local prefix, failed, wait, meta, events, delayed = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[9], KEYS[10]
local mark, reset, now, pause = ARGV[1], ARGV[2] == '1', tonumber(ARGV[3]), tonumber(ARGV[4])
local call = redis.call
local settings = call('HMGET', meta, 'opts.maxLenEvents', 'paused', 'concurrency')
local length = settings[1] or 10000
local gone = { 'finishedOn', 'processedOn', 'failedReason', 'k1nReason', 'k1nCancelled', 'k1nSolo' }
if reset then for _, field in ipairs({ 'atm', 'ats', 'stc' }) do gone[#gone + 1] = field end end

-- A hash that lost its moment, or has one beyond the calendar, holds nothing to compare with.
local function endedElsewhen(text, moment)
  local at = tonumber(text or '')
  return at ~= nil and at >= 1 and at <= 253402300799999 and math.floor(at) ~= tonumber(moment)
end

-- As moveChildBackToParentDependencies: the parent waits for this child again.
local function tellParent(parent, job)
  if not parent or call('EXISTS', parent) == 0 then return end
  if call('ZREM', parent .. ':unsuccessful', job) == 1 or call('HDEL', parent .. ':failed', job) == 1 then
    call('SADD', parent .. ':dependencies', job)
  end
end

local first, last = (now + pause) * 4096, (now + pause + 1) * 4096 - 1
local function putOff(id)
  local newest = call('ZREVRANGEBYSCORE', delayed, last, first, 'WITHSCORES', 'LIMIT', 0, 1)[2]
  call('ZADD', delayed, newest and math.min(tonumber(newest) + 1, last) or first, id)
  call('XADD', events, 'MAXLEN', '~', length, '*', 'event', 'delayed', 'jobId', id, 'delay', now + pause)
end

local line = {}
local function putBack(id, priority, opts)
  if priority > 0 then
    call('ZADD', KEYS[7], priority * 4294967296 + call('INCR', KEYS[8]) % 4294967296, id)
  elseif string.find(opts, '"lifo":true', 1, true) then
    local ok, read = pcall(cjson.decode, opts)
    call(ok and type(read) == 'table' and read.lifo == true and 'RPUSH' or 'LPUSH', wait, id)
  else
    line[#line + 1] = id
  end
  call('XADD', events, 'MAXLEN', '~', length, '*', 'event', 'waiting', 'jobId', id, 'prev', 'failed')
end

local function revive(id, moment, data)
  local job = prefix .. id
  local hash = redis.pcall('HMGET', job, 'timestamp', 'finishedOn', 'priority', 'parentKey', 'opts', 'atm', 'k1nLives', 'k1nBase', 'k1nOp')
  if hash.err or not hash[1] then return -1 end
  if hash[9] == mark then return 2 end
  if endedElsewhen(hash[2], moment) then return -4 end
  if call('ZREM', failed, id) == 0 then return -3 end
  call('HDEL', job, unpack(gone))
  local set = { 'delay', pause, 'k1nOp', mark, 'k1nLives', (tonumber(hash[7]) or 0) + 1 }
  if reset then set[#set + 1] = 'k1nBase'; set[#set + 1] = (tonumber(hash[8]) or 0) + (tonumber(hash[6]) or 0) end
  if data ~= '' then set[#set + 1] = 'data'; set[#set + 1] = data end
  call('HSET', job, unpack(set))
  tellParent(hash[4], job)
  if pause > 0 then putOff(id) else putBack(id, tonumber(hash[3]) or 0, hash[5] or '') end
  return 1
end

local answers, revived = {}, false
for i = 5, #ARGV, 3 do
  local answer = revive(ARGV[i], ARGV[i + 1], ARGV[i + 2])
  answers[#answers + 1] = answer
  revived = revived or answer == 1
end
if #line > 0 then call('LPUSH', wait, unpack(line)) end
if revived and pause > 0 then
  call('ZADD', KEYS[6], tonumber(call('ZRANGE', delayed, 0, 0, 'WITHSCORES')[2]) / 4096, '1')
elseif revived and not (settings[2] or (settings[3] and call('LLEN', KEYS[5]) >= tonumber(settings[3]))) then
  call('ZADD', KEYS[6], 0, '0')
end
return answers
