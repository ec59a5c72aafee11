-- Opens deliveries again that are to be sent once more. Answers for each whether it is known.
-- KEYS: prefix. ARGV: ids.
local known = {}
for i, id in ipairs(ARGV) do
  local key = KEYS[1] .. 'd:' .. id
  local webhook, place = unpack(redis.call('HMGET', key, 'w', 'p'))
  if webhook then
    redis.call('HSET', key, 's', 'pending', 'x', '')
    redis.call('ZADD', KEYS[1] .. 'open:' .. webhook, place or 0, id)
    redis.call('ZREM', KEYS[1] .. 'lost:' .. webhook, id)
  end
  known[i] = webhook and 1 or 0
end
return known
