-- Gives dead letters, or completed jobs, of one queue another life in place, in one step, each as revive.lua would. The mark stays in the hash
-- (k1nOp): whoever asks again under the same mark is told that it was done.
-- KEYS: prefix failed (or completed) wait meta active marker prioritized pc events delayed
-- ARGV: mark, reset counters (1|0), now, delay in ms, then as JSON: ids, the finishedOn each must have, and new data of each
-- ('' keeps it; '' in place of the list keeps all), and `failed` or `completed`
-- Answers for each 1, or 2 it was revived under this mark before, -1 no such job, -3 not in the set, -4 it ended at another time.
local prefix, failed, wait, meta, events, delayed = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[9], KEYS[10]
local mark, reset, now, pause = ARGV[1], ARGV[2] == '1', tonumber(ARGV[3]), tonumber(ARGV[4])
local call = redis.call
local settings = call('HMGET', meta, 'opts.maxLenEvents', 'paused', 'concurrency')

-- A hash that lost its moment, or has one beyond the calendar, holds nothing to compare with.
local function endedElsewhen(text, moment)
  local at = tonumber(text or '')
  return at ~= nil and at >= 1 and at <= 253402300799999 and math.floor(at) ~= moment
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
  call('XADD', events, '*', 'event', 'delayed', 'jobId', id, 'delay', now + pause)
end

local line = {}
local function putBack(id, priority, opts)
  if priority and priority ~= '0' and tonumber(priority) > 0 then
    call('ZADD', KEYS[7], priority * 4294967296 + call('INCR', KEYS[8]) % 4294967296, id)
  elseif opts and string.find(opts, '"lifo":true', 1, true) then
    local ok, read = pcall(cjson.decode, opts)
    call(ok and type(read) == 'table' and read.lifo == true and 'RPUSH' or 'LPUSH', wait, id)
  else
    line[#line + 1] = id
  end
  call('XADD', events, '*', 'event', 'waiting', 'jobId', id, 'prev', ARGV[8])
end

local ids, moments = cjson.decode(ARGV[5]), cjson.decode(ARGV[6])
local patched = ARGV[7] ~= '' and cjson.decode(ARGV[7])
local places = call('ZMSCORE', failed, unpack(ids))

-- What is not where it was when it was chosen: gone, woken under this mark before, woken by others, or died again since.
local function refusal(job, place, moment)
  local hash = redis.pcall('HMGET', job, 'timestamp', 'finishedOn', 'k1nOp')
  if hash.err or not hash[1] then return -1 end
  if hash[3] == mark then return 2 end
  if endedElsewhen(hash[2], moment) then return -4 end
  return not place and -3 or nil
end

local revived = {}
local function revive(at, id, moment, data)
  local job = prefix .. id
  -- The place among the failed is the moment of death; only where that is not so, the hash is asked.
  local refused = tonumber(places[at] or '') ~= moment and refusal(job, places[at], moment)
  if refused then return refused end
  local hash = redis.pcall('HMGET', job, 'opts', 'priority', 'parentKey', 'atm', 'k1nLives', 'k1nBase', 'k1nOp')
  if hash.err or not hash[1] then return -1 end
  if hash[7] == mark then return 2 end
  revived[#revived + 1] = id
  -- Redis takes numbers as texts, and making those of numbers costs it more than anything else here.
  local lives = hash[5] and hash[5] + 1 or '1'
  if reset then
    local base = hash[6] and hash[6] + (hash[4] or 0) or hash[4] or '0'
    call('HDEL', job, 'finishedOn', 'processedOn', 'failedReason', 'returnvalue', 'atm', 'ats', 'stc', 'k1nReason', 'k1nSolo', 'k1nForced')
    call('HSET', job, 'delay', ARGV[4], 'k1nOp', mark, 'k1nLives', lives, 'k1nBase', base)
  else
    call('HDEL', job, 'finishedOn', 'processedOn', 'failedReason', 'returnvalue', 'k1nReason', 'k1nSolo', 'k1nForced')
    call('HSET', job, 'delay', ARGV[4], 'k1nOp', mark, 'k1nLives', lives)
  end
  if data and data ~= '' then call('HSET', job, 'data', data) end
  if hash[3] then tellParent(hash[3], job) end
  if pause > 0 then putOff(id) else putBack(id, hash[2], hash[1]) end
  return 1
end

local answers = {}
for at, id in ipairs(ids) do answers[at] = revive(at, id, moments[at], patched and patched[at]) end
if #revived == 0 then return answers end
call('ZREM', failed, unpack(revived))
call('XTRIM', events, 'MAXLEN', '~', settings[1] or 10000)
if #line > 0 then call('LPUSH', wait, unpack(line)) end
if pause > 0 then
  call('ZADD', KEYS[6], tonumber(call('ZRANGE', delayed, 0, 0, 'WITHSCORES')[2]) / 4096, '1')
elseif not (settings[2] or (settings[3] and call('LLEN', KEYS[5]) >= tonumber(settings[3]))) then
  call('ZADD', KEYS[6], 0, '0')
end
return answers
