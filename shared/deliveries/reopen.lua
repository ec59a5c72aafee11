-- Opens deliveries again that are to be sent once more, under the mark of whoever asks. Answers for each: 0 not known, 1 opened,
-- 2 opened under this mark before.
-- KEYS: prefix. ARGV: mark ('' none), ids.
local answers, mark = {}, ARGV[1]
for i = 2, #ARGV do
  local id = ARGV[i]
  local key = KEYS[1] .. 'd:' .. id
  local webhook, place, before = unpack(redis.call('HMGET', key, 'w', 'p', 'r'))
  local answer = 0
  if webhook and mark ~= '' and before == mark then answer = 2
  elseif webhook then
    answer = 1
    redis.call('HSET', key, 's', 'pending', 'x', '', 'r', mark)
    redis.call('ZADD', KEYS[1] .. 'open:' .. webhook, place or 0, id)
    redis.call('ZREM', KEYS[1] .. 'lost:' .. webhook, id)
    redis.call('ZREM', KEYS[1] .. 'ended', id)
  end
  answers[i - 1] = answer
end
return answers
