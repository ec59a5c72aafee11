-- Decides for each event whether it came before. New ones are written into the log and remembered, in one step; of the others
-- it says what became of them.
-- KEYS: log, figures of the source, then for each event its record. ARGV: ms that records live, ms that figures live, time in ms
-- where the figures of a source are kept ('' where not), its event's id; then for each event its digest ('' fits any), head and data.
-- Answers for each: {1, position}; {0, position, what it started as JSON, false while that is not known}; {-1} for other content.
local answers, isNew = {}, false
for i = 3, #KEYS do
  local at = 5 + (i - 3) * 3
  local known = redis.call('HMGET', KEYS[i], 'digest', 'position', 'matched')
  if not known[1] then
    local position = redis.call('XADD', KEYS[1], '*', ARGV[at + 1], ARGV[at + 2])
    redis.call('HSET', KEYS[i], 'digest', ARGV[at], 'position', position)
    redis.call('PEXPIRE', KEYS[i], ARGV[1])
    answers[i - 2], isNew = { 1, position }, true
  elseif known[1] == ARGV[at] or ARGV[at] == '' then
    answers[i - 2] = { 0, known[2], known[3] }
  else
    answers[i - 2] = { -1 }
  end
end
if ARGV[3] ~= '' then
  redis.call('HINCRBY', KEYS[2], isNew and 'received' or 'duplicates', 1)
  if isNew then redis.call('HSET', KEYS[2], 'at', ARGV[3], 'event', ARGV[4]) end
  redis.call('PEXPIRE', KEYS[2], ARGV[2])
end
return answers
