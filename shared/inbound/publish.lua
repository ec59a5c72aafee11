-- Decides for each event whether it came before. New ones are written into the log and remembered, in one step; of the others
-- it says what became of them.
-- KEYS: log, index of what came from outside, figures of the source, then for each event its record. ARGV: ms that records
-- live, ms that figures live, time in ms where the figures of a source are kept ('' where not), its event's id, most entries of
-- the index; then for each event its digest ('' fits any), head and data.
-- Answers for each: {1, position}; {0, position, what it started as JSON, false while that is not known}; {-1} for other content.
local answers, isNew = {}, false
for i = 4, #KEYS do
  local at = 6 + (i - 4) * 3
  local known = redis.call('HMGET', KEYS[i], 'digest', 'position', 'matched')
  if not known[1] then
    local position = redis.call('XADD', KEYS[1], '*', ARGV[at + 1], ARGV[at + 2])
    redis.call('HSET', KEYS[i], 'digest', ARGV[at], 'position', position)
    redis.call('PEXPIRE', KEYS[i], ARGV[1])
    -- It finds events sooner, and that is all: none is refused for its sake.
    redis.pcall('XADD', KEYS[2], 'MAXLEN', '~', ARGV[5], position, ARGV[at + 1], '')
    answers[i - 3], isNew = { 1, position }, true
  elseif known[1] == ARGV[at] or ARGV[at] == '' then
    answers[i - 3] = { 0, known[2], known[3] }
  else
    answers[i - 3] = { -1 }
  end
end
if ARGV[3] ~= '' then
  redis.call('HINCRBY', KEYS[3], isNew and 'received' or 'duplicates', 1)
  if isNew then redis.call('HSET', KEYS[3], 'at', ARGV[3], 'event', ARGV[4]) end
  redis.call('PEXPIRE', KEYS[3], ARGV[2])
end
return answers
