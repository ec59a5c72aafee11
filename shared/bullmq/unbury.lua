-- Puts buried dead letters of one queue back into the failed set, at the place they had, and takes their mark away.
-- KEYS: prefix failed. ARGV: mark they must have ('' any), then for each: id, finishedOn it must have
-- Answers for each 1, or -1 no such job, -3 not buried, or under another mark, -4 it ended at another time.
local call = redis.call
local mark = ARGV[1]

local function endedElsewhen(text, moment)
  local at = tonumber(text or '')
  return at ~= nil and at >= 1 and at <= 253402300799999 and math.floor(at) ~= tonumber(moment)
end

local function unbury(id, moment)
  local job = KEYS[1] .. id
  local hash = redis.pcall('HMGET', job, 'timestamp', 'finishedOn', 'k1nBuried')
  if hash.err or not hash[1] then return -1 end
  if endedElsewhen(hash[2], moment) then return -4 end
  local score, by = string.match(hash[3] or '', '^(%S+) (.*)$')
  if not score or (mark ~= '' and mark ~= by) then return -3 end
  call('ZADD', KEYS[2], score, id)
  call('HDEL', job, 'k1nBuried')
  return 1
end

local answers = {}
for i = 2, #ARGV, 2 do answers[#answers + 1] = unbury(ARGV[i], ARGV[i + 1]) end
return answers
