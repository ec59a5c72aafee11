-- Takes jobs of one queue whose time to start has passed out of wherever they wait, and puts them where BullMQ's failed ones lie,
-- marked as expired. What runs, ended, was begun once or lives again is left, and so is a child: its worker ends it, and its
-- parent hears of it.
-- KEYS: prefix, times to start, failed, meta, events. ARGV: now in ms, most to look at, the mark, the reason
-- Answers how many were looked at, then the ids of those that expired.
local call = redis.call
local prefix, times, failed, now = KEYS[1], KEYS[2], KEYS[3], tonumber(ARGV[1])
local length = call('HGET', KEYS[4], 'opts.maxLenEvents') or 10000

local function clock()
  local time = call('TIME')
  return time[1] * 1000000 + time[2]
end
local begun = clock()

-- The front of a line is its tail, and the oldest are at the front.
local function takeOut(id)
  if call('ZREM', prefix .. 'delayed', id) == 1 then return 'delayed' end
  if call('ZREM', prefix .. 'prioritized', id) == 1 then return 'waiting' end
  if call('LREM', prefix .. 'wait', -1, id) == 1 or call('LREM', prefix .. 'paused', -1, id) == 1 then return 'waiting' end
end

local function expire(id)
  local job = prefix .. id
  local hash = redis.pcall('HMGET', job, 'timestamp', 'atm', 'k1nLives', 'parentKey', 'deid', 'finishedOn', 'opts')
  if hash.err or not hash[1] or (tonumber(hash[2] or '') or 0) > 0 then return false end
  if hash[3] or hash[6] or (hash[4] and hash[4] ~= '') then return false end
  -- A note may be of another job that was refused because this one has its id.
  local ok, opts = pcall(cjson.decode, hash[7] or '')
  local own = ok and type(opts) == 'table' and type(opts.k1n) == 'table' and tonumber(opts.k1n.expires_at)
  if not own then return false end
  if own > now then return own end
  local previous = takeOut(id)
  if not previous then return false end
  call('HSET', job, 'finishedOn', now, 'failedReason', ARGV[4], 'k1nCancelled', ARGV[3], 'atm', 1)
  call('ZADD', failed, now, id)
  if hash[5] and call('GET', prefix .. 'de:' .. hash[5]) == id then call('DEL', prefix .. 'de:' .. hash[5]) end
  call('XADD', KEYS[5], 'MAXLEN', '~', length, '*', 'event', 'failed', 'jobId', id, 'failedReason', ARGV[4], 'prev', previous)
  return true
end

local looked, expired = 0, {}
for _, id in ipairs(call('ZRANGEBYSCORE', times, '-inf', now, 'LIMIT', 0, ARGV[2])) do
  local fate = expire(id)
  if fate == true then expired[#expired + 1] = id end
  if type(fate) == 'number' then call('ZADD', times, fate, id) else call('ZREM', times, id) end
  looked = looked + 1
  -- Finding one in the midst of a long line takes a while.
  if clock() - begun > 5000 then break end
end
return { looked, unpack(expired) }
