-- Stores many jobs of one queue in one step, each just as BullMQ's own addStandardJob, addPrioritizedJob and
-- addDelayedJob would (add.test.ts compares them). A job whose id is taken is left as it is. One that is made once leaves a
-- trace, which takes its id when it has gone, and is not made from a moment on. One that is bounded is not made while its queue is full.
-- One with a receipt is not looked at when there is a receipt at that place; else the request takes the place, and its receipt is
-- kept when the job is stored.
-- KEYS: prefix wait meta id delayed active events marker prioritized pc, then the place of each receipt
-- ARGV: stream length for a queue that has none, time in ms (-1: that of Redis), ms a trace is kept, ms a request holds its
--       place, ms a receipt is kept, letters of a fingerprint, then for each job:
--       id, name, data, options, timestamp, delay, priority, push command, moment from which it is not made ('' none: made at
--       any time, without a trace), most that may wait unless the queue says otherwise (0 any number, '' not bounded at all),
--       its receipt ('' none)
-- Answers for each job 1 stored, 0 its id is taken, -1 late, -2 its queue is full, or the receipt that was there.
local prefix, wait, meta, delayed, events, marker = KEYS[1], KEYS[2], KEYS[3], KEYS[5], KEYS[7], KEYS[8]
local call = redis.call

local settings = call('HMGET', meta, 'opts.maxLenEvents', 'paused', 'concurrency', 'k1nDepth')
local length = settings[1]
-- Nothing is written of a request that was answered before: the queue may be another by now, and not there.
local fresh = 0
local function begin()
  fresh = fresh + 1
  if length then return end
  length = ARGV[1]
  call('HSET', meta, 'opts.maxLenEvents', length)
end
local asleep = settings[2] or (settings[3] and call('LLEN', KEYS[6]) >= tonumber(settings[3]))

-- Up to 4096 jobs of one millisecond keep their order by the score's lower twelve bits.
local function delay(id, due)
  local first, last = due * 4096, (due + 1) * 4096 - 1
  local newest = call('ZREVRANGEBYSCORE', delayed, last, first, 'WITHSCORES', 'LIMIT', 0, 1)[2]
  call('ZADD', delayed, newest and math.min(tonumber(newest) + 1, last) or first, id)
  call('XADD', events, 'MAXLEN', '~', length, '*', 'event', 'delayed', 'jobId', id, 'delay', due)
end

local now = tonumber(ARGV[2])
local function late(moment)
  if now < 0 then
    local time = call('TIME')
    now = time[1] * 1000 + math.floor(time[2] / 1000)
  end
  return now >= tonumber(moment)
end

local depth
local function full(most)
  -- What others wrote there that makes no sense is no limit of the queue's own.
  local own = string.match(settings[4] or '', '^[1-9]%d*$')
  most = tonumber(own or most)
  if most == 0 then return false end
  if not depth then
    -- Only BullMQ 5 keeps a list there; a job of another service may have that name for its id.
    local paused = redis.pcall('LLEN', prefix .. 'paused')
    depth = call('LLEN', wait) + (tonumber(paused) or 0) + call('ZCARD', delayed) + call('ZCARD', KEYS[9])
  end
  return depth >= most
end

local places = 10
local function before(receipt)
  if receipt == '' then return false end
  places = places + 1
  local text = redis.pcall('GET', KEYS[places])
  return type(text) == 'table' and 'unreadable' or text
end
local function keep(receipt, answer)
  if receipt == '' then return end
  if answer == 1 then
    call('SET', KEYS[places], receipt, 'PX', ARGV[5])
  else
    call('SET', KEYS[places], 'r' .. string.sub(receipt, 2, 1 + ARGV[6]), 'PX', ARGV[4])
  end
end

local stored, woken, postponed = {}, false, false
for at = 7, #ARGV, 11 do
  local id, name, priority, untilWhen = ARGV[at], ARGV[at + 1], ARGV[at + 6], ARGV[at + 8]
  local key, wanted, trace = prefix .. id, tonumber(ARGV[at + 5]), prefix .. 'k1n-made:' .. id
  local kept = before(ARGV[at + 10])
  if not kept then begin() end
  if kept then
    stored[#stored + 1] = kept
  elseif call('EXISTS', key) == 1 then
    stored[#stored + 1] = 0
    call('XADD', events, 'MAXLEN', '~', length, '*', 'event', 'duplicated', 'jobId', id)
  elseif untilWhen ~= '' and call('EXISTS', trace) == 1 then
    stored[#stored + 1] = 0
  elseif untilWhen ~= '' and late(untilWhen) then
    stored[#stored + 1] = -1
  elseif ARGV[at + 9] ~= '' and full(ARGV[at + 9]) then
    stored[#stored + 1] = -2
  else
    stored[#stored + 1] = 1
    depth = depth and depth + 1
    if untilWhen ~= '' then call('SET', trace, '', 'PX', ARGV[3]) end
    call('HSET', key, 'name', name, 'data', ARGV[at + 2], 'opts', ARGV[at + 3], 'timestamp', ARGV[at + 4],
      'delay', ARGV[at + 5], 'priority', priority)
    call('XADD', events, '*', 'event', 'added', 'jobId', id, 'name', name)
    if wanted > 0 then
      delay(id, tonumber(ARGV[at + 4]) + wanted)
      postponed = true
    else
      if priority == '0' then
        call(ARGV[at + 7], wait, id)
      else
        call('ZADD', KEYS[9], tonumber(priority) * 4294967296 + call('INCR', KEYS[10]) % 4294967296, id)
      end
      woken = true
      call('XADD', events, 'MAXLEN', '~', length, '*', 'event', 'waiting', 'jobId', id)
    end
  end
  if not kept then keep(ARGV[at + 10], stored[#stored]) end
end
if fresh > 0 then call('INCRBY', KEYS[4], fresh) end
if woken and not asleep then call('ZADD', marker, 0, '0') end
if postponed then call('ZADD', marker, tonumber(call('ZRANGE', delayed, 0, 0, 'WITHSCORES')[2]) / 4096, '1') end
return stored
