-- Takes dead letters of one queue out of the failed set and leaves their hashes where they are, marked, so that exhuming them
-- brings back what was there byte for byte.
-- KEYS: prefix failed. ARGV: mark, then for each: id, finishedOn it must have
-- Answers for each 1, or 2 it was buried under this mark before, -1 no such job, -3 not in the set, -4 it ended at another time.
local call = redis.call
local mark = ARGV[1]

local function endedElsewhen(text, moment)
  local at = tonumber(text or '')
  return at ~= nil and at >= 1 and at <= 253402300799999 and math.floor(at) ~= tonumber(moment)
end

local function bury(id, moment)
  local job = KEYS[1] .. id
  local hash = redis.pcall('HMGET', job, 'timestamp', 'finishedOn', 'k1nBuried')
  if hash.err or not hash[1] then return -1 end
  if endedElsewhen(hash[2], moment) then return -4 end
  if hash[3] then return string.match(hash[3], ' (.*)$') == mark and 2 or -3 end
  local score = call('ZSCORE', KEYS[2], id)
  if not score then return -3 end
  call('ZREM', KEYS[2], id)
  call('HSET', job, 'k1nBuried', score .. ' ' .. mark)
  return 1
end

local answers = {}
for i = 2, #ARGV, 2 do answers[#answers + 1] = bury(ARGV[i], ARGV[i + 1]) end
return answers
