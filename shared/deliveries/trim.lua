-- Forgets the oldest deliveries that have ended. Answers how many of those that were looked at went.
-- KEYS: prefix. ARGV: made before, most to look at.
local prefix, gone = KEYS[1], 0
for _, id in ipairs(redis.call('ZRANGEBYSCORE', prefix .. 'all', '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])) do
  local key = prefix .. 'd:' .. id
  local webhook, status = unpack(redis.call('HMGET', key, 'w', 's'))
  if status ~= 'pending' and status ~= 'failed' then
    redis.call('ZREM', prefix .. 'all', id)
    if webhook then
      redis.call('ZREM', prefix .. 'of:' .. webhook, id)
      redis.call('ZREM', prefix .. 'lost:' .. webhook, id)
    end
    redis.call('DEL', key)
    gone = gone + 1
  end
end
return gone
