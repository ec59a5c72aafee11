-- Opens deliveries again that are to be sent once more, under the mark of whoever asks, and keeps what each was before. Answers
-- for each: 0 not known, 1 opened, 2 opened under this mark before.
-- KEYS: prefix. ARGV: mark ('' none), ids.
local call, prefix, answers, mark = redis.call, KEYS[1], {}, ARGV[1]
for i = 2, #ARGV do
  local id = ARGV[i]
  local key = prefix .. 'd:' .. id
  local webhook, place, marked, status = unpack(call('HMGET', key, 'w', 'p', 'r', 's'))
  local answer = 0
  if webhook and mark ~= '' and marked == mark then answer = 2
  elseif webhook then
    answer = 1
    -- One that was opened again and not attempted since is still what it was before that.
    if status ~= 'pending' then call('HSET', key, 'b', status) end
    call('HSET', key, 's', 'pending', 'x', '', 'r', mark)
    call('ZADD', prefix .. 'open:' .. webhook, place or 0, id)
    call('ZREM', prefix .. 'lost:' .. webhook, id)
    call('ZREM', prefix .. 'ended', id)
  end
  answers[i - 1] = answer
end
return answers
